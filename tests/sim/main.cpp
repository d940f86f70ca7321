// lotmark-sim: runs seeds of the cluster simulator (tests/sim/README.md). scripts/sim builds and calls it.
#include <fmt/format.h>
#include <unistd.h>

#include <charconv>
#include <cstdio>
#include <ctime>
#include <string_view>

#include "tests/sim/seed_run.h"
#include "tests/sim/workers.h"

namespace {

constexpr const char* kUsage =
    "usage: lotmark-sim [--seeds N] [--first S] [--jobs J]   seeds S (1) to S+N-1 over J "
    "processes\n"
    "       lotmark-sim --seed S [--loud]                    one seed, and what happened in it\n";

bool number(std::string_view text, std::uint64_t& out) {
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), out);
  return ec == std::errc() && end == text.data() + text.size();
}

int one(std::uint64_t seed, bool loud) {
  const lotmark::sim::RunFolder folder;
  const auto r = lotmark::sim::run_seed(seed, folder.path(), {.loud = loud});
  lotmark::sim::print_report(r);
  fmt::print("sim seeds=1 violations={}\n", r.violation ? 1 : 0);
  return r.violation ? 1 : 0;
}

}  // namespace

int main(int argc, char** argv) {
  std::uint64_t seeds = 100;
  std::uint64_t first = 1;
  std::uint64_t seed = 0;
  std::uint64_t jobs = 1;
  bool single = false;
  bool loud = false;
  for (int i = 1; i < argc; ++i) {
    const std::string_view word = argv[i];
    const std::string_view value = i + 1 < argc ? argv[i + 1] : "";
    bool ok = true;
    if (word == "--loud") loud = true;
    else if (word == "--seeds") ok = number(value, seeds), ++i;
    else if (word == "--first") ok = number(value, first), ++i;
    else if (word == "--jobs") ok = number(value, jobs) && jobs > 0 && jobs <= 64, ++i;
    else if (word == "--seed") ok = single = number(value, seed), ++i;
    else ok = false;
    if (!ok) {
      std::fputs(kUsage, stderr);
      return 2;
    }
  }
  return single ? one(seed, loud) : lotmark::sim::run_many(first, seeds, jobs);
}
