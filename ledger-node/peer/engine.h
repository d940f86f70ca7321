// What every role of a node looks like from outside: calls in, calls out, time handed in, no I/O but its own
// database. The node holds one lock around all of it.
#pragma once

#include "core/base/clock.h"
#include "ledger-node/chain/public/public_chain.h"
#include "ledger-node/peer/call.h"

namespace lotmark::node {

class Engine {
 public:
  virtual ~Engine() = default;

  // A peer's call, its token already admitted. Nothing: the route is not this engine's.
  virtual std::optional<Reply> peer(const Route& /*route*/, const Call& /*call*/,
                                    const Member& /*from*/, Time /*now*/) {
    return std::nullopt;
  }
  // An operator's call (of the node's own organisation).
  virtual std::optional<Reply> control(const Route& /*route*/, const Call& /*call*/,
                                       const chain::Enrolled& /*from*/, Time /*now*/) {
    return std::nullopt;
  }
  // What is due. Called often (every poll_ms); must be cheap when nothing is.
  virtual std::vector<Outgoing> tick(Time now) = 0;
  // Counters for /metrics and status: name{labels} -> value.
  virtual std::vector<std::pair<std::string, double>> metrics() const = 0;
};

}  // namespace lotmark::node
