// chain.db: the public chain as this node holds it. Blocks are checked before they are stored, votes before
// they count; everything else is derived in the same transaction. docs/format/public.md.
//
// One thread at a time (the node's lock), but for a read-only one of its own, which the API opens.
#pragma once

#include <filesystem>
#include <map>

#include "core/proof/statements.h"
#include "core/store/stored_tree.h"
#include "core/wire/vote.h"
#include "ledger-node/chain/public/onlooker.h"

namespace lotmark::chain {

// A key that may sign for a device, a start signal or as an operator.
struct Enrolled {
  PublicKey key;
  KeyId kid;
  EnrolmentKind kind = EnrolmentKind::kDevice;
  std::string name;
  std::string organisation;
  KeyId enroller;  // the root key's of those of statement 0
  std::uint64_t from_block = 0;
  std::optional<KeyId> predecessor{};  // the key it replaces
};

struct LoggedHead {
  std::uint64_t size = 0;
  Digest root;
  std::uint64_t time = 0;
  std::uint64_t block = 0;
};

struct LotEntry {
  std::uint64_t block = 0;
  Gtin gtin;
  LotNumber lot;
  std::string product;
  std::uint64_t expires = 0;  // YYYYMMDD
  std::string enterprise;     // organisation
  Digest application;
  std::uint64_t time = 0;  // of the block, ms UTC
  bool final = false;
  bool superseded = false;
};

struct FinalCheckpoint {
  Checkpoint checkpoint;
  std::uint64_t epoch = 0;
  std::uint64_t term = 0;
  std::vector<Vote> votes;  // sorted by kid, at least the quorum
};

// What a supervisory node bound itself to: it signs no vote and no block in a term below `term`, and gave that
// term's turn to `asker` (nobody yet after it had to be told what it may have promised).
struct Standing {
  std::uint64_t term = 0;
  std::optional<KeyId> asker;
  Bytes turn;  // the signed object, as it was answered; empty without asker
};

struct CutContent;
struct JoinPoint;
class JoinParts;

class PublicChain {
 public:
  // Makes or opens the file; block 0 comes from the anchor. anchor errors; corrupt if the stored blocks do not
  // follow from it. With `read_only` nothing is written and refresh() takes in what another process wrote.
  static Result<PublicChain> open(const std::filesystem::path& file, ByteView anchor,
                                  bool read_only = false);

  // The same chain in memory, made again from the blocks and votes of a file whose tables do not fit each other, as
  // far as its blocks follow: for who has to say what is wrong with it.
  static Result<PublicChain> replay(const store::Database& file, ByteView anchor);

  Status refresh();
  // That the database can be read at this moment: its newest block is the one held. store, corrupt or io.
  Status answers() const;

  // Tells `onlooker` from now on; it must outlive the chain's use.
  void watch(Onlooker& onlooker) { onlooker_ = &onlooker; }
  Onlooker& onlooker() const;

  // The tables, for who derives rows of their own from the blocks (revocations.h, recalls.h, events.h) and reads
  // them, or checks them (check.h); written only inside the transaction that takes a block, and by mend.h.
  const store::Database& database() const { return db_; }

  const Digest& chain_id() const { return statements_.chain(); }
  const proof::Statements& statements() const { return statements_; }
  const Bytes& anchor_bytes() const { return anchor_; }
  std::uint64_t size() const { return tree_ ? tree_->size() : 0; }
  const Digest& root() const { return root_; }
  // Of the tree of the first `size` block ids.
  Result<Digest> root_at(std::uint64_t size) const { return tree_->root_at(size); }
  const Signed<Block>& tip() const { return tip_; }
  std::uint64_t last_period() const { return last_period_; }
  bool has_period() const { return has_period_; }
  // Block time of the newest period block, ms UTC; nothing before the first.
  std::optional<std::uint64_t> last_period_time() const { return last_period_time_; }

  // All of a node's own checks of the next block (docs/format/public.md), then stores it. `now` bounds its time.
  // Fine for a block that is held; block-fork for another one of a number that is held.
  Status append(ByteView block, Time now);
  // Whole blocks in order, the first at most at size(): what another node has from one of ours on. Those we have are
  // passed over; where they part from ours, ours from there on are taken back and theirs are appended, if that
  // is allowed by `why`: block-fork unless they lead to a higher term than our newest block's, or where a final
  // block would go. All of it happens or nothing.
  enum class Adopt { kHigherTerm, kBestVote };  // kBestVote: by a new primary that heard the turns
  Status adopt(const std::vector<Bytes>& blocks, Time now, Adopt why = Adopt::kHigherTerm);
  // Both: body-cut if that block's body was dropped.
  Result<Bytes> block(std::uint64_t number) const;
  Result<Digest> id_of(std::uint64_t number) const;
  // Whether block `number` here is the one with that id, its body there or not; not-found beyond size().
  Result<bool> has_id(std::uint64_t number, const Digest& id) const;
  // Of block `number` in the tree, its body there or not.
  Result<Digest> leaf(std::uint64_t number) const { return tree_->leaf(number); }
  // From `from` on, as many whole blocks as fit in max_bytes, at least one if there is one. Never with a hole: it ends
  // before a body that was dropped, body-cut if that is the first.
  Result<std::vector<Bytes>> blocks(std::uint64_t from, std::size_t max_bytes) const;

