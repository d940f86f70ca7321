#include "ledger-node/chain/public/recalls.h"

#include "ledger-node/chain/public/body_checks.h"

namespace lotmark::chain {

namespace {

// The newest word on each GTIN and lot, or GTIN, stands.
constexpr std::string_view kOpen =
    "SELECT gtin, lot, block, time, reason, signer FROM recall AS r WHERE opens = 1 AND NOT EXISTS("
    "SELECT 1 FROM recall AS newer WHERE newer.gtin = r.gtin AND newer.lot IS r.lot AND "
    "newer.block > r.block) ";

Result<OpenRecall> read_recall(const store::Query& q) {
  OpenRecall r;
  r.gtin = {q.text(0)};
  if (!q.is_null(1)) r.lot = LotNumber{q.text(1)};
  r.block = q.u64(2);
  r.time = q.u64(3);
  r.reason = q.text(4);
  LM_ASSIGN(r.signer, q.fixed<KeyId>(5));
  return r;
}

// An id whose block was cut counts no more, so that an old word could be said again: none closes a recall that was
// opened after it. Closed ones need not be known, as a node that began behind a cut does not.
Status not_of_before(const PublicChain& chain, const Recall& r) {
  LM_ASSIGN(auto q, chain.database().prepare(std::string(kOpen) + "AND gtin = ? AND lot IS ?"));
  q.bind(1, r.gtin.text);
  if (r.lot) q.bind(2, r.lot->text);
  else q.bind(2, nullptr);
  LM_ASSIGN(bool row, q.step());
  if (!row || r.time >= q.u64(3)) return {};
  return fail(Errc::kTimeOrder, "the recall that stands open is of a later time");
}

}  // namespace

Result<std::optional<OpenRecall>> open_recall(const PublicChain& chain, const Gtin& gtin,
                                              const LotNumber& lot) {
  LM_ASSIGN(auto q, chain.database().prepare(std::string(kOpen) +
                                             "AND gtin = ? AND (lot = ? OR lot IS NULL) "
                                             "ORDER BY lot IS NULL LIMIT 1"));
  LM_ASSIGN(bool row, q.bind(1, gtin.text).bind(2, lot.text).step());
  if (!row) return std::optional<OpenRecall>();
  LM_ASSIGN(auto r, read_recall(q));
  return std::optional(std::move(r));
}

Result<std::vector<OpenRecall>> open_recalls(const PublicChain& chain) {
  LM_ASSIGN(auto q, chain.database().prepare(std::string(kOpen) + "ORDER BY block"));
  std::vector<OpenRecall> out;
  while (true) {
    LM_ASSIGN(bool row, q.step());
    if (!row) return out;
    LM_ASSIGN(auto r, read_recall(q));
    out.push_back(std::move(r));
  }
}

Status check_recall_body(const PublicChain& chain, const ObjectBytes& body, const Membership& judge,
                         std::vector<Digest>& once) {
  LM_ASSIGN(auto r, open<Recall>(body.bytes, chain.chain_id()));
  LM_TRY(signed_in_role(r, judge, Role::kSupervising));
  LM_TRY(not_of_before(chain, r.body));
  once.push_back(r.id);
  return {};
}

Status take_recall(const store::Database& db, const Signed<Block>& block, const Digest& chain) {
  const Bytes& object = std::get<ObjectBytes>(block.body.body).bytes;
  LM_ASSIGN(auto r, open<Recall>(object, chain));
  LM_ASSIGN(auto q, db.prepare("INSERT INTO recall(block, gtin, lot, opens, time, reason, signer) "
                               "VALUES(?, ?, ?, ?, ?, ?, ?)"));
  q.bind(1, block.body.number).bind(2, r.body.gtin.text);
  if (r.body.lot) q.bind(3, r.body.lot->text);
  else q.bind(3, nullptr);
  q.bind(4, r.body.open ? 1 : 0).bind(5, r.body.time).bind(6, r.body.reason);
  return q.bind(7, r.kid).run();
}

}  // namespace lotmark::chain
