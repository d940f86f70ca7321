#include "ledger-node/chain/public/rebuild_cut.h"

#include "core/wire/limits.h"
#include "ledger-node/chain/public/cut_store.h"
#include "ledger-node/chain/public/join.h"
#include "ledger-node/chain/public/rows.h"
#include "ledger-node/chain/public/schema.h"

namespace lotmark::chain {

namespace {

constexpr std::size_t kCutsMax = 100'000;
constexpr std::size_t kStatementsMax = 100'000;
constexpr std::size_t kVotesMax = 4096;  // the newest; a quorum is among them

// Leaves, kept blocks and tombstones as the old file has them.
class OldParts final : public JoinParts {
 public:
  static Result<OldParts> open(const store::Database& old, std::uint64_t cut_block) {
    LM_ASSIGN(auto tree, store::StoredTree::open(old, kTree));
    LM_ASSIGN(auto kept, old.prepare("SELECT bytes FROM block WHERE number > 0 AND number < ? AND "
                                     "kind NOT IN (0, 2) ORDER BY number"));
    kept.bind(1, cut_block);
    return OldParts(old, std::move(tree), std::move(kept));
  }
  const store::StoredTree& tree() const { return tree_; }

  Result<Digest> leaf(std::uint64_t n) const override { return tree_.leaf(n); }
  Result<std::optional<Bytes>> next_kept() override {
    LM_ASSIGN(const bool row, kept_.step());
    return row ? std::optional(to_bytes(kept_.blob(0))) : std::nullopt;
  }
  Result<std::vector<Tombstone>> tombstones(const SnapshotHead& cut) override {
    std::vector<Tombstone> out;
    LM_ASSIGN(const auto rows,
              Rows(old_).read("SELECT key, tombstone.block, day FROM tombstone JOIN cut ON "
                              "cut.block = tombstone.cut WHERE first = ? ORDER BY key, "
                              "tombstone.block",
                              {Cell::of(cut.first)}, limits::kCutBlocks));
    for (const auto& r : rows) {
      const auto key = Digest::from(r[0].bytes);
      if (!key) return fail(Errc::kCorrupt, "a tombstone's key is no hash");
      out.push_back({*key, expires_of(r[2].count()), r[1].count()});
    }
    return out;
  }

 private:
  OldParts(const store::Database& old, store::StoredTree tree, store::Query kept)
      : old_(old), tree_(std::move(tree)), kept_(std::move(kept)) {}
  const store::Database& old_;
  store::StoredTree tree_;
  store::Query kept_;
};

// Votes of the newest size that has a quorum, each with the path to the cut's block.
Result<std::vector<Bytes>> votes_above(const Rows& rows, const proof::Statements& held,
                                       const store::StoredTree& tree, std::uint64_t block) {
  LM_ASSIGN(const auto all,
            rows.read("SELECT bytes FROM vote WHERE size > ? AND size <= ? ORDER BY size DESC, "
                      "term DESC, kid",
                      {Cell::of(block), Cell::of(tree.size())}, kVotesMax));
  std::vector<Vote> same;
  const auto complete = [&] {
    const Membership* judge = same.empty() ? nullptr : held.of_size(same.front().claims.size);
    return judge != nullptr && same.size() >= judge->quorum;
  };
  for (const auto& row : all) {
    auto vote = read_vote(row[0].bytes, held.chain(), false);
    if (!vote) continue;
    const bool next = !same.empty() && (same.front().claims.size != vote->claims.size ||
                                        same.front().claims.term != vote->claims.term);
    if (next && complete()) break;
    if (next) same.clear();
    same.push_back(*std::move(vote));
  }
  if (!complete()) return fail(Errc::kQuorum, "the cut is not final by the votes that are left");
  LM_ASSIGN(auto path, tree.inclusion(block, same.front().claims.size));
  const InclusionProof proof{same.front().claims.size, block, std::move(path)};
  std::vector<Bytes> out;
  for (const auto& v : same) out.push_back(with_proof(v, proof));
  return out;
}

Result<proof::Statements> statements_in(const Rows& rows, const PublicChain& fresh,
                                        std::vector<Bytes>& objects) {
  LM_ASSIGN(const auto anchor, read_anchor(fresh.anchor_bytes()));
  LM_ASSIGN(auto held, proof::Statements::from_roots(anchor));
  LM_ASSIGN(const auto all,
            rows.read("SELECT object FROM statement ORDER BY epoch", {}, kStatementsMax));
  for (const auto& row : all) {
    LM_TRY(held.append(row[0].bytes));
    objects.push_back(row[0].bytes);
  }
  return held;
}

}  // namespace

Status begin_behind_cut(const store::Database& old, PublicChain& fresh) {
  const Rows rows(old);
  LM_ASSIGN(const auto newest,
            rows.read("SELECT block, state FROM cut WHERE state IS NOT NULL AND last < (SELECT "
                      "next FROM dropped) ORDER BY block DESC LIMIT 1"));
  if (newest.empty()) return fail(Errc::kNotFound, "nothing was dropped");
  const std::uint64_t block = newest.front()[0].count();
  JoinOffer offer;
  offer.state = newest.front()[1].bytes;
  LM_ASSIGN(const auto heads, rows.read("SELECT head FROM cut WHERE block <= ? ORDER BY first",
                                        {Cell::of(block)}, kCutsMax));
  for (const auto& row : heads) offer.heads.push_back(row[0].bytes);
  LM_ASSIGN(const auto cut,
            rows.read("SELECT bytes FROM block WHERE number = ?", {Cell::of(block)}));
  if (cut.empty()) return fail(Errc::kNotFound, "the cut's block is not there");
  LM_ASSIGN(const auto held, statements_in(rows, fresh, offer.statements));
  LM_ASSIGN(auto parts, OldParts::open(old, block));
  LM_ASSIGN(const auto votes, votes_above(rows, held, parts.tree(), block));
  LM_ASSIGN(offer.cut_block, with_votes(cut.front()[0].bytes, votes));
  LM_ASSIGN(const auto point, check_offer(fresh, offer));
  return install(fresh, point, parts);
}

}  // namespace lotmark::chain
