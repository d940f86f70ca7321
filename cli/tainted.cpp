#include "cli/tainted.h"

#include <algorithm>

#include "cli/node/control.h"
#include "core/base/clock.h"
#include "core/base/hex.h"

namespace lotmark::cli {

namespace {

Result<std::string> query_of(const TaintedArguments& a) {
  if (!fixed_from_hex<KeyId>(a.kid)) return fail(Errc::kUsage, "--key is a kid: 32 hex digits");
  const std::string path = "/control/v1/tainted?key=" + a.kid;
  const bool number = !a.since.empty() && a.since.size() <= 15 &&
                      std::ranges::all_of(a.since, [](char c) { return c >= '0' && c <= '9'; });
  if (number) return path + "&since=" + a.since;
  const auto time = from_iso(a.since);
  if (!time) return fail(Errc::kUsage, "--since is a block's number or a time: 2026-01-05T08:00Z");
  return path + "&since_ms=" + std::to_string(to_ms(*time));
}

std::string joined(const nlohmann::json& words) {
  std::string text;
  for (const auto& w : words) {
    if (!w.is_string()) continue;
    text += (text.empty() ? "" : ", ") + w.get<std::string>();
  }
  return text;
}

}  // namespace

Exit run_tainted(const TaintedArguments& a, Output& out) {
  const auto path = query_of(a);
  if (!path) return out.error(path.error());
  const auto control = Control::open(a.profile);
  if (!control) return out.error(control.error());
  const auto answer = control->get(*path);
  if (!answer) return out.error(answer.error());
  const nlohmann::json lots = answer->value("lots", nlohmann::json::array());
  const Exit exit = lots.empty() ? Exit::kDone : Exit::kFailed;
  if (out.json) {
    const Exit shown = out.value(*answer);
    return shown == Exit::kDone ? exit : shown;
  }
  const std::string since = " from block " + text_of(*answer, "since") + " on";
  if (lots.empty()) {
    out.line("no lot rests on that key" + since, Paint::kGood);
  } else {
    Table table{{"gtin", "lot", "block", "enterprise", "product", "rests on it by"}, {}};
    for (const auto& lot : lots) {
      table.rows.push_back({{text_of(lot, "gtin"), text_of(lot, "lot"), text_of(lot, "block"),
                             text_of(lot, "enterprise"), text_of(lot, "product"),
                             joined(lot.value("why", nlohmann::json::array()))},
                            Paint::kBad});
    }
    out.table(table);
    out.line(std::to_string(lots.size()) + " lots rest on the key of " + text_of(*answer, "owner") +
             since);
  }
  if (!answer->value("private", false))
    out.line("Seen from the chain alone: an enterprise's or reviewer's node knows of records too.",
             Paint::kDim);
  return exit;
}

}  // namespace lotmark::cli