  // The tree of the first `size` ids, in memory.
  Result<merkle::MemoryTree> tree_of(std::uint64_t size) const;
  // The first block whose time is above `ms` (UTC); block times never fall. Where bodies were dropped, the first that
  // may be: all before it are not.
  Result<std::optional<std::uint64_t>> first_after(std::uint64_t ms) const;

  // Checks and keeps a vote: one a size, term and voter. Fine if it is already held; need-seq if its tree is
  // larger than ours; vote-term if no block here opened its term; vote-time if it is more than 120 s ahead of
  // `now` (a caller without a clock leaves that out).
  Status add_vote(ByteView vote, std::optional<Time> now = std::nullopt);
  Result<std::vector<Bytes>> votes(std::uint64_t from_size) const;
  // A voter's votes of one term, newest first, at most 64, with the roots they signed: also those on blocks that were
  // taken back.
  struct KnownVote {
    Vote vote;
    Digest root;
  };
  Result<std::vector<KnownVote>> votes_of(const KeyId& voter, std::uint64_t term) const;
  // Voters and terms, from `term` on, of votes on blocks that were taken back.
  Result<std::vector<std::pair<KeyId, std::uint64_t>>> past_voters(std::uint64_t term) const;
  // The checkpoint's votes, each with the proof that its tree has block `number`; none if that is not final.
  Result<std::vector<Bytes>> votes_on(std::uint64_t number) const;
  // The newest root with a quorum; nothing before the first.
  const std::optional<FinalCheckpoint>& checkpoint() const { return checkpoint_; }
  bool is_final(std::uint64_t number) const {
    return checkpoint_ && number < checkpoint_->checkpoint.size;
  }

  // Who signs blocks of a term: the signer of its first one here. Nobody: no block of that term is held.
  const KeyId* holder(std::uint64_t term) const;
  const KeyId* holder() const { return holder(tip_.body.term); }
  std::uint64_t term() const { return tip_.body.term; }
  std::uint64_t final_size() const { return checkpoint_ ? checkpoint_->checkpoint.size : 0; }
  // How often blocks were taken back: who keeps something made from the chain makes it anew when this changed.
  std::uint64_t taken_back() const { return taken_back_; }

  // Members and enrolled keys as of the newest block.
  const Member* member(const KeyId& kid) const { return statements_.newest().find(kid); }
  const Enrolled* enrolled(const KeyId& kid) const;
  // The key that was enrolled last under that name.
  const Enrolled* enrolled_name(std::string_view organisation, std::string_view name) const;
  const std::map<KeyId, Enrolled>& all_enrolled() const { return enrolled_; }
  // The newest head of that signer's log that a period block logged.
  std::optional<LoggedHead> logged_head(const KeyId& kid, LogKind log) const;

  // Newest lot block of a GTIN and lot.
  Result<std::optional<LotEntry>> find_lot(const Gtin& gtin, const LotNumber& lot) const;
  // In the order of blocks, those after block `after`.
  Result<std::vector<LotEntry>> lots(std::uint64_t after, std::size_t limit) const;
  // The block that holds an inner object that may be on the chain once (an application, a head).
  Result<std::optional<std::uint64_t>> block_of(const Digest& inner) const;

  // Cutting (docs/format/cut.md; cut_range.h, cut_content.h, cut_store.h). Lot and period blocks below cut_end() stood
  // in a cut range: lots and ids of them count no more. Those below dropped_end() have no body here.
  std::uint64_t cut_end() const { return cut_end_; }
  std::uint64_t dropped_end() const { return dropped_end_; }
  // Drops the bodies of up to so many blocks more, with their lots, ids and disclosures, and leaves tombstones; of final
  // cuts only. Says how many; 0: nothing is left to drop.
  Result<std::uint64_t> drop_bodies(std::uint64_t blocks);
  // Forgets votes on so many more sizes below the final one, but the newest 64 of each signer and term, and what this
  // node signed as primary for blocks that are final. Says on how many it looked.
  Result<std::uint64_t> thin(std::uint64_t sizes);
  // The flag this node gave for a cut, stored before it leaves.
  Result<std::optional<Bytes>> flag_given(const Digest& object) const;
  Status store_flag(const Digest& object, std::uint64_t last, ByteView flag);

  // What the enterprise disclosed of a lot block: checked by building the receipt first. The same again is
  // fine; conflict if the block has another.
  Status add_disclosure(std::uint64_t number, const Disclosure& disclosure,
                        const std::vector<Sample>& samples, Time now);
  bool has_disclosure(std::uint64_t number) const;
  // The receipt of a lot block with the newest votes that cover it (none: not final), and what was disclosed.
  Result<Bytes> receipt(std::uint64_t number) const;

