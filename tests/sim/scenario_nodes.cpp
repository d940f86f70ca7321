// The words for what becomes of one node, its disk and its clock.
#include "tests/sim/scenario_parser.h"

namespace lotmark::sim {

Result<Action> Parser::crash(Words& w) {
  LM_ASSIGN(auto name, node(w));
  if (w.take_all("at write")) {
    LM_ASSIGN(auto n, w.number("which write"));
    return Action([=](Stage& s) -> Status {
      s.cluster.crash_at_write(s.node(name), std::max<std::uint64_t>(n, 1));
      return {};
    });
  }
  const bool before = w.take("before");
  if (before || w.take("after")) {
    LM_ASSIGN(auto event, w.word("a moment"));
    static const std::map<std::string, Moment> kMoments = {
        {"promise", Moment::kPromise}, {"vote", Moment::kVote}, {"block", Moment::kBlock}};
    const auto moment = kMoments.find(event);
    if (moment == kMoments.end())
      return fail(Errc::kUsage, "no moment \"" + event + "\": promise, vote or block");
    return Action([=, at = moment->second](Stage& s) -> Status {
      s.cluster.crash_around(s.node(name), at, before);
      return {};
    });
  }
  return Action([=](Stage& s) -> Status {
    s.cluster.crash(s.node(name));
    return {};
  });
}

Result<Action> Parser::with_node(Words& w, void (*what)(Cluster&, SimNode&)) {
  LM_ASSIGN(auto name, node(w));
  return Action([=](Stage& s) -> Status {
    what(s.cluster, s.node(name));
    return {};
  });
}

Result<Action> Parser::stop(Words& w) {
  return with_node(w, [](Cluster& c, SimNode& n) { c.stop(n); });
}

Result<Action> Parser::restart(Words& w) {
  return with_node(w, [](Cluster& c, SimNode& n) {
    c.stop(n);
    c.start(n);
  });
}

Result<Action> Parser::wipe(Words& w) {
  return with_node(w, [](Cluster& c, SimNode& n) {
    c.crash(n);
    c.wipe(n);
  });
}

Result<Action> Parser::snapshot(Words& w) {
  return with_node(w, [](Cluster& c, SimNode& n) { c.snapshot(n); });
}

Result<Action> Parser::rewind(Words& w) {
  LM_ASSIGN(auto name, node(w));
  return Action([=](Stage& s) -> Status {
    SimNode& n = s.node(name);
    if (!n.snapshot) return fail(Errc::kUsage, "there is no snapshot of " + name);
    s.cluster.crash(n);
    s.cluster.rewind(n);
    return {};
  });
}

Result<Action> Parser::fill(Words& w) {
  return with_node(w, [](Cluster&, SimNode& n) { n.disk->set_full(true); });
}

Result<Action> Parser::free(Words& w) {
  return with_node(w, [](Cluster&, SimNode& n) { n.disk->set_full(false); });
}

Result<Action> Parser::clock(Words& w) {
  LM_ASSIGN(auto name, node(w));
  LM_ASSIGN(auto offset, w.duration("how much it is ahead"));
  return Action([=](Stage& s) -> Status {
    s.cluster.set_clock(s.node(name), offset);
    return {};
  });
}

}  // namespace lotmark::sim
