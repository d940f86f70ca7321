// Goes through all of chain.db in bounded steps and names what does not hold: each block's bytes, signature, place and
// columns, the tree over them, every row that follows from a block, votes, disclosures, and what a node remembers of its
// own signing. It trusts the anchor and signatures alone: not the tables it reads, nor what a program made of them
// before. It changes nothing (mend.h does). docs/operate/running.md says what an operator sees.
//
// Whoever adds a row that follows from a block adds it to derived_rows.cpp; whoever adds a table, a part here. The test
// chain_damage_test finds what was forgotten.
#pragma once

#include <functional>
#include <map>

#include "core/proof/statements.h"
#include "core/store/stored_tree.h"
#include "core/wire/complaint.h"
#include "core/wire/receipt.h"
#include "core/wire/vote.h"
#include "ledger-node/chain/public/derived_rows.h"

namespace lotmark::chain {

// What makes it good again.
enum class Remedy {
  kBlock,       // the block from another node
  kColumns,     // the row's columns from its block, which is good
  kDerived,     // the rows that follow from the block, from it
  kTree,        // the tree from the blocks' ids
  kVote,        // the row from its vote if that is good, else the vote from another node
  kDisclosure,  // from another node
  kMemory,      // the row from its signature if that is good, else nothing: a node that forgot
  kThinned,     // how far votes are thinned: no further than they may be
  kFlag,        // the row goes: the flag is given again when it is asked for
  kNote,        // the row goes: the store is noted again when the node starts
  kRebuild,     // the file is damaged: what can be read goes into a new one
  kNothing,     // what was kept of blocks that are cut: whoever keeps the archive has it
};

// A stored field or row that does not hold.
struct Fault {
  std::string table;
  std::string row;     // "number 17"; empty: the table as a whole
  std::string column;  // empty: the row as a whole, or it cannot be said
  std::optional<std::uint64_t> block;
  std::string what;
  Remedy remedy = Remedy::kRebuild;
  Cells key;  // of the row, as it is stored

  // "block number 17 bytes: cose-signature"
  std::string text() const;
};

// The steps of a round, in their order.
enum class CheckPart : std::uint8_t {
  kBlocks,  // and the tree's leaves, and rows that follow from them
  kTree,    // what stands above the leaves
  kStrays,  // rows of blocks that are not there, and SQLite's own structure
  kVotes,
  kPastVotes,
  kDisclosures,
  kMemory,
  kTombstones,  // of lots that were cut
  kDone,
};
std::string_view name(CheckPart part);

// Where a round goes on.
struct CheckPlace {
  CheckPart part = CheckPart::kBlocks;
  std::uint64_t at = 0;  // the block or hash that is next
  Cells last;            // key of the row seen last, where a number does not say it
};

struct CheckOptions {
  // Runs `work`, or answers for it: `claim` is the hash of all that it reads, so that who checks the same bytes again
  // need not verify the same signature again.
  std::function<bool(const Digest& claim, const std::function<bool()>& work)> proven;
};

class ChainCheck {
 public:
  // Statements are read and proven from the anchor on. `db` outlives it; one thread at a time. anchor errors; not a
  // damaged table, which step() names.
  static Result<ChainCheck> begin(const store::Database& db, ByteView anchor,
                                  CheckOptions options = {});

  // Looks at about `rows` rows more, fewer where they are large, all of one moment, and adds what does not hold; true when the round is over. store
  // errors only where nothing can be read for a reason other than damage.
  Result<bool> step(std::uint64_t rows, std::vector<Fault>& faults);
  const CheckPlace& place() const { return place_; }
  void go_on_at(CheckPlace place) { place_ = std::move(place); }
  // One block and what follows from it, as step() looks at it.
  void check_block(std::uint64_t number, std::vector<Fault>& faults);

  // The rows of a table that should stand there because of a block that holds.
  Result<std::vector<Cells>> expected(const DerivedTable& table, std::uint64_t number);
  // Whether these are block `number`: signed, in its place, and with the leaf or the next block that are stored.
  Result<Signed<Block>> proves(std::uint64_t number, ByteView bytes);
  // The key of whoever was a member, as far as statements say.
  std::optional<PublicKey> key_of(const KeyId& kid) const;

  // The root of the tree of the first `size` ids, if the tree could be read.
  std::optional<Digest> root_at(std::uint64_t size) const;

  // The leaf of block `number` where a cut took its body: the tree alone has it. Nothing: no cut did, or it is lost.
  Result<std::optional<Digest>> gone_leaf(std::uint64_t number) const {
    return gone(number) ? stored_hash(0, number) : std::optional<Digest>();
  }
  bool has_gone() const { return dropped_end_ > 1; }

  std::uint64_t size() const { return size_; }
  const Rows& rows() const { return rows_; }
  const proof::Statements& statements() const { return statements_; }

 private:
  ChainCheck(const store::Database& db, Bytes anchor, proof::Statements statements,
             CheckOptions options)
      : rows_(db),
        anchor_(std::move(anchor)),
        statements_(std::move(statements)),
        options_(std::move(options)) {}

