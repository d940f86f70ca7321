// Readings without a time of their own are dated when they are read. While the agent takes nothing (its outbox or its disk is
// full) what a device says waits with the kernel, and would get the time at which the agent goes on.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/base/seldom.h"
#include "edge-agent/source/source.h"

namespace lotmark::agent {

class Stall {
 public:
  // `source` is named in the log; `clock` outlives it.
  Stall(std::string source, const Clock& clock);

  // As the sink does, and notes whether that took long.
  bool put(Sink& sink, std::vector<Reading> readings);
  // What was not read yet is too old.
  bool lasted() const { return since_.has_value(); }
  // Since when; once.
  std::optional<Time> take() { return std::exchange(since_, std::nullopt); }

 private:
  const std::string source_;
  const Clock& clock_;
  Seldom told_;
  std::optional<Time> since_;
};

}  // namespace lotmark::agent
