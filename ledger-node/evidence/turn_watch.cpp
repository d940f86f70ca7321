#include "ledger-node/evidence/turn_watch.h"

namespace lotmark::node {

Result<std::optional<Bytes>> TurnWatch::see(const Signed<Turn>& turn, const Digest& chain) {
  LM_ASSIGN(auto q, db_->prepare("SELECT bytes FROM turn WHERE kid = ? AND term = ?"));
  LM_ASSIGN(bool row, q.bind(1, turn.kid).bind(2, turn.body.term).step());
  if (row) {
    const Bytes held = to_bytes(q.blob(0));
    q.reset();
    LM_ASSIGN(auto before, lotmark::open<Turn>(held, chain));
    if (before.body.asker == turn.body.asker) return std::optional<Bytes>();
    return std::optional(held);
  }
  LM_ASSIGN(auto in, db_->prepare("INSERT INTO turn(kid, term, bytes) VALUES(?, ?, ?)"));
  LM_TRY(in.bind(1, turn.kid).bind(2, turn.body.term).bind(3, turn.bytes).run());
  LM_ASSIGN(auto old, db_->prepare("DELETE FROM turn WHERE kid = ?1 AND term <= (SELECT term FROM "
                                   "turn WHERE kid = ?1 ORDER BY term DESC LIMIT 1 OFFSET ?2)"));
  LM_TRY(old.bind(1, turn.kid).bind(2, kOfSigner).run());
  return std::optional<Bytes>();
}

}  // namespace lotmark::node
