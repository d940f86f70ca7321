#include "ledger-node/chain/public/check.h"

#include "core/base/hex.h"
#include "core/crypto/sha256.h"
#include "ledger-node/chain/public/schema.h"

namespace lotmark::chain {

std::string Fault::text() const {
  std::string out = table;
  for (const auto& part : {row, column}) {
    if (!part.empty()) out += " " + part;
  }
  return out + ": " + what;
}

std::string_view name(CheckPart part) {
  constexpr std::string_view kNames[] = {"blocks", "tree",       "strays",
                                         "votes",  "past-votes", "disclosures",
                                         "memory", "tombstones", "done"};
  return kNames[static_cast<std::size_t>(part)];
}

Result<ChainCheck> ChainCheck::begin(const store::Database& db, ByteView anchor,
                                     CheckOptions options) {
  LM_ASSIGN(auto parsed, read_anchor(anchor));
  LM_ASSIGN(auto statements, proof::Statements::from_roots(parsed));
  return ChainCheck(db, to_bytes(anchor), std::move(statements), std::move(options));
}

Result<bool> ChainCheck::step(std::uint64_t rows, std::vector<Fault>& faults) {
  LM_TRY(rows_.database().exec("SAVEPOINT chain_check"));  // what is read is of one moment
  before_.reset();
  if (place_.part == CheckPart::kBlocks && place_.at == 0) tree_damaged_ = false;
  const std::size_t found = faults.size();
  const CheckPart looked_at = place_.part;
  Status done = load_statements();
  if (done) done = load_size(faults);
  if (done) done = load_dropped(faults);
  if (done && place_.part >= CheckPart::kVotes) load_tree();
  if (done) {
    read_before_ = rows_.bytes();
    newest_.clear();
    done = look(rows, faults);
  } else if (done.code() != Errc::kCorrupt) {
    (void)end_moment();
    return done.error();
  }
  for (std::size_t i = found; i < faults.size(); ++i) {
    const Remedy r = faults[i].remedy;
    tree_damaged_ = tree_damaged_ || r == Remedy::kTree || r == Remedy::kBlock;
  }
  const Status ended = end_moment();
  if (done && ended.code() == Errc::kCorrupt) done = ended;
  if (!done) {  // a page that cannot be read: other parts may be
    faults.push_back({std::string(chain::name(looked_at)),
                      "",
                      "",
                      std::nullopt,
                      done.error().message(),
                      Remedy::kRebuild,
                      {}});
    if (place_.part == looked_at) next_part();
  }
  return place_.part == CheckPart::kDone;
}

// Where a page could not be read SQLite does not end the transaction in order either; while it stays open whatever the
// node reads or writes by this connection fails.
Status ChainCheck::end_moment() const {
  const store::Database& db = rows_.database();
  Status ended = db.exec("RELEASE chain_check");
  if (!ended) (void)db.exec("ROLLBACK");
  return ended;
}

bool ChainCheck::full() const {
  constexpr std::uint64_t kBytes = 512 * 1024;  // the node stands still meanwhile
  return rows_.bytes() - read_before_ > kBytes;
}

void ChainCheck::next_part() {
  place_ = {static_cast<CheckPart>(static_cast<std::uint8_t>(place_.part) + 1), 0, {}};
}

Status ChainCheck::look(std::uint64_t rows, Faults& faults) {
  switch (place_.part) {
    case CheckPart::kBlocks: return check_blocks(rows, faults);
    case CheckPart::kTree: return check_tree(rows, faults);
    case CheckPart::kStrays: return check_strays(faults);
    case CheckPart::kVotes: return check_votes(rows, faults);
    case CheckPart::kPastVotes: return check_past_votes(rows, faults);
    case CheckPart::kDisclosures: return check_disclosures(rows, faults);
    case CheckPart::kMemory: return check_memory(rows, faults);
    case CheckPart::kTombstones: return check_tombstones(rows, faults);
    case CheckPart::kDone: return {};
  }
  return {};
}

// Each statement proves itself by its signatures: those of the table where they do, else those in the blocks.
Status ChainCheck::load_statements() {
  auto table = rows_.read("SELECT epoch, object FROM statement ORDER BY epoch");
  if (table && statements_seen_ == *table) return {};
  LM_ASSIGN(auto anchor, read_anchor(anchor_));
  LM_ASSIGN(statements_, proof::Statements::from_roots(anchor));
  bool all = bool(table);
  if (table) {
    for (const auto& row : *table) all = bool(statements_.append(row[1].bytes)) && all;
    statements_seen_ = std::move(*table);
  }
  if (all) return {};
  auto blocks = rows_.read("SELECT bytes FROM block WHERE kind = 1 AND number > 0 ORDER BY number");
  if (!blocks) return {};  // the blocks are named where they are read
  for (const auto& row : *blocks) {
    const auto block = lotmark::open<Block>(row[0].bytes, statements_.chain());
    if (block && block->body.kind == BlockKind::kMembership)
      (void)statements_.append(std::get<ObjectBytes>(block->body.body).bytes);
  }
  return {};
}

// Three tables say how many blocks there are; two that agree are believed.
Status ChainCheck::load_size(Faults& faults) {
  const auto number = [&](const char* sql) -> std::optional<std::uint64_t> {
    auto rows = rows_.read(sql);
    if (!rows || rows->empty() || rows->front()[0].type != 'i') return std::nullopt;
    return static_cast<std::uint64_t>(rows->front()[0].number);
  };
  const auto blocks = number("SELECT max(number) + 1 FROM block");
  const auto derived = number("SELECT size FROM derived");
  const auto tiles = number(
      "SELECT (coalesce(max(place), -1) + 1) * 256 FROM tree_tile WHERE place "
      "< 281474976710656");
  const auto edge = number("SELECT count(*) FROM tree_edge WHERE level = 0");
  const auto tree = tiles && edge ? std::optional(*tiles + *edge) : std::nullopt;
  if (!blocks && !derived && !tree)
    return fail(Errc::kCorrupt, "neither blocks nor the tables over them can be read");
  if (tree && (tree == blocks || tree == derived)) size_ = *tree;
  else size_ = blocks == derived && blocks ? *blocks : blocks.value_or(derived.value_or(0));
  final_size_ = voted_size().value_or(0);
  const bool first = place_.part == CheckPart::kBlocks && place_.at == 0;
  if (first && derived != size_) {
    faults.push_back({"derived",
                      "",
                      "size",
                      std::nullopt,
                      "says " + (derived ? std::to_string(*derived) : std::string("nothing")) +
                          ", there are " + std::to_string(size_) + " blocks",
                      Remedy::kTree,
                      {}});
  }
  return {};
}

// The newest size with as many votes as its own statement asks for.
std::optional<std::uint64_t> ChainCheck::voted_size() const {
  const auto q = rows_.query(
      "SELECT size, count(*) FROM vote WHERE size <= ? GROUP BY size, term "
      "ORDER BY size DESC, term DESC");
  if (!q) return std::nullopt;
  (*q)->bind(1, size_);
  std::optional<std::uint64_t> found;
  while (!found) {
    const auto row = (*q)->step();
    if (!row || !*row) break;
    const Membership* judge = statements_.of_size((*q)->u64(0));
    if (judge != nullptr && (*q)->u64(1) >= judge->quorum) found = (*q)->u64(0);
  }
  (*q)->reset();
  return found;
}

bool ChainCheck::proven(const Digest& claim, const std::function<bool()>& work) const {
  return options_.proven ? options_.proven(claim, work) : work();
}

bool ChainCheck::verified(const PublicKey& key, const Digest& id,
                          const Signature& signature) const {
  const auto work = [&] { return verify_once(key, id, signature); };
  if (!options_.proven) return work();
  Bytes all = to_bytes(key.view());
  all.insert(all.end(), id.bytes.begin(), id.bytes.end());
  all.insert(all.end(), signature.bytes.begin(), signature.bytes.end());
  return options_.proven(sha256(all), work);
}

void ChainCheck::load_tree() {
  if (tree_ && tree_->reload()) return;
  auto opened = store::StoredTree::open(rows_.database(), kTree);
  if (opened) tree_ = std::move(*opened);
  else tree_.reset();
}

std::optional<Digest> ChainCheck::root_at(std::uint64_t size) const {
  if (!tree_ || size > tree_->size()) return std::nullopt;
  auto root = tree_->root_at(size);
  return root ? std::optional(*root) : std::nullopt;
}

}  // namespace lotmark::chain
