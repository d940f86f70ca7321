#include "tests/sim/scenario.h"

#include <fmt/format.h>

namespace lotmark::sim {

Stage::Stage(const ClusterOptions& options, const std::filesystem::path& folder)
    : cluster(options, folder), clients(cluster) {
  for (auto& n : cluster.nodes()) cluster.start(n);
}

SimNode& Stage::node(const std::string& name) {
  SimNode* n = cluster.find(name);
  LM_ASSERT(n != nullptr);  // the parser knows all names
  return *n;
}

const test::Party& Stage::reviewer(const std::string& name) const {
  return name == "drug-west" ? cluster.consortium.west : cluster.consortium.east;
}

Submission* Stage::submission(const std::string& lot, const std::string& by) {
  for (const auto& s : clients.submissions()) {
    if (s->lot == lot && (by.empty() || s->by->name == by)) return s.get();
  }
  return nullptr;
}

std::vector<SimNode*> Stage::nodes(const std::vector<std::string>& names) {
  std::vector<SimNode*> out;
  for (auto& n : cluster.nodes()) {
    if (names.empty() || std::ranges::find(names, n.name) != names.end()) out.push_back(&n);
  }
  return out;
}

Status play(const Scenario& scenario, Ordering ordering, const std::filesystem::path& folder) {
  if (ordering == Ordering::kEngine)
    return fail(Errc::kConfig, scenario.file + ": no node orders through an engine yet");
  std::filesystem::create_directories(folder);
  Stage stage(scenario.cluster, folder);
  auto& journal = stage.cluster.journal;
  for (const auto& step : scenario.steps) {
    journal.say(fmt::format("{}:{}: {}", scenario.file, step.line, step.text));
    Status done = step.run(stage);
    if (done && journal.broken()) done = fail(Errc::kInternal, *journal.broken());
    if (done) continue;
    return fail(done.code(), fmt::format("{}:{}: {}: {}\n{}", scenario.file, step.line, step.text,
                                         done.error().text, journal.tail()));
  }
  for (const auto& n : stage.cluster.nodes()) {
    if (!n.up()) continue;
    stage.cluster.witness.check_receipts(n.name, n.core->chain(), stage.cluster.timeline.now());
  }
  if (!journal.broken()) return {};
  return fail(Errc::kInternal, fmt::format("{}: at the end: {}", scenario.file, *journal.broken()));
}

}  // namespace lotmark::sim
