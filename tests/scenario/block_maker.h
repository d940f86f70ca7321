// Makes the public chain as the first supervisor would as primary, and the votes of all three. It
// keeps the tree itself, so that a test can feed any PublicChain, or several.
#pragma once

#include "core/merkle/tree.h"
#include "tests/scenario/consortium.h"

namespace lotmark::test {

class BlockMaker {
 public:
  // `consortium` must outlive it. Times come from its clock. Starts behind the genesis.
  explicit BlockMaker(const Consortium& consortium);

  std::uint64_t size() const { return tree_.size(); }
  Digest root() const { return tree_.root(); }
  const Digest& tip() const { return tip_; }
  std::uint64_t term() const { return term_; }

  // Opens a term: the next, or `skip` numbers later, held by that supervisor. Blocks before the first are of term 0,
  // which the first supervisor holds.
  Bytes term_block(std::size_t holder = 0, std::uint64_t skip = 0);
  // The same with a delegation, a sealed object, in it.
  Bytes delegated_term_block(std::size_t holder, ByteView delegation);
  // A period block logging these heads (sealed objects), with events and period records' transactions; sorted here.
  Bytes period_block(std::vector<Bytes> heads = {}, std::vector<Bytes> enrolments = {},
                     const std::vector<Bytes>& events = {},
                     const std::vector<Bytes>& transactions = {});
  // Release by the first reviewer, in a lot block.
  Bytes lot_block(ByteView application, std::string number = "CN-2026-0001",
                  std::optional<std::string> reason = {});
  Bytes refusal_block(const Digest& application);
  // A cut of these hashes, flagged by the first `flags` supervisors.
  Bytes cut_block(const CutClaim& claim, std::size_t flags = 3);
  // The next statement: the same members, signed by every supervisor and the root key, or `root` in its place.
  Bytes membership_block(const Party* root = nullptr);
  Bytes block(BlockKind kind, BlockBody body);

  // A head of `by`'s log over these ids, `prior` of them logged before.
  Bytes head(const Party& by, LogKind log, const merkle::MemoryTree& tree,
             std::uint64_t prior = 0) const;
  // Votes of the first `voters` supervisors on the tree as it is.
  std::vector<Bytes> votes(std::size_t voters = 3) const;

 private:
  const Consortium* c_;
  merkle::MemoryTree tree_;
  Digest tip_;
  std::uint64_t term_ = 0;
  std::size_t holder_ = 0;
  std::uint64_t periods_ = 0;
  std::uint64_t epoch_ = 0;
};

}  // namespace lotmark::test
