// Letting go of what is cut: bodies and all that was kept for them, in batches; what was stored for blocks that are
// final long since. A crash between two batches loses nothing: each notes how far it came.
#include "ledger-node/chain/public/cut_content.h"
#include "ledger-node/chain/public/cut_store.h"

namespace lotmark::chain {

namespace {

// Votes that are kept of a signer and term: as many as votes_of() gives.
constexpr std::uint64_t kVotesKept = 64;
// They stand within so many sizes of a vote, or it is kept.
constexpr std::uint64_t kVotesNear = 4096;

Status run_between(const store::Database& db, const char* sql, std::uint64_t from,
                   std::uint64_t to) {
  LM_ASSIGN(auto q, db.prepare(sql));
  return q.bind(1, from).bind(2, to).run();
}

// The tombstones of a range from its lots' rows, which stand as long as their blocks.
Status write_tombstones(const store::Database& db, const CutEntry& cut) {
  LM_ASSIGN(auto q, db.prepare("SELECT gtin, lot, expires, block FROM lot WHERE block >= ? AND "
                               "block <= ?"));
  q.bind(1, cut.first).bind(2, cut.last);
  std::vector<Tombstone> list;
  while (true) {
    LM_ASSIGN(bool row, q.step());
    if (!row) break;
    list.push_back({tombstone_key({q.text(0)}, {q.text(1)}), {q.u64(2)}, q.u64(3)});
  }
  std::sort(list.begin(), list.end());
  LM_ASSIGN(auto head, read_snapshot(cut.head));
  if (tombstone_root(list) != head.tombstones)
    return fail(Errc::kCorrupt, "the lots of blocks " + std::to_string(cut.first) + " to " +
                                    std::to_string(cut.last) + " are not those of the cut");
  LM_ASSIGN(auto add, db.prepare("INSERT OR IGNORE INTO tombstone(cut, key, block, day) "
                                 "VALUES(?, ?, ?, ?)"));
  for (const auto& t : list) {
    add.bind(1, cut.block).bind(2, t.key).bind(3, t.block).bind(4, day_number(t.expires));
    LM_TRY(add.run());
  }
  return {};
}

// They are in this one's, which is offered to who begins behind a cut from now on.
Status forget_states_before(const store::Database& db, const CutEntry& cut) {
  LM_ASSIGN(auto older, db.prepare("UPDATE cut SET state = NULL WHERE block < ?"));
  return older.bind(1, cut.block).run();
}

// Ids that came again while the old one's block still stood take its place.
Status drop_once(const store::Database& db, std::uint64_t from, std::uint64_t to) {
  LM_TRY(run_between(db, "DELETE FROM once WHERE block >= ? AND block < ?", from, to));
  LM_TRY(db.exec("INSERT OR IGNORE INTO once SELECT id, block FROM once_again"));
  return db.exec("DELETE FROM once_again WHERE (id, block) IN (SELECT id, block FROM once)");
}

}  // namespace

Result<std::uint64_t> PublicChain::drop_bodies(std::uint64_t blocks) {
  LM_ASSIGN(auto cut, cut_of(*this, dropped_end_));
  if (!cut || !is_final(cut->block)) return std::uint64_t{0};
  const std::uint64_t from = dropped_end_;
  const std::uint64_t to = std::min(from + blocks, cut->last + 1);
  LM_TRY(db_.transaction([&]() -> Status {
    if (from == cut->first) LM_TRY(write_tombstones(db_, *cut));
    for (const char* sql :
         {"DELETE FROM disclosure WHERE block >= ? AND block < ?",
          "DELETE FROM lot WHERE block >= ? AND block < ?",
          "DELETE FROM used WHERE block >= ? AND block < ?",
          "DELETE FROM used_serial WHERE block >= ? AND block < ?",
          "DELETE FROM block WHERE number >= ? AND number < ? AND kind IN (0, 2)"}) {
      LM_TRY(run_between(db_, sql, from, to));
    }
    LM_TRY(drop_once(db_, from, to));
    if (to > cut->last) LM_TRY(forget_states_before(db_, *cut));
    LM_ASSIGN(auto next, db_.prepare("UPDATE dropped SET next = ?"));
    return next.bind(1, to).run();
  }));
  dropped_end_ = to;
  return to - from;
}

Result<std::uint64_t> PublicChain::thin(std::uint64_t sizes) {
  LM_ASSIGN(auto at, db_.prepare("SELECT votes FROM dropped"));
  LM_ASSIGN(bool row, at.step());
  const std::uint64_t from = row ? at.u64(0) : 0;
  at.reset();
  LM_ASSIGN(const std::uint64_t end, thin_end(db_, final_size()));
  const std::uint64_t to = std::min(from + sizes, end);
  if (from >= to) return std::uint64_t{0};
  // Old receipts show the newest checkpoint before a new root key's first epoch: its votes stay.
  std::vector<std::uint64_t> shown;
  for (const std::uint64_t epoch : statements_.rolled_at()) {
    const auto first = statements_.first_of(epoch);
    if (!first || *first < from) continue;
    LM_ASSIGN(const auto newest, newest_checkpoint(from, *first));
    if (newest && newest->checkpoint.size < to) shown.push_back(newest->checkpoint.size);
  }
  LM_TRY(db_.transaction([&]() -> Status {
    LM_ASSIGN(auto votes,
              db_.prepare("DELETE FROM vote WHERE size >= ?1 AND size < ?2 AND (SELECT count(*) "
                          "FROM (SELECT 1 FROM vote AS newer WHERE newer.size > vote.size AND "
                          "newer.size <= vote.size + ?3 AND newer.kid = vote.kid AND newer.term = "
                          "vote.term ORDER BY newer.size LIMIT ?4)) = ?4"));
    std::uint64_t next_size = from;
    for (const std::uint64_t kept : shown) {
      votes.bind(1, next_size).bind(2, kept).bind(3, kVotesNear).bind(4, kVotesKept);
      LM_TRY(votes.run());
      next_size = kept + 1;
    }
    votes.bind(1, next_size).bind(2, to).bind(3, kVotesNear).bind(4, kVotesKept);
    LM_TRY(votes.run());
    // Of what it signed as primary, what is final is on the chain; one a term says that it signed in it.
    LM_ASSIGN(auto signing,
              db_.prepare("DELETE FROM signing WHERE number >= ?1 AND number < ?2 AND EXISTS("
                          "SELECT 1 FROM signing AS newer WHERE newer.term = signing.term AND "
                          "newer.number > signing.number)"));
    LM_TRY(signing.bind(1, from).bind(2, to).run());
    LM_ASSIGN(auto next, db_.prepare("UPDATE dropped SET votes = ?"));
    return next.bind(1, to).run();
  }));
  return to - from;
}

Status PublicChain::store_cut(const Signed<Block>& block, const CutContent& content) {
  const auto& cut = std::get<CutBody>(block.body.body);
  LM_ASSIGN(
      auto q,
      db_.prepare(
          "INSERT OR REPLACE INTO cut(block, first, last, head, state) VALUES(?, ?, ?, ?, ?)"));
  q.bind(1, block.body.number).bind(2, cut.first).bind(3, cut.last);
  q.bind(4, content.head);
  if (content.state.empty()) q.bind(5, nullptr);
  else q.bind(5, content.state);
  LM_TRY(q.run());
  changed_ = true;
  cut_end_ = std::max(cut_end_, cut.last + 1);
  return {};
}

Status PublicChain::load_cuts() {
  LM_ASSIGN(auto cut, db_.prepare("SELECT last FROM cut ORDER BY block DESC LIMIT 1"));
  LM_ASSIGN(bool row, cut.step());
  cut_end_ = row ? cut.u64(0) + 1 : 1;
  LM_ASSIGN(auto dropped, db_.prepare("SELECT next FROM dropped"));
  LM_ASSIGN(bool known, dropped.step());
  dropped_end_ = known ? dropped.u64(0) : 1;
  return {};
}

// Ids of blocks in a cut range count no more, whether or not their rows are gone yet. Where the second block is cut as
// well before the first has gone, the second's row takes the first's place: the first's cut was final when the second's
// was flagged, so that only the second's may be taken back.
Status PublicChain::store_once(const Digest& id, std::uint64_t number) {
  LM_ASSIGN(auto q, db_.prepare("INSERT INTO once(id, block) VALUES(?, ?)"));
  Status done = q.bind(1, id).bind(2, number).run();
  if (done || done.code() != Errc::kConflict) return done;
  LM_ASSIGN(const auto newest, block_of(id));
  if (!newest || *newest >= cut_end_) return Errc::kListDuplicate;
  LM_ASSIGN(auto moved, db_.prepare("UPDATE once SET block = ? WHERE id = ?"));
  LM_TRY(moved.bind(1, *newest).bind(2, id).run());
  LM_ASSIGN(auto again, db_.prepare("INSERT OR REPLACE INTO once_again(id, block) VALUES(?, ?)"));
  return again.bind(1, id).bind(2, number).run();
}

}  // namespace lotmark::chain
