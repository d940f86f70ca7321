#include "cli/usage.h"

#include <fmt/format.h>

#include "cli/entries.h"
#include "cli/named_serials.h"
#include "cli/node/control.h"
#include "core/gs1/digital_link.h"
#include "core/wire/limits.h"
#include "core/wire/usage.h"

namespace lotmark::cli {

namespace {

Result<Usage> usage_of(const UsageReportArguments& a) {
  Usage u;
  u.gtin = {gs1::pad_gtin(a.gtin)};
  u.lot = {a.lot};
  if (!valid(u.gtin)) return fail(Errc::kUsage, a.gtin + " is no GTIN");
  if (!valid(u.lot)) return fail(Errc::kUsage, a.lot + " is no lot number");
  LM_ASSIGN(u.kind, word_of<UsageKind>(a.kind, "--kind"));
  if (!a.serials.empty()) {
    LM_ASSIGN(u.serials, read_named_serials(a.serials, limits::kUsageSerials, "a report"));
  }
  u.count = a.count.value_or(u.serials.size());
  if (u.count == 0) return fail(Errc::kUsage, "how many: --serials FILE or --count N");
  if (u.count < u.serials.size())
    return fail(Errc::kUsage, fmt::format("--count {} is less than the {} serials in {}", u.count,
                                          u.serials.size(), a.serials));
  u.time = now_ms();
  return u;
}

void say_sums(const nlohmann::json& use, Output& out) {
  const auto units = use.value("units", nlohmann::json::object());
  std::string sums;
  for (std::int64_t i = 0; i < kEnumCount<UsageKind>; ++i) {
    const std::string kind(name(static_cast<UsageKind>(i)));
    sums += (sums.empty() ? "" : ", ") + kind + " " + text_of(units, kind.c_str());
  }
  out.line(sums + " units, in " + text_of(use, "reports") + " reports");
  if (number_of(use, "again") != 0) {
    std::string line = text_of(use, "again") + " serials came again:";
    for (const auto& serial : use.value("again_serials", nlohmann::json::array())) {
      if (serial.is_string()) line += " " + serial.get<std::string>();
    }
    out.line(line, Paint::kWarn);
  }
  if (!use.value("all_read", true))
    out.line("of the first " + text_of(use, "serials_read") +
                 " serials; lotmark audit looks at all of them",
             Paint::kWarn);
}

}  // namespace

Exit run_usage_report(const UsageReportArguments& a, Output& out) {
  const auto usage = usage_of(a);
  if (!usage) return out.error(usage.error());
  const auto control = Control::open(a.profile);
  if (!control) return out.error(control.error());
  return submit(*control, SignedName<Usage>::value, encode(*usage), out);
}

Exit run_usage_show(const UsageShowArguments& a, Output& out) {
  const auto control = Control::open(a.profile);
  if (!control) return out.error(control.error());
  const auto use = control->get("/control/v1/usage?gtin=" + gs1::pad_gtin(a.gtin) +
                                "&lot=" + http::percent_encode(a.lot));
  if (!use) return out.error(use.error());
  if (out.json) return out.value(*use);
  if (number_of(*use, "reports") == 0) {
    out.line("nobody reported any use of it");
    return Exit::kDone;
  }
  say_sums(*use, out);
  show_rows(use->value("list", nlohmann::json::array()),
            {"block", "by_name", "kind", "count", "serials", "time", "id"}, out);
  return Exit::kDone;
}

}  // namespace lotmark::cli
