// Scenarios: what happens to a cluster, one command a line, to be read aloud (tests/sim/README.md has the words).
#pragma once

#include <filesystem>
#include <functional>
#include <map>

#include "tests/sim/ceremony.h"
#include "tests/sim/clients.h"

namespace lotmark::sim {

// A scenario on the stage: its cluster, and who submits to it.
struct Stage {
  // Begins where a consortium works: all nodes have started and know of one another, and the named one orders.
  Stage(const ClusterOptions& options, const std::filesystem::path& folder);
  SimNode& node(const std::string& name);
  const test::Party& reviewer(const std::string& name) const;
  // The submission of that lot by that reviewer, or by whoever comes first if none is named.
  Submission* submission(const std::string& lot, const std::string& by);
  std::vector<SimNode*> nodes(const std::vector<std::string>& names);  // all if none is named

  Cluster cluster;
  Clients clients;
  Ceremony ceremony;

 private:
  void keep_from_engine(bool cut);  // all but the one who orders at the beginning
};

struct Step {
  std::size_t line = 0;
  std::string text;
  // config or not-found with a sentence if it cannot be done or is not as expected.
  std::function<Status(Stage&)> run;
};

struct Scenario {
  std::string file;
  ClusterOptions cluster;
  std::vector<Ordering> orderings{Ordering::kLocal};
  std::vector<Step> steps;
};

// usage with "FILE:LINE: what is wrong", one line a fault, all of them at once.
Result<Scenario> parse_scenario(std::string_view text, const std::string& file);
Result<Scenario> read_scenario(const std::filesystem::path& file);

// Plays it. The error names file and line, and the newest events stand below it.
Status play(const Scenario& scenario, Ordering ordering, const std::filesystem::path& folder);

}  // namespace lotmark::sim
