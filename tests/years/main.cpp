// lotmark-years: how big a node's chain.db is after many years of releasing and cutting.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cmath>
#include <iostream>

#include "tests/unit/chain/temp_folder.h"
#include "tests/years/years.h"

namespace {

using lotmark::years::Options;
using lotmark::years::Years;

constexpr double kBytesMax = 100;  // a cut lot
constexpr double kBodiesWithin = 0.05;

int judge(const Years& years) {
  const double bytes = years.bytes_a_cut_lot();
  const double ratio = years.bodies_ratio();
  const bool small = bytes <= kBytesMax;
  const bool flat = std::abs(ratio - 1) <= kBodiesWithin;
  std::cout << fmt::format("years bytes_a_cut_lot={:.1f} bodies_last_over_flat={:.4f} ok={}\n",
                           bytes, ratio, small && flat ? "yes" : "no");
  return small && flat ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  Options o;
  CLI::App app{"simulates years of releases, retention and cutting on one chain.db"};
  app.footer("Example: lotmark-years --years 12 --lots 20 --validity 2 --retention 1");
  app.add_option("--lots", o.lots_a_day, "lots a day")->check(CLI::Range(1, 1000));
  app.add_option("--period-days", o.days_a_period, "days a period block")->check(CLI::Range(1, 90));
  app.add_option("--years", o.years, "years")->check(CLI::Range(2, 100));
  app.add_option("--validity", o.validity, "years to expiry")->check(CLI::Range(1, 10));
  app.add_option("--audit-months", o.months_an_audit, "months from audit to audit")
      ->check(CLI::Range(1, 12));
  app.add_option("--retention", o.retention, "years after it")->check(CLI::Range(0, 50));
  CLI11_PARSE(app, argc, argv);
  if (o.flat_from() >= o.years) {
    std::cerr << "lotmark-years: nothing is flat before the last year: more years\n";
    return 2;
  }
  lotmark::test::TempFolder folder;
  Years years(o, folder / "");
  if (const auto s = years.run(std::cout); !s) {
    std::cerr << "lotmark-years: " << s.error().message() << "\n";
    return 1;
  }
  return judge(years);
}
