#include "ledger-node/chain/private/received_log.h"

namespace lotmark::chain {

Result<ReceivedLog> ReceivedLog::open(const store::Database& db, const Signer& signer,
                                      Digest chain) {
  ReceivedLog log(db, signer, chain);
  LM_ASSIGN(auto q, db.prepare("SELECT id FROM received ORDER BY idx"));
  while (true) {
    LM_ASSIGN(bool row, q.step());
    if (!row) break;
    LM_ASSIGN(auto id, q.fixed<Digest>(0));
    log.tree_.append(merkle::leaf_hash(id.view()));
  }
  return log;
}

static Result<std::optional<ReceivedLog::Entry>> read_entry(store::Query& q) {
  LM_ASSIGN(bool row, q.step());
  if (!row) return std::optional<ReceivedLog::Entry>();
  ReceivedLog::Entry e;
  e.index = q.u64(0);
  e.at = q.u64(1);
  LM_ASSIGN(e.signer, q.fixed<KeyId>(2));
  e.type = q.text(3);
  e.object = to_bytes(q.blob(4));
  e.arrival = to_bytes(q.blob(5));
  return std::optional(std::move(e));
}

Result<std::optional<ReceivedLog::Entry>> ReceivedLog::find(const Digest& id) const {
  LM_ASSIGN(
      auto q,
      db_->prepare("SELECT idx, at, signer, type, object, arrival FROM received WHERE id = ?"));
  q.bind(1, id);
  return read_entry(q);
}

Result<std::optional<ReceivedLog::Entry>> ReceivedLog::newest(const KeyId& signer,
                                                              std::string_view type) const {
  LM_ASSIGN(auto q, db_->prepare("SELECT idx, at, signer, type, object, arrival FROM received "
                                 "WHERE signer = ? AND type = ? ORDER BY idx DESC LIMIT 1"));
  q.bind(1, signer).bind(2, type);
  return read_entry(q);
}

Result<Bytes> ReceivedLog::log(const Digest& id, std::string_view type, const KeyId& signer,
                               ByteView object, Time now) {
  LM_ASSIGN(auto known, find(id));
  if (known) return known->arrival;
  const std::uint64_t index = tree_.size();
  const auto at = static_cast<std::uint64_t>(to_ms(now));
  LM_ASSIGN(auto arrival, seal(Arrival{id, at, index}, *signer_, chain_));
  LM_ASSIGN(auto q, db_->prepare("INSERT INTO received(idx, id, type, signer, at, object, arrival) "
                                 "VALUES(?, ?, ?, ?, ?, ?, ?)"));
  q.bind(1, index).bind(2, id).bind(3, type).bind(4, signer).bind(5, at).bind(6, object);
  q.bind(7, arrival.bytes);
  LM_TRY(q.run());
  tree_.append(merkle::leaf_hash(id.view()));
  return arrival.bytes;
}

Head make_head(LogKind log, const merkle::MemoryTree& tree, std::uint64_t prior, Time now) {
  return make_head(log, tree, tree.size(), prior, now);
}

Head make_head(LogKind log, const merkle::MemoryTree& tree, std::uint64_t size, std::uint64_t prior,
               Time now) {
  Head h;
  h.log = log;
  h.size = size;
  h.root = tree.root_at(size);
  h.time = static_cast<std::uint64_t>(to_ms(now));
  h.prior = prior;
  h.path = merkle::consistency_path(tree, prior, size);
  return h;
}

}  // namespace lotmark::chain
