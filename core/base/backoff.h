// The pause before something that failed is tried again: doubled each time up to a limit, and made to differ
// from everybody else's, so that a service that comes back is not met by all its callers at once.
#pragma once

#include "core/base/clock.h"

namespace lotmark {

class Backoff {
 public:
  // 0 < first <= most.
  Backoff(Millis first, Millis most) : first_(first), most_(most) {}

  void succeeded() { failures_ = 0; }
  // How long to wait now: three to five quarters of first * 2^n, n failures before this one; at most 5/4 of `most`.
  Millis failed();
  unsigned failures() const { return failures_; }

 private:
  Millis first_;
  Millis most_;
  unsigned failures_ = 0;
};

}  // namespace lotmark
