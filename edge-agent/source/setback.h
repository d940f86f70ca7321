// A fault that may pass: a stick that is not there yet, a full disk, a key file whose mode is wrong. It is said once, and what
// failed is tried again after growing pauses.
#pragma once

#include <string>

#include "core/base/backoff.h"
#include "core/base/result.h"

namespace lotmark::agent {

class Setback {
 public:
  // `source` is named in the log.
  explicit Setback(std::string source);

  // How long to wait now: about a second to begin with, ten at most.
  Millis failed(const Error& error);
  // It works: if it did not, that is said too.
  void over();
  bool lasts() const { return pauses_.failures() > 0; }

 private:
  const std::string source_;
  Backoff pauses_;
};

}  // namespace lotmark::agent