  // body-cut if its body was dropped.
  Result<ShownBlock> shown_block(std::uint64_t number) const;

  // The primary's durable memory: what it signed for (term, number), stored before it signs and sent again
  // afterwards. conflict if another payload was stored for that place.
  Status reserve(std::uint64_t term, std::uint64_t number, ByteView payload);
  Result<std::optional<Bytes>> reserved(std::uint64_t term, std::uint64_t number) const;
  Result<std::optional<Bytes>> signed_block(std::uint64_t term, std::uint64_t number) const;
  Status store_signed(std::uint64_t term, std::uint64_t number, ByteView block);
  // This node's own newest vote; nothing if it never voted.
  Result<std::optional<Bytes>> own_vote() const;
  Status store_own_vote(ByteView vote);
  // The newest turn this node gave, stored before it leaves; nothing on a disk that does not remember.
  Result<std::optional<Standing>> standing() const;
  Status store_standing(const Standing& standing);
  // That a consortium was found to start: remembered until a standing is stored.
  Result<bool> starting() const;
  Status store_starting();
  // Whether this node may sign votes and blocks in `term`: its standing says so.
  bool may_sign_in(std::uint64_t term) const;
  // Blocks of that term it signed as primary, on the chain or not.
  Result<bool> signed_in(std::uint64_t term) const;

  // Why the last write failed, if it did and none succeeded since: disk-full, io, store.
  const std::optional<Error>& write_failure() const { return write_failure_; }
  // Memory from the tables again, once they were mended.
  Status reload() { return load_state(); }

 private:
  PublicChain(store::Database db, proof::Statements statements, Bytes anchor);
  // Memory from the tables, as far as they were derived.
  Status load_state();
  Status load_enrolled(std::uint64_t from_block);
  // Takes in what the tables have more than memory, if they go on from it; true if they do.
  Result<bool> load_more();
  Status load_newest();
  // What stands in the block table beyond that (an older program's file): derived now.
  Status derive_rest();
  // Bytes, ids and links of the stored blocks from `from` on: corrupt, naming the block.
  Status verify_links(std::uint64_t from) const;
  Status verify_link(std::uint64_t number, ByteView id, ByteView bytes) const;
  // body-cut or not-found.
  Error no_block(std::uint64_t number) const;

  Status append_opened(const Signed<Block>& block, Time now);  // in a transaction
  Status check_next(const Signed<Block>& block, const Membership& judge, Time now) const;
  Result<proof::Statements> grown_by(const Block& block) const;
  Status store_block(const Signed<Block>& block);
  Status store_lot(const Signed<Block>& block);
  Status store_once(const Digest& id, std::uint64_t number);
  Status store_cut(const Signed<Block>& block, const CutContent& content);
  // Joining behind a cut (join.h).
  friend class Installer;
  friend Status install(PublicChain& chain, const JoinPoint& point, JoinParts& parts);
  Status forget_all();
  Status stand_on_cut(std::uint64_t number);
  Status load_cuts();
  // Rows and memory that follow from the block.
  Status take_in(const Signed<Block>& block);
  Status take_period(const Signed<Block>& block);
  Status replay_leaves(const store::Database& file, std::uint64_t number);
  Status take_back(std::uint64_t size);  // in a transaction; memory by load_state() afterwards
  // Runs `work` in a transaction; if it fails, memory is as the tables are again.
  Status all_or_nothing(const std::function<Status()>& work);
  Status count_votes(std::uint64_t size);
  // The newest root with a quorum among the trees of `from` to `upto` blocks.
  Result<std::optional<FinalCheckpoint>> newest_checkpoint(std::uint64_t from,
                                                           std::uint64_t upto) const;
  // The checkpoint that a block's receipt shows: the newest, or, of a block before a new root key's first epoch, the newest
  // of the epochs before that, so that who knows the old root key alone can follow.
  Result<std::optional<FinalCheckpoint>> shown_checkpoint(std::uint64_t number) const;
  // Remembers for write_failure().
  Status noted(Status written) const;
  Result<Bytes> build_receipt(std::uint64_t number, const std::vector<Disclosure>& disclosures,
                              const std::vector<Sample>& samples) const;

  store::Database db_;
  proof::Statements statements_;
  Bytes anchor_;
  std::optional<store::StoredTree> tree_;
  Digest root_;
  Signed<Block> tip_;
  std::map<KeyId, Enrolled> enrolled_;
  std::map<std::pair<KeyId, LogKind>, LoggedHead> heads_;
  std::optional<FinalCheckpoint> checkpoint_;
  std::map<std::uint64_t, KeyId> term_signer_;
  std::uint64_t last_period_ = 0;
  std::optional<std::uint64_t> last_period_time_;
  bool has_period_ = false;
  std::uint64_t cut_end_ = 1;
  std::uint64_t dropped_end_ = 1;
  mutable std::optional<Error> write_failure_;
  Onlooker* onlooker_ = nullptr;
  bool changed_ = false;  // memory is ahead of the last commit
  std::uint64_t taken_back_ = 0;
};

}  // namespace lotmark::chain
