#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "ledger-node/chain/private/audit_state.h"

namespace lotmark::chain {

bool of_event(const AuditFault& f) {
  // A table that is missing or another one has neither row nor name.
  const bool named = f.row.has_value() || !f.what.empty();
  return named && (f.table.starts_with("event") || f.table.starts_with("access") ||
                   f.table == "capture_job");
}

bool of_left_over_keys(const AuditFault& f) {
  return f.table == "segment_key" && f.what == kLeftOver;
}

bool names_its_lots(const AuditReport& report) {
  return report.more == 0 && std::ranges::all_of(report.faults, [](const auto& f) {
           const bool row = f.table == "intake" && f.row;
           const bool period = f.table == "period_record" && (f.row || f.block);
           return !f.lot.empty() || row || period || of_event(f) || of_left_over_keys(f);
         });
}

using Json = nlohmann::json;

std::string to_line(const AuditFault& f) {
  std::string out = f.node.empty() ? f.table : f.node + ": " + f.table;
  if (f.row) out += fmt::format(" row {}", *f.row);
  if (!f.what.empty()) out += fmt::format(" ({})", f.what);
  if (!f.lot.empty()) out += " of lot " + f.lot;
  out += ": " + f.text;
  if (f.block) out += fmt::format(" (block {})", *f.block);
  return out;
}

namespace {

std::string why_closed(const AuditReport& r, std::size_t opening_keys) {
  if (opening_keys == 0) return "no key at hand (--opening-key)";
  const bool none = r.not_opened == r.sealed;
  if (opening_keys == 1)
    return none ? "the key given (--opening-key) opens none of them"
                : "the key given (--opening-key) does not open these";
  return none ? "the keys given (--opening-key) open none of them"
              : "the keys given (--opening-key) do not open these";
}

}  // namespace

std::string to_text(const AuditReport& r, std::size_t opening_keys) {
  std::string out;
  for (const auto& f : r.faults) out += to_line(f) + "\n";
  if (r.more != 0) out += fmt::format("and {} more\n", r.more);
  for (const auto& f : r.remarks) out += "remark: " + to_line(f) + "\n";
  out += fmt::format(
      "{} blocks, {} heads, {} lots; {} bundles with {} readings, {} gaps; {} received; "
      "{} reviews; {} batches, {} records, {} transactions, {} claims, {} arrivals, {} "
      "disclosures; {} events, {} period records{}{}\n",
      r.blocks, r.heads, r.lots, r.bundles, r.readings, r.gaps, r.received, r.reviews, r.batches,
      r.records, r.transactions, r.claims, r.arrivals, r.disclosures, r.events, r.period_records,
      r.sealed == 0 ? std::string() : fmt::format("; {} segments sealed", r.sealed),
      r.serials == 0 ? std::string() : fmt::format("; {} serials", r.serials));
  if (r.not_opened != 0)
    out += fmt::format(
        "{} of them sealed, not opened: {}; their commitments were checked, their contents not\n",
        r.not_opened, why_closed(r, opening_keys));
  if (r.raw_data != 0)
    out += fmt::format(
        "{} sensor reports name a bundle: {} one that is not in the intake log, {} with values "
        "outside it\n",
        r.raw_data, r.raw_data_missing, r.raw_data_outside);
  if (!r.node.empty()) out += "the files of " + r.node + "\n";
  out += r.ok() ? "audit ok\n" : fmt::format("audit found {} faults\n", r.faults.size() + r.more);
  return out;
}

namespace {

Json list_of(const std::vector<AuditFault>& faults) {
  Json out = Json::array();
  for (const auto& f : faults) {
    out.push_back({{"node", f.node.empty() ? Json() : Json(f.node)},
                   {"table", f.table},
                   {"row", f.row ? Json(*f.row) : Json()},
                   {"what", f.what},
                   {"lot", f.lot.empty() ? Json() : Json(f.lot)},
                   {"block", f.block ? Json(*f.block) : Json()},
                   {"error", std::string(name(f.error))},
                   {"text", f.text},
                   {"line", to_line(f)}});
  }
  return out;
}

}  // namespace

Json to_json(const AuditReport& r) {
  Json checked;
  for (const auto& count : AuditCounts::kAll) checked[count.name] = r.*count.value;
  return {{"ok", r.ok()},
          {"node", r.node.empty() ? Json() : Json(r.node)},
          {"faults", list_of(r.faults)},
          {"more", r.more},
          {"remarks", list_of(r.remarks)},
          {"checked", std::move(checked)}};
}

}  // namespace lotmark::chain
