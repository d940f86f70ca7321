// The words of scenarios: each command is read whole before any is run.
#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <sstream>

#include "tests/sim/scenario_parser.h"

namespace lotmark::sim {

Result<Action> Parser::line(Words& w) {
  LM_ASSIGN(auto verb, w.word("a command"));
  if (verb == "nodes" || verb == "later" || verb == "ordering" || verb == "primary" ||
      verb == "period" || verb == "cutting") {
    if (!s_.steps.empty()) return fail(Errc::kUsage, "\"" + verb + "\" stands above all commands");
    LM_TRY(setting(verb, w));
    return Action();
  }
  if (names_.empty()) return fail(Errc::kUsage, "\"nodes ... quorum N\" comes first");
  static const std::map<std::string, Result<Action> (Parser::*)(Words&)> kCommands = {
      {"submit", &Parser::submit},
      {"advance", &Parser::advance},
      {"partition", &Parser::partition},
      {"cut", &Parser::cut},
      {"ask", &Parser::ask},
      {"heal", &Parser::heal},
      {"crash", &Parser::crash},
      {"stop", &Parser::stop},
      {"restart", &Parser::restart},
      {"wipe", &Parser::wipe},
      {"snapshot", &Parser::snapshot},
      {"rewind", &Parser::rewind},
      {"fill", &Parser::fill},
      {"free", &Parser::free},
      {"clock", &Parser::clock},
      {"drop", &Parser::drop},
      {"hold", &Parser::hold},
      {"release", &Parser::release},
      {"engine", &Parser::engine},
      {"delegate", &Parser::delegate},
      {"expect", &Parser::expect},
      {"add", &Parser::add},
      {"remove", &Parser::remove},
      {"quorum", &Parser::quorum},
      {"root", &Parser::root},
      {"operators", &Parser::operators}};
  const auto command = kCommands.find(verb);
  if (command == kCommands.end()) return fail(Errc::kUsage, "no command \"" + verb + "\"");
  return (this->*command->second)(w);
}

Status Parser::setting(const std::string& verb, Words& w) {
  if (verb == "nodes") return nodes(w);
  if (verb == "later") return later(w);
  if (verb == "ordering") return ordering(w);
  if (verb == "cutting") {
    if (!w.take("every")) return fail(Errc::kUsage, "cutting every TIME");
    LM_ASSIGN(auto every, w.duration("the time between audit rounds"));
    s_.cluster.cut_every = std::max(every, Millis{1000});
    return {};
  }
  if (verb == "period") {
    LM_ASSIGN(auto period, w.duration("the time between period blocks"));
    s_.cluster.period_s =
        static_cast<std::uint64_t>(std::max<std::int64_t>(1, period.count() / 1000));
    return {};
  }
  LM_ASSIGN(auto name, node(w));
  s_.cluster.primary = static_cast<std::size_t>(std::ranges::find(names_, name) - names_.begin());
  return {};
}

Status Parser::nodes(Words& w) {
  names_ = w.until("quorum");
  for (std::size_t i = 0; i < names_.size(); ++i) {
    if (names_[i] != fmt::format("prov-{}", i + 1))
      return fail(Errc::kUsage, "nodes are called prov-1, prov-2, ... in their order");
  }
  if (names_.size() < 3 || names_.size() > 7) return fail(Errc::kUsage, "3 to 7 nodes");
  if (!w.take("quorum")) return fail(Errc::kUsage, "\"quorum N\" is missing");
  LM_ASSIGN(auto quorum, w.number("the quorum"));
  if (quorum > names_.size() || 2 * quorum <= names_.size())
    return fail(Errc::kUsage, "a quorum is more than half of the nodes");
  s_.cluster.nodes = names_.size();
  s_.cluster.quorum = quorum;
  return {};
}

// Nodes that follow the chain and become members by `add`.
Status Parser::later(Words& w) {
  if (names_.empty()) return fail(Errc::kUsage, "\"nodes ... quorum N\" comes first");
  do {
    LM_ASSIGN(auto name, w.word("a node"));
    if (name != fmt::format("prov-{}", names_.size() + 1))
      return fail(Errc::kUsage, "later nodes go on counting: prov-4, ...");
    names_.push_back(name);
    ++s_.cluster.later;
  } while (!w.empty());
  s_.cluster.nodes = names_.size();
  return {};
}

Status Parser::ordering(Words& w) {
  if (w.take("local")) s_.orderings = {Ordering::kLocal};
  else if (w.take("jetstream")) s_.orderings = {Ordering::kEngine};
  else if (w.take("both")) s_.orderings = {Ordering::kLocal, Ordering::kEngine};
  else return fail(Errc::kUsage, "ordering is local, jetstream or both");
  return {};
}

Result<std::string> Parser::node(Words& w) {
  LM_ASSIGN(auto name, w.word("a node"));
  if (std::ranges::find(names_, name) != names_.end()) return name;
  return fail(Errc::kUsage, "no node \"" + name + "\"");
}

Result<std::string> Parser::reviewer(Words& w) {
  LM_ASSIGN(auto name, w.word("a reviewer"));
  if (name == "drug-east" || name == "drug-west") return name;
  return fail(Errc::kUsage, "no reviewer \"" + name + "\": drug-east or drug-west");
}

Result<Names> Parser::on(Words& w) {
  Names names;
  if (!w.take("on")) return names;
  do {
    LM_ASSIGN(auto name, node(w));
    names.push_back(name);
  } while (!w.empty());
  return names;
}

Result<std::pair<std::string, std::string>> Parser::lot(Words& w) {
  LM_ASSIGN(auto name, w.word("a lot"));
  std::string by;
  if (w.take("by")) {
    LM_ASSIGN(by, reviewer(w));
  }
  return std::pair{name, by};
}

Result<Names> Parser::side(Words& w) {
  Names names = w.until("|");
  for (const auto& n : names) {
    const bool known = n == "engine" || n == "drug-east" || n == "drug-west" ||
                       std::ranges::find(names_, n) != names_.end();
    if (!known) return fail(Errc::kUsage, "nobody is called \"" + n + "\"");
  }
  if (names.empty()) return fail(Errc::kUsage, "nobody stands on a side of the partition");
  return names;
}

Result<Action> Parser::submit(Words& w) {
  LM_ASSIGN(auto what, lot(w));
  std::optional<std::string> to;
  if (w.take("to")) {
    LM_ASSIGN(to, node(w));
  }
  const Keep keep = w.take_all("good until midnight") ? Keep::kMidnight
                    : w.take("retained")              ? Keep::kRetained
                                                      : Keep::kYears;
  if (keep != Keep::kYears && !s_.cluster.cut_every)
    return fail(Errc::kUsage, "\"cutting every TIME\" stands above all commands");
  const Trust trust = w.take("once") ? Trust::kPromise : Trust::kFinal;
  return Action([=](Stage& s) -> Status {
    if (to) s.clients.ask_first(s.node(*to).index);
    s.clients.submit(what.first, s.reviewer(what.second), trust, keep);
    return {};
  });
}

Result<Action> Parser::advance(Words& w) {
  LM_ASSIGN(auto by, w.duration("a time"));
  return Action([=](Stage& s) -> Status {
    (void)s.cluster.run(by);
    return {};
  });
}

void Parser::separate(Stage& s, const std::string& a, const std::string& b) {
  if (a == "engine" || b == "engine") return s.cluster.engine.cut(a == "engine" ? b : a);
  const auto kid = [&](const std::string& name) {
    SimNode* n = s.cluster.find(name);
    return n != nullptr ? s.cluster.kid(*n) : s.reviewer(name).kid();
  };
  s.cluster.network.cut(kid(a), kid(b));
}

Result<Action> Parser::partition(Words& w) {
  std::vector<Names> sides;
  do {
    LM_ASSIGN(auto names, side(w));
    sides.push_back(std::move(names));
  } while (w.take("|"));
  if (sides.size() < 2) return fail(Errc::kUsage, "a partition has two sides: A | B");
  return Action([=](Stage& s) -> Status {
    for (const auto& a : sides) {
      for (const auto& b : sides) {
        if (&a == &b) continue;
        for (const auto& x : a) {
          for (const auto& y : b) separate(s, x, y);
        }
      }
    }
    return {};
  });
}

Result<Action> Parser::cut(Words& w) {
  LM_ASSIGN(auto from, node(w));
  if (!w.take("->")) return fail(Errc::kUsage, "cut A -> B");
  LM_ASSIGN(auto to, node(w));
  return Action([=](Stage& s) -> Status {
    separate(s, from, to);
    return {};
  });
}

Result<Action> Parser::ask(Words& w) {
  LM_ASSIGN(auto name, node(w));
  if (!w.take_all("for a cut")) return fail(Errc::kUsage, "ask NODE for a cut");
  return Action([=](Stage& s) -> Status {
    s.cluster.ask_cut(s.node(name));
    return {};
  });
}

Result<Action> Parser::heal(Words& /*w*/) {
  return Action([](Stage& s) -> Status {
    s.cluster.network.heal();
    s.cluster.engine.mend_all();
    return {};
  });
}

Result<Action> Parser::drop(Words& w) {
  if (!w.take("next")) return fail(Errc::kUsage, "drop next N KIND from A to B");
  LM_ASSIGN(auto count, w.number("how many"));
  LM_ASSIGN(auto word, w.word("what"));
  const auto kind = kind_from(word);
  if (!kind) {
    return fail(Errc::kUsage, "no messages are called \"" + word +
                                  "\": releases, promises, votes, blocks or heads");
  }
  const auto party = [&](const char* before) -> Result<std::string> {
    if (!w.take(before))
      return fail(Errc::kUsage, std::string("\"") + before + " NAME\" is missing");
    if (!w.empty() && w.peek().starts_with("drug-")) return reviewer(w);
    return node(w);
  };
  LM_ASSIGN(auto from, party("from"));
  LM_ASSIGN(auto to, party("to"));
  return Action([=](Stage& s) -> Status {
    const auto kid = [&](const std::string& name) {
      SimNode* n = s.cluster.find(name);
      return n != nullptr ? s.cluster.kid(*n) : s.reviewer(name).kid();
    };
    s.cluster.network.drop_next(count, *kind, kid(from), kid(to));
    return {};
  });
}

Result<Action> Parser::hold(Words& w) {
  LM_ASSIGN(auto name, node(w));
  if (!w.take_all("before append")) return fail(Errc::kUsage, "hold NODE before append");
  return Action([=](Stage& s) -> Status {
    s.cluster.engine.hold(name);
    return {};
  });
}

Result<Action> Parser::release(Words& w) {
  LM_ASSIGN(auto name, node(w));
  return Action([=](Stage& s) -> Status {
    s.cluster.engine.release(name);
    return {};
  });
}

Result<Action> Parser::engine(Words& w) {
  std::function<void(MemoryEngine&)> what;
  if (w.take("loses")) {
    if (w.take_all("its lease")) {
      what = [](MemoryEngine& e) { e.forget_lease(); };
    } else {
      LM_ASSIGN(auto n, w.number("how many entries"));
      if (!w.take("entries")) return fail(Errc::kUsage, "engine loses N entries");
      what = [n](MemoryEngine& e) { e.lose_newest(n); };
    }
  } else if (w.take_all("is emptied")) {
    what = [](MemoryEngine& e) { e.purge(); };
  } else if (w.take_all("is made anew")) {
    what = [](MemoryEngine& e) { e.remake(); };
  } else if (w.take_all("takes nothing")) {
    what = [](MemoryEngine& e) { e.takes = MemoryEngine::Takes::kNothing; };
  } else if (w.take_all("hangs on entries")) {
    what = [](MemoryEngine& e) { e.takes = MemoryEngine::Takes::kHangsOnEntries; };
  } else if (w.take_all("takes no entries")) {
    what = [](MemoryEngine& e) { e.takes = MemoryEngine::Takes::kLeases; };
  } else {
    return fail(Errc::kUsage,
                "the engine loses N entries, loses its lease, is emptied, is made anew, takes "
                "nothing, takes no entries or hangs on entries");
  }
  return Action([=](Stage& s) -> Status {
    what(s.cluster.engine);
    return {};
  });
}

Result<Action> Parser::delegate(Words& w) {
  LM_ASSIGN(auto name, node(w));
  return Action([=](Stage& s) -> Status {
    s.cluster.delegate(s.node(name));
    return {};
  });
}

Result<Scenario> parse_scenario(std::string_view text, const std::string& file) {
  Scenario s;
  s.file = file;
  Parser parser(s);
  std::string faults;
  std::istringstream in{std::string(text)};
  std::size_t number = 0;
  for (std::string line; std::getline(in, line);) {
    ++number;
    Words words(line);
    if (words.empty()) continue;
    auto action = parser.line(words);
    const Status done = action ? words.end() : Status(action.error());
    if (!done)
      faults +=
          fmt::format("{}{}:{}: {}", faults.empty() ? "" : "\n", file, number, done.error().text);
    else if (*action) s.steps.push_back({number, line, *std::move(action)});
  }
  if (faults.empty() && s.steps.empty()) faults = file + ":1: nothing happens";
  if (!faults.empty()) return fail(Errc::kUsage, faults);
  return s;
}

Result<Scenario> read_scenario(const std::filesystem::path& file) {
  std::ifstream in(file);
  if (!in) return fail(Errc::kIo, "cannot read " + file.string());
  std::ostringstream text;
  text << in.rdbuf();
  return parse_scenario(text.str(), file.filename().string());
}

}  // namespace lotmark::sim
