// What must survive the power: sealed bundles until a node took them, start signals until all who should have
// answered, and where each replayed file stands. One SQLite file; one thread.
#pragma once

#include <filesystem>
#include <map>

#include "core/base/clock.h"
#include "core/store/database.h"
#include "edge-agent/bundle/bundler.h"

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
  std::optional<Outgoing> gap;      // with its readings already counted
  std::vector<StoredStart> starts;  // new, with a new answer, or let go

  bool empty() const { return sealed.empty() && sources.empty() && !ack && !gap && starts.empty(); }
};

class Outbox {
 public:
  // Makes the file, with a new life, if it is not there. conflict if it belongs to another key or chain.
  static Result<Outbox> open(const OutboxOptions& options);

  // On an error nothing changed, here or on disk: the same batch can be tried again.
  Status commit(const Batch& batch);

  // Where the chain stands; `last` too.
  const ChainState& chain() const { return chain_; }
  std::uint64_t session() const { return session_; }
  // Newest ack that was taken.
  const std::optional<KeptAck>& ack() const { return ack_; }
  SourceState source(const std::string& name) const;
  const std::map<Digest, StoredStart>& starts() const { return starts_; }

  std::uint64_t bytes() const { return bytes_; }
  std::uint64_t unacked() const { return unacked_; }
  // First seq that is kept, or the one after the last sealed.
  std::uint64_t first() const { return first_; }
  // At most `count` objects from `seq` on, in order.
  Result<std::vector<Outgoing>> from(std::uint64_t seq, std::size_t count);
  // Readings in bundles after..through, both let go; as far back as is known.
  Result<std::uint64_t> readings_between(std::uint64_t after, std::uint64_t through);

 private:
  explicit Outbox(store::Database db) : db_(std::move(db)) {}
  Status begin_life(const OutboxOptions& options);
  Status load(const OutboxOptions& options);
  Status load_lists();
  Status count_kept();
  Status write(const Batch& batch);
  Status write_sealed(const Batch& batch);
  Status write_ack(const KeptAck& ack);
  Status write_start(const StoredStart& start);

  store::Database db_;
  ChainState chain_;
  std::uint64_t session_ = 0;
  std::optional<KeptAck> ack_;
  std::map<std::string, SourceState> sources_;
  std::map<Digest, StoredStart> starts_;
  std::uint64_t bytes_ = 0;
  std::uint64_t unacked_ = 0;
  std::uint64_t first_ = 1;
};

}  // namespace lotmark::agent
