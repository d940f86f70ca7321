// Answers of calls that wait until every standby holds their rows: bounded, so that a slow standby takes no more than some
// of the threads that answer operators.
#pragma once

#include "ledger-node/standby/copies.h"

namespace lotmark::node {

struct HeldWaitOptions {
  Millis longest{10'000};
  Millis look{20};
};

class HeldWait {
 public:
  explicit HeldWait(const Copies& copies, HeldWaitOptions options = {})
      : copies_(copies), options_(options) {}

  // Waits until every standby holds the rows up to that place in `moved`. False if that takes too long; at once where `most`
  // others wait already, or a standby is silent. Any thread.
  bool held(std::uint64_t moved, int most);
  int waiting() const { return waiting_; }

 private:
  const Copies& copies_;
  HeldWaitOptions options_;
  std::atomic<int> waiting_ = 0;
};

}  // namespace lotmark::node
