// The reader behind parse_scenario: settings and commands in scenario_parse.cpp, what becomes of one node
// in scenario_nodes.cpp, expectations in scenario_expect.cpp.
#pragma once

#include "tests/sim/scenario.h"
#include "tests/sim/words.h"

namespace lotmark::sim {

using Names = std::vector<std::string>;
using Action = std::function<Status(Stage&)>;

class Parser {
 public:
  explicit Parser(Scenario& s) : s_(s) {}

  // One line that is not empty. Settings give no action.
  Result<Action> line(Words& w);

 private:
  Status setting(const std::string& verb, Words& w);
  Status nodes(Words& w);
  Status ordering(Words& w);

  Result<std::string> node(Words& w);
  static Result<std::string> reviewer(Words& w);
  // "on prov-1 prov-2"; none: all.
  Result<Names> on(Words& w);
  // "LOT1" or "LOT1 by drug-west".
  static Result<std::pair<std::string, std::string>> lot(Words& w);
  // Names of nodes, reviewers and `engine`.
  Result<Names> side(Words& w);

  Result<Action> submit(Words& w);
  Result<Action> advance(Words& w);
  static void separate(Stage& s, const std::string& a, const std::string& b);
  Result<Action> partition(Words& w);
  Result<Action> cut(Words& w);
  Result<Action> ask(Words& w);
  Result<Action> heal(Words& w);
  Result<Action> crash(Words& w);
  // A command with one node and nothing else.
  Result<Action> with_node(Words& w, void (*what)(Cluster&, SimNode&));
  Result<Action> stop(Words& w);
  Result<Action> restart(Words& w);
  Result<Action> wipe(Words& w);
  Result<Action> snapshot(Words& w);
  Result<Action> rewind(Words& w);
  Result<Action> fill(Words& w);
  Result<Action> free(Words& w);
  Result<Action> clock(Words& w);
  Result<Action> drop(Words& w);
  Result<Action> hold(Words& w);
  Result<Action> release(Words& w);
  Result<Action> engine(Words& w);
  Result<Action> delegate(Words& w);
  // What operators change by a membership statement.
  Result<Action> add(Words& w);
  Result<Action> remove(Words& w);
  Result<Action> quorum(Words& w);
  Result<Action> root(Words& w);
  Result<Action> operators(Words& w);
  static Result<std::optional<std::uint64_t>> and_quorum(Words& w);
  Result<Action> expect(Words& w);
  Result<Action> expect_of_lot(Words& w, const std::string& what, bool wanted);

  Scenario& s_;
  Status later(Words& w);
  Names names_;
};

}  // namespace lotmark::sim
