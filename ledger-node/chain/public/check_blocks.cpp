// Each block's row: its bytes, its signature, its place, its columns, its leaf.
#include "core/merkle/tree.h"
#include "ledger-node/chain/public/check.h"

namespace lotmark::chain {

namespace {

constexpr std::string_view kColumns[] = {"id", "kind", "epoch", "term", "time", "bytes"};
enum Column : std::size_t { kId, kKind, kEpoch, kTerm, kTime, kBytes };

Fault block_fault(std::uint64_t number, std::string_view column, std::string what, Remedy remedy) {
  return {"block",
          "number " + std::to_string(number),
          std::string(column),
          number,
          std::move(what),
          remedy,
          {Cell::of(number)}};
}

}  // namespace

Result<std::optional<ChainCheck::Row>> ChainCheck::read_block(std::uint64_t number) const {
  LM_ASSIGN(auto rows,
            rows_.read("SELECT id, kind, epoch, term, time, bytes FROM block WHERE number = ?",
                       {Cell::of(number)}));
  if (rows.empty()) return std::optional<Row>();
  Row row;
  row.cells = std::move(rows.front());
  const Bytes& bytes = row.cells[kBytes].bytes;
  auto block = number == 0 ? open_genesis(bytes) : lotmark::open<Block>(bytes, statements_.chain());
  if (block && row.cells[kBytes].type == 'b') row.block = std::move(*block);
  return std::optional(std::move(row));
}

// The block before, whether or not it holds.
const ChainCheck::Row* ChainCheck::before(std::uint64_t number) {
  if (number == 0) return nullptr;
  if (!before_ || before_->first != number - 1) {
    before_.reset();
    auto row = read_block(number - 1);
    if (!row || !*row) return nullptr;
    before_.emplace(number - 1, std::move(**row));
  }
  return &before_->second;
}

Status ChainCheck::judge_block(const Row& row, std::uint64_t number, const Row* before) const {
  const auto& block = *row.block;
  if (number == 0) {
    if (block.bytes == statements_.genesis().bytes) return {};
    return fail(Errc::kGenesis, "is not the anchor's genesis");
  }
  if (block.body.number != number)
    return fail(Errc::kBlockNumber, "is block " + std::to_string(block.body.number));
  if (before != nullptr && before->block && block.body.prev != before->block->id)
    return fail(Errc::kBlockPrev, "does not follow the block before it");
  if (before == nullptr && gone(number - 1)) {
    LM_ASSIGN(auto leaf, stored_hash(0, number - 1));
    if (!leaf || *leaf != merkle::leaf_hash(block.body.prev->view()))
      return fail(Errc::kBlockPrev, "does not follow the leaf of the block that was cut before it");
  }
  const Membership* judge = statements_.of_block(number);
  if (judge == nullptr || judge->epoch != block.body.epoch)
    return fail(Errc::kBlockEpoch, "is of an epoch whose statement is not here");
  const Member* m = judge->find(block.kid);
  if (m == nullptr || !m->has(Role::kSupervising)) return Errc::kBlockSigner;
  if (!verified(m->public_key, block.id, block.signature)) return Errc::kCoseSignature;
  return {};
}

void ChainCheck::check_columns(const Row& row, std::uint64_t number, Faults& faults) const {
  const Block& b = row.block->body;
  const Cells expected = {Cell::of(row.block->id), Cell::of(static_cast<std::uint64_t>(b.kind)),
                          Cell::of(b.epoch), Cell::of(b.term), Cell::of(b.time)};
  for (std::size_t i = 0; i < expected.size(); ++i) {
    if (row.cells[i] == expected[i]) continue;
    faults.push_back(
        block_fault(number, kColumns[i],
                    "is " + row.cells[i].shown() + ", the block says " + expected[i].shown(),
                    Remedy::kColumns));
  }
  auto found = rows_.read("SELECT number FROM block WHERE id = ?", {expected[kId]});
  if (row.cells[kId] == expected[kId] &&
      (!found || found->size() != 1 || found->front()[0] != Cell::of(number))) {
    faults.push_back(block_fault(number, "id", "is not found by its index", Remedy::kRebuild));
  }
}

bool ChainCheck::follows_in(std::uint64_t next, const Digest& id) const {
  if (next >= size_) return true;
  const auto row = read_block(next);
  return !row || !*row || !(*row)->block || (*row)->block->body.prev == id;
}

// A leaf that is not the block's: the one of the two that does not fit the next block is wrong.
void ChainCheck::check_leaf(const Row& row, std::uint64_t number, Faults& faults) const {
  const auto stored = stored_hash(0, number);
  const std::string leaf = "leaf " + std::to_string(number);
  if (!stored || !*stored) {
    faults.push_back({"tree_edge",
                      leaf,
                      "",
                      number,
                      stored ? "is missing" : stored.error().message(),
                      Remedy::kTree,
                      {}});
    return;
  }
  if (**stored == merkle::leaf_hash(row.block->id.view())) return;
  if (follows_in(number + 1, row.block->id)) {
    const bool edge = number / store::kTileWidth == size_ / store::kTileWidth;
    faults.push_back({edge ? "tree_edge" : "tree_tile",
                      leaf,
                      edge ? "hash" : "hashes",
                      number,
                      "is not its block's",
                      Remedy::kTree,
                      {}});
    return;
  }
  faults.push_back(block_fault(number, "bytes", "is another block than the one that was stored",
                               Remedy::kBlock));
}

void ChainCheck::check_block(std::uint64_t number, std::vector<Fault>& faults) {
  auto read = read_block(number);
  const auto bad = [&](std::string what, Remedy remedy) {
    faults.push_back(block_fault(number, "", std::move(what), remedy));
  };
  if (!read) return bad(read.error().message(), Remedy::kRebuild);
  if (!*read && gone(number)) return;
  if (!*read) return bad("is missing", Remedy::kBlock);
  Row row = std::move(**read);
  const Row* last = before(number);
  if (!row.block) {
    const auto why = number == 0
                         ? open_genesis(row.cells[kBytes].bytes)
                         : lotmark::open<Block>(row.cells[kBytes].bytes, statements_.chain());
    const std::string said = why ? "is no blob" : why.error().message();
    faults.push_back(block_fault(number, "bytes", said, Remedy::kBlock));
  } else if (Status ok = judge_block(row, number, last); !ok) {
    faults.push_back(block_fault(number, "bytes", ok.error().message(), Remedy::kBlock));
  } else {
    row.good = true;
  }
  if (row.good) {
    check_columns(row, number, faults);
    check_leaf(row, number, faults);
    if (Status ok = check_derived(row, number, faults); !ok)
      bad("what follows from it: " + ok.error().message(), Remedy::kRebuild);
  }
  before_.emplace(number, std::move(row));
}

Result<Signed<Block>> ChainCheck::proves(std::uint64_t number, ByteView bytes) {
  before_.reset();
  const Row* last = before(number);
  if (number == 0) return statements_.genesis();
  Row row;
  LM_ASSIGN(row.block, lotmark::open<Block>(bytes, statements_.chain()));
  LM_TRY(judge_block(row, number, last));
  LM_ASSIGN(auto leaf, stored_hash(0, number));
  const bool in_tree = leaf && *leaf == merkle::leaf_hash(row.block->id.view());
  const auto next = read_block(number + 1);
  const bool before_next =
      next && *next && (*next)->block && (*next)->block->body.prev == row.block->id;
  if (!in_tree && !before_next)
    return fail(Errc::kBlockFork, "another block " + std::to_string(number) + " was stored");
  return *std::move(row.block);
}

Status ChainCheck::check_blocks(std::uint64_t rows, Faults& faults) {
  for (; rows > 0 && place_.at < size_ && !full(); --rows) check_block(place_.at++, faults);
  if (place_.at >= size_) next_part();
  return {};
}

}  // namespace lotmark::chain