  // A block's row as it was read.
  struct Row {
    Cells cells;                         // id, kind, epoch, term, time, bytes
    std::optional<Signed<Block>> block;  // opened
    bool good = false;                   // in its place and signed
  };
  using Faults = std::vector<Fault>;

  Status look(std::uint64_t rows, Faults& faults);
  Status load_statements();
  Status load_size(Faults& faults);
  // Whether a cut took block `number`: it has no row then, nothing follows from it, and its leaf stays.
  bool gone(std::uint64_t number) const { return number > 0 && number < dropped_end_; }
  std::optional<std::uint64_t> voted_size() const;
  void load_tree();
  void next_part();
  Status end_moment() const;  // what is read after it is of another one
  // Whether this step has read so much that the next row is left to the next one.
  bool full() const;
  bool verified(const PublicKey& key, const Digest& id, const Signature& signature) const;
  bool proven(const Digest& claim, const std::function<bool()>& work) const;

  // check_blocks.cpp
  Status check_blocks(std::uint64_t rows, Faults& faults);
  Result<std::optional<Row>> read_block(std::uint64_t number) const;
  const Row* before(std::uint64_t number);
  Status judge_block(const Row& row, std::uint64_t number, const Row* before) const;
  void check_columns(const Row& row, std::uint64_t number, Faults& faults) const;
  void check_leaf(const Row& row, std::uint64_t number, Faults& faults) const;
  bool follows_in(std::uint64_t next, const Digest& id) const;

  // check_derived.cpp
  Status check_derived(const Row& row, std::uint64_t number, Faults& faults);
  Status check_table(const DerivedTable& table, std::uint64_t number,
                     const std::vector<Cells>& expected, Faults& faults);
  Result<bool> outdated(const DerivedTable& table, const Cells& row);
  std::optional<bool> follows(const DerivedTable& table, const Cells& of, std::uint64_t number);
  void check_cut(const Signed<Block>& block, Faults& faults) const;
  Status load_dropped(Faults& faults);
  Status check_thinned(std::optional<std::uint64_t> stored, Faults& faults) const;

  // check_events.cpp
  Result<std::vector<DerivedRow>> rows_of(const Signed<Block>& block,
                                          const Membership& judge) const;
  Status part_again(std::vector<DerivedRow>& made) const;
  Status add_rulings(const Signed<Block>& block, const Membership& judge,
                     std::vector<DerivedRow>& made) const;
  Status add_settled(const Signed<Ruling>& ruling, const Cells& known, const Cell& number,
                     const Membership& judge, std::vector<DerivedRow>& made) const;
  Result<std::uint64_t> agreeing(const Cells& ruling, const Cell& complained,
                                 const Membership& judge,
                                 const std::vector<DerivedRow>& made) const;
  Status check_strays(Faults& faults);

  // check_tombstones.cpp
  Status check_tombstones(std::uint64_t rows, Faults& faults);

  // check_tree.cpp
  Result<std::optional<Digest>> stored_hash(unsigned level, std::uint64_t index) const;
  Status check_tree(std::uint64_t rows, Faults& faults);
  Status check_tree_rows(Faults& faults) const;

  // check_votes.cpp
  Status check_votes(std::uint64_t rows, Faults& faults);
  Status check_past_votes(std::uint64_t rows, Faults& faults);
  Status check_disclosures(std::uint64_t rows, Faults& faults);
  void check_vote(const Cells& row, bool past, Faults& faults) const;
  void check_disclosure(const Cells& row, Faults& faults) const;

  // check_memory.cpp
  Status check_memory(std::uint64_t rows, Faults& faults);
  void check_standing(const Cells& row, Faults& faults) const;
  void check_own_vote(const Cells& row, Faults& faults) const;
  void check_signing(const Cells& row, Faults& faults) const;
  void check_flag(const Cells& row, Faults& faults) const;
  void check_store(const Cells& row, Faults& faults) const;

  Rows rows_;
  Bytes anchor_;
  proof::Statements statements_;
  CheckOptions options_;
  CheckPlace place_;
  std::uint64_t size_ = 0;
  std::uint64_t dropped_end_ = 1;  // lot and period blocks below have no rows any more
  std::uint64_t cut_end_ = 1;      // ids of blocks below count no more
  std::uint64_t final_size_ =
      0;  // as far as votes that are stored say; none of them verified for this
  std::optional<std::vector<Cells>> statements_seen_;  // rows of the table when it was read last
  std::optional<store::StoredTree> tree_;
  std::uint64_t read_before_ = 0;               // bytes, by the steps before
  std::optional<merkle::CompactRange> stones_;  // seen so far of the cut that place_ says
  bool tree_damaged_ = false;  // found in this round: roots by it say nothing of votes
  std::optional<std::pair<std::uint64_t, Row>> before_;  // the block looked at last
  // Rows that follow from blocks with newer ones, of this step.
  std::map<std::pair<const DerivedTable*, std::uint64_t>, std::vector<Cells>> newest_;
};

}  // namespace lotmark::chain
