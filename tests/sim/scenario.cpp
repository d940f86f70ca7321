#include "tests/sim/scenario.h"

#include <fmt/format.h>

namespace lotmark::sim {

Stage::Stage(const ClusterOptions& options, const std::filesystem::path& folder)
    : cluster(options, folder), clients(cluster), ceremony(cluster) {
  for (auto& n : cluster.nodes()) cluster.start(n);
  const bool engine = options.ordering == Ordering::kEngine;
  const auto begun = [&] {
    for (const auto& n : cluster.nodes()) {
      if (n.index + options.later >= options.nodes) continue;
      const auto standing = n.core->chain().standing();
      if (!standing || !*standing || (engine && n.core->chain().term() == 0)) return false;
    }
    return true;
  };
  if (engine) keep_from_engine(true);  // so that the one the scenario names is the first
  for (int i = 0; i < 100 && !begun(); ++i) (void)cluster.run(Millis{100});
  if (engine) keep_from_engine(false);
}

void Stage::keep_from_engine(bool cut) {
  for (auto& n : cluster.nodes()) {
    if (n.index == cluster.options.primary) continue;
    cut ? cluster.engine.cut(n.name) : cluster.engine.mend(n.name);
  }
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
  std::filesystem::create_directories(folder);
  ClusterOptions options = scenario.cluster;
  options.ordering = ordering;
  Stage stage(options, folder);
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
