// One seed: a cluster, its clients, a storm, and then calm, in which everything owed must come true.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

namespace lotmark::sim {

struct RunReport {
  std::uint64_t seed = 0;
  std::string plan;                      // in words: nodes, quorum, level, lots
  std::optional<std::string> violation;  // nothing: all is well
  std::string tail;                      // the newest events
  std::uint64_t digest = 0;              // of all events: equal for equal seeds
  std::uint64_t steps = 0;
  std::uint64_t blocks = 0;  // final ones
  std::uint64_t lots = 0;    // final ones
  std::uint64_t cuts = 0;    // whose bodies were dropped
  double virtual_s = 0;
};

struct RunOptions {
  bool loud = false;  // prints each event
};

// `folder`: of this process's own; made if missing.
RunReport run_seed(std::uint64_t seed, const std::filesystem::path& folder,
                   const RunOptions& options = {});

}  // namespace lotmark::sim
