// Calls to one peer, one after another, on a thread of its own: a slow peer delays only itself.
#pragma once

#include <condition_variable>
#include <deque>
#include <thread>

#include "core/base/backoff.h"
#include "core/http/client.h"
#include "ledger-node/node_core.h"
#include "ledger-node/wake.h"

namespace lotmark::node {

class PeerLine {
 public:
  // `core`, `clock` and `wake` must outlive it; `wake` is rung when an answer brought something.
  PeerLine(NodeCore& core, KeyId kid, http::Client client, const Clock& clock, Wake& wake);
  ~PeerLine();
  // No call begins any more; the one under way ends by itself. To be told to all before the first of them goes.
  void stop();
  // Never waits. Completed at once with unavailable if too many calls wait, or while the peer did not
  // answer the last one and is left alone for a moment: a connection that fails costs milliseconds of CPU.
  void push(Outgoing call);

 private:
  using SteadyTime = std::chrono::steady_clock::time_point;
  void run();
  Reply make(const Outgoing& call);
  void note(const Reply& reply);
  NodeCore& core_;
  KeyId kid_;
  http::Client client_;
  const Clock& clock_;
  Wake& wake_ticker_;
  std::mutex lock_;
  std::condition_variable wake_;
  std::deque<Outgoing> queue_;
  Backoff backoff_{Millis{100}, Millis{2000}};
  SteadyTime not_before_{};
  bool stop_ = false;
  std::thread thread_;
};

}  // namespace lotmark::node
