#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "ledger-node/chain/private/audit.h"

namespace lotmark::chain {

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

std::string to_text(const AuditReport& r) {
  std::string out;
  for (const auto& f : r.faults) out += to_line(f) + "\n";
  if (r.more != 0) out += fmt::format("and {} more\n", r.more);
  out += fmt::format(
      "{} blocks, {} heads, {} lots; {} bundles with {} readings, {} gaps; {} received; "
      "{} reviews; {} batches, {} records, {} transactions, {} claims, {} arrivals, {} "
      "disclosures\n",
      r.blocks, r.heads, r.lots, r.bundles, r.readings, r.gaps, r.received, r.reviews, r.batches,
      r.records, r.transactions, r.claims, r.arrivals, r.disclosures);
  if (!r.node.empty()) out += "the files of " + r.node + "\n";
  out += r.ok() ? "audit ok\n" : fmt::format("audit found {} faults\n", r.faults.size() + r.more);
  return out;
}

Json to_json(const AuditReport& r) {
  Json faults = Json::array();
  for (const auto& f : r.faults) {
    faults.push_back({{"node", f.node.empty() ? Json() : Json(f.node)},
                      {"table", f.table},
                      {"row", f.row ? Json(*f.row) : Json()},
                      {"what", f.what},
                      {"lot", f.lot.empty() ? Json() : Json(f.lot)},
                      {"block", f.block ? Json(*f.block) : Json()},
                      {"error", std::string(name(f.error))},
                      {"text", f.text},
                      {"line", to_line(f)}});
  }
  Json checked;
  for (const auto& count : AuditCounts::kAll) checked[count.name] = r.*count.value;
  return {{"ok", r.ok()},
          {"node", r.node.empty() ? Json() : Json(r.node)},
          {"faults", std::move(faults)},
          {"more", r.more},
          {"checked", std::move(checked)}};
}

}  // namespace lotmark::chain
