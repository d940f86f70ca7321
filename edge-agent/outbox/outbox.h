// What must survive the power: sealed bundles until a node took them, start signals until all who should have
// answered, where each replayed file stands, and how late it is at the least. One SQLite file; one thread.
#pragma once

#include <filesystem>
#include <map>

#include "core/base/clock.h"
#include "core/store/database.h"
#include "edge-agent/bundle/bundler.h"
#include "edge-agent/outbox/stretch.h"

namespace lotmark::agent {

struct OutboxOptions {
  std::filesystem::path file;
  KeyId
      device;  // another key or chain than the file's own is a conflict: each has a life of its own
  Digest chain;
  std::string boot_id;  // of the running system; another one than last time counts as a boot
};

// One object on its way to the node: a bundle's wire, or a signed gap.
struct Outgoing {
  std::uint64_t first = 0;  // below seq only for a gap
  std::uint64_t seq = 0;
  Digest id;  // of the bundle; of the last lost for a gap
  Bytes object;
};

// Of what the outbox keeps: a gap, or a bundle's wire.
bool is_gap(ByteView object);

struct StoredGap {
  Outgoing object;
  bool dropped = false;  // over bundles that gave way: later ones beside it can be joined to it
};

struct KeptAck {
  Ack body;
  Bytes bytes;
  KeyId kid;  // who signed it
};

struct SourceState {
  Position position;
  bool done = false;
};

struct StoredStart {
  Digest id;
  std::string device;  // its name in topics
  Bytes object;
  bool by_enterprise = false;
  bool by_reviewer = false;
  bool let_go = false;  // everybody answered, it waited too long, or it gave way: leaves the outbox
  // What a lot needs at the least: reviewers that have not answered are still sent it.
  bool answered() const { return by_enterprise && by_reviewer; }
};

// What one commit makes durable, all or nothing.
struct Batch {
  std::vector<SealedBundle> sealed;
  // State of the chain after `sealed`; used only when `sealed` is not empty.
  std::map<std::string, std::uint64_t, std::less<>> last;
  std::map<std::string, SourceState> sources;
  std::optional<KeptAck> ack;       // verified; what it names is let go
  std::vector<StoredGap> gaps;      // each in place of all that lies within first..seq
  std::vector<StoredStart> starts;  // new, with a new answer, or let go
  // Written along with the rest, and no reason for a commit by themselves.
  std::uint64_t ran_ms = 0;              // as Outbox::ran_ms(); 0: as it was
  std::optional<std::int64_t> floor_ms;  // as Outbox::floor_ms()

  // An ack can wait: nodes answer again what is sent again.
  bool empty_but_ack() const {
    return sealed.empty() && sources.empty() && gaps.empty() && starts.empty();
  }
  bool empty() const { return !ack && empty_but_ack(); }
};

class Outbox {
 public:
  // Makes the file, with a new life, if it is not there. conflict if it belongs to another key or chain. Takes the same
  // time and memory whatever is kept.
  static Result<Outbox> open(const OutboxOptions& options);

  // On an error nothing changed, here or on disk: the same batch can be tried again.
  Status commit(const Batch& batch);
  // On disk when it returns: no command up to this counter is taken again.
  Status command(std::uint64_t counter);
  std::uint64_t commanded() const { return commanded_; }
  // Writes the log back into the file and gives its room up. Needs some where the file grows.
  Status write_back();

  // Where the chain stands; `last` too.
  const ChainState& chain() const { return chain_; }
  std::uint64_t session() const { return session_; }
  // Newest ack that was taken.
  const std::optional<KeptAck>& ack() const { return ack_; }
  SourceState source(const std::string& name) const;
  const std::map<Digest, StoredStart>& starts() const { return starts_; }

  std::uint64_t bytes() const { return kept_.bytes; }
  std::uint64_t unacked() const { return kept_.count; }
  // How long agents ran on this outbox, as it was last committed: what bundles' ages are counted by.
  std::uint64_t ran_ms() const { return ran_ms_; }
  // ms UTC that were certain once, if any were.
  std::optional<std::int64_t> floor_ms() const { return floor_ms_; }
  // First seq that is kept, or the one after the last sealed.
  std::uint64_t first() const { return first_; }
  // At most `count` objects from `seq` on, in order.
  Result<std::vector<Outgoing>> from(std::uint64_t seq, std::size_t count);
  // Whether the ack lets `through` itself go: its id is the one that is kept there, or none is.
  Result<bool> names(const Ack& ack);
  // Whether the number lies within a gap that is kept, before its last.
  Result<bool> in_a_gap(std::uint64_t seq);
  // Whether the node that acks holds what this outbox never sealed: numbers beyond its own, or another id at `through`.
  Result<bool> denied_by(const Ack& ack);
  // No ack of this life counts any more, nor after a restart. The flag holds even where it could not be written.
  Status note_conflict();
  bool conflict() const { return conflict_; }
  // Readings in bundles after..through, both let go; as far back as is known.
  Result<std::uint64_t> readings_between(std::uint64_t after, std::uint64_t through);

  // What gives way: bundles sealed before `older_than` (ran_ms), and the oldest of at least so many bytes; none of a
  // source that blocks. Stretches with the dropped ones beside them, ready to be sealed as gaps. Call it again after
  // the commit: one call thins once.
  Result<std::vector<Stretch>> droppable(std::uint64_t bytes, std::uint64_t older_than);
  // What a gap over these numbers says; both ends are kept.
  Result<Stretch> stretch_of(std::uint64_t first, std::uint64_t last);
  // ran_ms when the first that is kept was sealed.
  Result<std::uint64_t> oldest_ms();

 private:
  Outbox(store::Database db, const Digest& chain) : db_(std::move(db)), chain_id_(chain) {}
  Status begin_life(const OutboxOptions& options);
  Status load(const OutboxOptions& options);
  Status load_lists();
  Result<std::uint64_t> find_first(std::uint64_t sealed);
  struct Kept {
    std::uint64_t count = 0;
    std::uint64_t bytes = 0;
  };
  Status write(const Batch& batch, Kept& kept);
  Status write_sealed(const Batch& batch, Kept& kept);
  Status write_ack(const KeptAck& ack, Kept& kept);
  Status write_gap(const StoredGap& gap, Kept& kept);
  Status write_totals(const Batch& batch, const Kept& kept);
  Status write_start(const StoredStart& start);

  store::Database db_;
  Digest chain_id_;
  ChainState chain_;
  std::uint64_t session_ = 0;
  std::optional<KeptAck> ack_;
  std::map<std::string, SourceState> sources_;
  std::map<Digest, StoredStart> starts_;
  Kept kept_;
  std::uint64_t first_ = 1;
  std::uint64_t ran_ms_ = 0;
  std::optional<std::int64_t> floor_ms_;
  std::uint64_t commanded_ = 0;
  bool conflict_ = false;
  bool conflict_kept_ = false;  // on disk
};

}  // namespace lotmark::agent
