// Supervisory nodes side by side: real roles, real databases on disks that lie, real tokens; messages over a network
// that loses them, clocks that disagree, power that goes at any write. One thread; one seed repeats everything.
#pragma once

#include "core/base/backoff.h"
#include "ledger-node/node_core.h"
#include "tests/scenario/consortium.h"
#include "tests/sim/disk.h"
#include "tests/sim/memory_order_log.h"
#include "tests/sim/network.h"
#include "tests/sim/witness.h"

namespace lotmark::sim {

enum class Ordering { kLocal, kEngine };

struct ClusterOptions {
  std::uint64_t seed = 1;
  Ordering ordering = Ordering::kLocal;
  std::size_t nodes = 3;
  std::size_t later = 0;  // of them the last follow the chain, and are no members yet
  std::uint64_t quorum = 2;
  std::size_t primary = 0;  // local: who orders at the beginning
  Millis tick{100};         // between a node's ticks
  unsigned poll_ms = 400;   // NodeConfig::poll_ms
  std::uint64_t period_s = 20;
  std::uint64_t changes = 0;  // of the rules, that operators want while it runs
  // Lots may expire while it runs, and the primary proposes cuts so often.
  std::optional<Millis> cut_every;
};

// What a node is about to let out, where a crash is worth trying right before and right after.
enum class Moment {
  kPromise,  // its answer to a release
  kVote,     // a vote to another node; it is stored by then
  kBlock,    // blocks that another node asked for
};

// One node: its disk outlives its process.
struct SimNode {
  std::string name;
  std::size_t index = 0;
  node::NodeConfig config;
  std::unique_ptr<Disk> disk;
  std::optional<DiskImage> snapshot;
  std::unique_ptr<node::NodeCore> core;  // none: it is down
  std::uint64_t process = 0;             // how often it was started or ended
  Millis offset{0};                      // of its clock
  std::int64_t drift_ppm = 0;
  // Calls to one peer wait for one another, and for a moment after a failure, as in ledger-node/peer_line.h.
  struct Line {
    std::deque<node::Outgoing> waiting;
    bool busy = false;
    Backoff backoff{Millis{100}, Millis{2000}};
    Time not_before{};
  };
  std::map<KeyId, Line> lines;
  struct Trap {
    Moment moment;
    bool before;        // nobody hears of it; else it leaves, and then the power goes
    bool wipe = false;  // and the disk with it, if that may be lost
  };
  std::optional<Trap> trap;
  bool wipe_at_fall = false;  // a trap that sprung says so
  unsigned wipes = 0;         // how often its disk was lost
  bool forgot = true;         // its disk is new, and it was not told yet what it may have promised

  bool up() const { return core != nullptr; }
};

class Cluster {
 public:
  // `folder`: an existing one of this process's own; databases never reach it.
  Cluster(const ClusterOptions& options, const std::filesystem::path& folder);
  ~Cluster();

  const ClusterOptions options;
  test::Consortium consortium;
  Timeline timeline;
  Journal journal;
  Draw draw;
  Witness witness;
  Network network;
  MemoryEngine engine;  // for nodes that order through one

  std::vector<SimNode>& nodes() { return nodes_; }
  SimNode* find(std::string_view name);
  SimNode* find(const KeyId& kid);
  const KeyId& kid(const SimNode& n) const { return consortium.supervisors[n.index].kid(); }
  std::string name_of(const KeyId& kid) const;
  Time clock_of(const SimNode& n) const;

  // An error other than a full disk or another cut is a violation: what was written can be read.
  void start(SimNode& n);
  void stop(SimNode& n);   // in order
  void crash(SimNode& n);  // the power goes now
  // The power goes at the n-th write from now, wherever the node is then.
  void crash_at_write(SimNode& n, std::uint64_t writes) { n.disk->cut_power_after(writes); }
  // The power goes when the node comes to that moment next.
  void crash_around(SimNode& n, Moment moment, bool before, bool wipe = false) {
    n.trap = {moment, before, wipe};
  }
  void wipe(SimNode& n);  // of a node that is down
  // As of a virtual machine: what is on its disk, and back to that. rewind(): of a node that is down.
  void snapshot(SimNode& n);
  void rewind(SimNode& n);
  // One disk at a time: who forgot what it promised learns it from all that the rest promised.
  // And none before a block is final or a term was opened: that cannot be told from a first start. Who is no member
  // never promised anything, and keeps its disk, so that it has it if it becomes one again.
  bool may_lose_disk(const SimNode& n) const;
  // The newest rules that any node held as final, and whether the node supervises by them.
  const Membership& rules() const { return rules_; }
  bool supervises(const SimNode& n) const;
  // An operator delegates the role to the node, with the next term it can know of; again until it holds it or
  // stop_delegating(). With an engine the others do not reach that for a while.
  void delegate(SimNode& n);
  void stop_delegating() { delegate_to_.reset(); }
  bool delegating() const { return delegate_to_.has_value(); }
  // An operator's call to a node that is up; nothing if the power goes while it is served.
  std::optional<node::Reply> operate(SimNode& n, const node::Call& call);
  // An operator asks the node for a cut; who does not order refuses.
  void ask_cut(SimNode& n);
  // Moves the node's clock; what it signed in between keeps its times.
  void set_clock(SimNode& n, Millis offset) { n.offset = offset; }

  // Runs until then or until something is broken. False if it is.
  bool run(Millis by);

 private:
  void make_nodes(const std::filesystem::path& folder);
  void tick(SimNode& n, std::uint64_t process);
  void push(SimNode& n, node::Outgoing call);
  void next(SimNode& n, const KeyId& peer);
  std::optional<node::Reply> serve(const KeyId& to, const node::Call& call);
  void overhear(const node::Call& call, const node::Reply& reply);
  // After each turn of a node: false if the power went in it, and then it is down and nothing of the turn counts.
  bool survived(SimNode& n);
  void note_rules(const chain::PublicChain& chain);
  void collapse(SimNode& n, std::string_view how);
  // The node's trap for that moment is there: it is gone, and the node is down if it was for before. After: the
  // caller lets out what is to leave and calls fall().
  enum class Sprung { kNo, kBefore, kAfter };
  Sprung spring(SimNode& n, Moment moment);
  void fall(SimNode& n, std::string_view how);

  void ask_operator(std::uint64_t asked);
  node::Reply control(SimNode& n, const std::string& path, Bytes body);

  std::vector<SimNode> nodes_;
  Membership rules_;
  std::optional<std::size_t> delegate_to_;
  std::uint64_t delegated_term_ = 0;
  std::uint64_t asked_ = 0;  // delegate() was called so often: only the newest goes on
};

}  // namespace lotmark::sim
