// An ordering engine in memory (ledger-node/order/order_log.h) for many nodes at once: what NATS JetStream is in the
// product, with every way it can let its users down. Time is virtual, faults are drawn or told.
#pragma once

#include <deque>
#include <memory>
#include <set>

#include "ledger-node/order/order_log.h"
#include "tests/sim/random.h"
#include "tests/sim/timeline.h"

namespace lotmark::sim {

class MemoryEngine {
 public:
  // `timeline` must outlive it.
  MemoryEngine(Timeline& timeline, Draw draw) : timeline_(timeline), draw_(draw) {}

  // The node's connection; it ends the one before. It may outlive neither engine nor timeline. What a connection sent
  // before it ended may still arrive.
  std::unique_ptr<node::OrderLog> connect(const std::string& node);

  // Each way between a node and the engine takes so long.
  Millis least{1};
  Millis most{5};
  // Of a thousand requests: taken or not, the answer does not come.
  unsigned lose_answer = 0;

  // Nothing passes between the node and the engine any more; it learns that at once, requests end as unavailable.
  void cut(const std::string& node);
  void mend(const std::string& node);
  bool is_cut(const std::string& node) const { return cut_.contains(node); }
  void mend_all();
  // The node's requests wait on their way until release(), as if it stood still right before they arrive. They are
  // answered unavailable in time all the same.
  void hold(const std::string& node);
  void release(const std::string& node);

  // As when it has no quorum: it tells what it has, and takes nothing; or leases alone. Or leases alone, and who sends
  // it an entry finds the log gone a second later, and there again some seconds after that.
  enum class Takes { kAll, kLeases, kNothing, kHangsOnEntries };
  Takes takes = Takes::kAll;

  // The newest `n` entries are gone though they were acknowledged; all connections are made anew.
  void lose_newest(std::uint64_t n);
  // Somebody deleted everything: log and lease begin anew, numbers included.
  void remake();
  // Somebody emptied the log: its numbers go on.
  void purge();
  void forget_lease();

  std::uint64_t first() const { return first_; }
  std::uint64_t last() const { return first_ + entries_.size() - 1; }
  const std::optional<node::Lease>& lease() const { return lease_; }

 private:
  friend class MemoryOrderLog;
  struct Link {
    std::deque<node::OrderEvent> due;    // for the next poll()
    std::set<std::uint64_t> unanswered;  // requests
    std::uint64_t session = 0;           // what was sent in an earlier one does not arrive
    Time up{};                           // nothing overtakes on the way there,
    Time down{};                         // nor on the way back
  };
  using Request = std::function<Result<std::uint64_t>()>;
  void send(const std::string& node, const std::shared_ptr<Link>& link, std::uint64_t request,
            Request what);
  void arrive(const std::string& node, const std::shared_ptr<Link>& link, std::uint64_t request,
              const Request& what);
  void answer(const std::shared_ptr<Link>& link, std::uint64_t request,
              Result<std::uint64_t> place);
  void tell(const std::shared_ptr<Link>& link, node::OrderEvent event);
  void tell_all(const node::OrderEvent& event);
  void hang(const std::string& node, const std::shared_ptr<Link>& link);
  void greet(const std::shared_ptr<Link>& link);  // all there is, from the beginning
  void greet_all();
  Millis delay() { return Millis{draw_.between(least.count(), most.count())}; }

  Timeline& timeline_;
  Draw draw_;
  std::map<std::string, std::shared_ptr<Link>> links_;
  std::set<std::string> cut_;
  std::map<std::string, std::vector<std::function<void()>>> held_;
  std::uint64_t first_ = 1;
  std::vector<Bytes> entries_;
  std::optional<node::Lease> lease_;
  std::uint64_t revision_ = 0;   // of the lease, 0 when there is none
  std::uint64_t revisions_ = 0;  // given so far
};

}  // namespace lotmark::sim
