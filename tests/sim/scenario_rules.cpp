// The words by which operators change the consortium's rules.
#include "tests/sim/scenario_parser.h"

namespace lotmark::sim {

Result<std::optional<std::uint64_t>> Parser::and_quorum(Words& w) {
  if (!w.take("quorum")) return std::optional<std::uint64_t>();
  LM_ASSIGN(auto n, w.number("the quorum"));
  return std::optional(n);
}

Result<Action> Parser::add(Words& w) {
  LM_ASSIGN(auto name, node(w));
  LM_ASSIGN(auto q, and_quorum(w));
  return Action([=](Stage& s) -> Status {
    const Member m = s.cluster.consortium.supervisor(s.node(name).index);
    s.ceremony.begin("add " + name, [=](Membership& next) {
      next.members.push_back(m);
      next.quorum = q.value_or(next.quorum);
    });
    return {};
  });
}

Result<Action> Parser::remove(Words& w) {
  LM_ASSIGN(auto name, node(w));
  LM_ASSIGN(auto q, and_quorum(w));
  return Action([=](Stage& s) -> Status {
    const KeyId kid = s.cluster.kid(s.node(name));
    s.ceremony.begin("remove " + name, [=](Membership& next) {
      std::erase_if(next.members, [&](const Member& m) { return m.kid == kid; });
      next.quorum = q.value_or(next.quorum);
    });
    return {};
  });
}

Result<Action> Parser::quorum(Words& w) {
  LM_ASSIGN(auto n, w.number("the quorum"));
  return Action([=](Stage& s) -> Status {
    s.ceremony.begin("have another quorum", [=](Membership& next) { next.quorum = n; });
    return {};
  });
}

Result<Action> Parser::root(Words& w) {
  if (!w.take("takes")) return fail(Errc::kUsage, "root takes TIME");
  LM_ASSIGN(auto time, w.duration("how long"));
  return Action([=](Stage& s) -> Status {
    s.ceremony.root_takes(time);
    return {};
  });
}

Result<Action> Parser::operators(Words& w) {
  if (!w.take("delegate")) return fail(Errc::kUsage, "operators delegate");
  return Action([](Stage& s) -> Status {
    s.ceremony.delegate_where_needed();
    return {};
  });
}

}  // namespace lotmark::sim
