// Reports of use as the blocks hold them, and what they say of a lot together (docs/format/usage.md).
#include "core/proof/lot_objects.h"
#include "ledger-node/chain/private/audit_state.h"

namespace lotmark::chain {

Status read_usages(const AuditReader& reader, const AuditScope& scope, const PeriodBody& body,
                   const Membership& judge, std::vector<SeenUsage>& out) {
  std::vector<SeenUsage> later;  // within a block those of kind sold come first
  for (const auto& o : body.events) {
    const auto label = peek(o.bytes);
    if (!label || label->type != SignedName<Usage>::value) continue;
    LM_ASSIGN(auto u, open<Usage>(o.bytes, reader.chain.chain_id()));
    LM_TRY(proof::signed_by_member(u, judge, Role::kAgency, Errc::kCoseKid));
    Usage& x = u.body;
    if (!scope.lot.empty() &&
        (x.lot.text != scope.lot || (!scope.gtin.empty() && x.gtin.text != scope.gtin)))
      continue;
    (x.kind == UsageKind::kSold ? out : later)
        .push_back({x.gtin.text, x.lot.text, x.kind, x.count, std::move(x.serials)});
  }
  std::move(later.begin(), later.end(), std::back_inserter(out));
  return {};
}

void AuditBook::add_usage(const SeenUsage& u) {
  auto sum = ask(
      "INSERT INTO used(gtin, lot, kind, reports, units) VALUES(?, ?, ?, 1, ?) ON CONFLICT(gtin, "
      "lot, kind) DO UPDATE SET reports = reports + 1, units = units + excluded.units");
  auto look = ask("SELECT state, again FROM used_serial WHERE gtin = ? AND lot = ? AND serial = ?");
  auto keep =
      ask("INSERT OR REPLACE INTO used_serial(gtin, lot, serial, state, again) "
          "VALUES(?, ?, ?, ?, ?)");
  if (!sum || !look || !keep) return;
  run(sum->bind(1, u.gtin).bind(2, u.lot).bind(3, static_cast<int>(u.kind)).bind(4, u.units));
  for (const auto& serial : u.serials) {
    const bool seen = step(look->bind(1, u.gtin).bind(2, u.lot).bind(3, serial));
    const auto state = seen ? static_cast<SerialState>(look->integer(0)) : SerialState::kUnseen;
    const bool again = (seen && look->integer(1) != 0) || comes_again(state, u.kind);
    look->reset();
    keep->bind(1, u.gtin).bind(2, u.lot).bind(3, serial);
    run(keep->bind(4, static_cast<int>(after(state, u.kind))).bind(5, again ? 1 : 0));
  }
}

SheetUse AuditBook::use_of(std::string_view gtin, std::string_view lot, std::size_t named) const {
  SheetUse out;
  auto sums = ask("SELECT kind, reports, units FROM used WHERE gtin = ? AND lot = ?");
  if (!sums) return out;
  sums->bind(1, gtin).bind(2, lot);
  while (step(*sums)) {
    if (sums->u64(0) >= out.units.size()) continue;
    out.reports += sums->u64(1);
    out.units[sums->u64(0)] = sums->u64(2);
  }
  auto again =
      ask("SELECT serial FROM used_serial WHERE gtin = ? AND lot = ? AND again = 1 "
          "ORDER BY serial");
  if (!again || out.reports == 0) return out;
  again->bind(1, gtin).bind(2, lot);
  while (step(*again)) {
    if (out.again++ < named) out.again_serials.push_back(again->text(0));
  }
  return out;
}

}  // namespace lotmark::chain
