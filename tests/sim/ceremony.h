// Operators who change the consortium's rules: they approve a draft at every supervisory node, ask for a place, sign with the
// root key and submit, again and again until the next epoch is in force (docs/operate/members.md).
#pragma once

#include "core/proof/proposal.h"
#include "tests/sim/cluster.h"

namespace lotmark::sim {

class Ceremony {
 public:
  using Change = std::function<void(Membership&)>;
  // `cluster` must outlive it.
  explicit Ceremony(Cluster& cluster) : cluster_(cluster) {}

  // What becomes of a change that a node refuses to approve: asked for again, or let go.
  enum class Refused { kAskAgain, kLetGo };
  // One change at a time: a later one waits for those before.
  void begin(std::string what, Change change, Refused refused = Refused::kAskAgain);
  // Those that nobody was asked to approve yet are given up.
  void no_more();
  // With ordering by delegation: who is to go gives the role away first.
  void delegate_where_needed() { delegates_ = true; }
  // How long the root key's holder takes to sign what has a place.
  void root_takes(Millis time) { root_takes_ = time; }
  bool done() const { return wanted_.empty(); }

 private:
  struct Wanted {
    std::string what;
    Change change;
    Refused refused;
    std::optional<Membership> draft;
  };
  void step();
  bool draw_up(const SimNode& best);
  // False: the change was refused, and is let go.
  bool approve(SimNode& n);
  void place(SimNode& n);
  void delegate_to_who_stays();
  std::optional<node::Reply> ask(SimNode& n, const char* method, const char* path, Bytes body);
  SimNode* furthest();

  Cluster& cluster_;
  std::deque<Wanted> wanted_;
  bool running_ = false;
  bool delegates_ = false;
  Millis root_takes_{500};
  std::uint64_t signed_for_ = 0;  // the place for which the root key's holder is at work
};

}  // namespace lotmark::sim
