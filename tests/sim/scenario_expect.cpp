#include <fmt/format.h>

#include "ledger-node/chain/public/cut_store.h"
#include "tests/sim/scenario_parser.h"

namespace lotmark::sim {

namespace {

Status unless(bool ok, std::string why) {
  return ok ? Status() : fail(Errc::kNotFound, std::move(why));
}

// What nodes hold of a lot.
Result<std::optional<chain::LotEntry>> entry(const SimNode& n, const Submission& s) {
  LM_ASSIGN(auto found, n.core->chain().find_lot(test::Consortium::gtin(), {s.lot}));
  if (found && found->application != s.application) found.reset();
  return found;
}

}  // namespace

Result<Action> Parser::expect_of_lot(Words& w, const std::string& what, bool wanted) {
  LM_ASSIGN(auto which, lot(w));
  LM_ASSIGN(auto names, on(w));
  return Action([=](Stage& s) -> Status {
    const Submission* sub = s.submission(which.first, which.second);
    if (sub == nullptr) return fail(Errc::kUsage, "nobody submitted " + which.first);
    const std::string about = which.first + " of " + sub->by->name;
    const auto is = [&](bool it, const std::string& where) {
      return unless(it == wanted,
                    fmt::format("{} is {}{}{}", about, it ? "" : "not ", what, where));
    };
    if (what == "promised") return is(sub->promised.has_value(), "");
    if (what == "refused") return is(sub->refused, " (last answer: " + sub->last_answer + ")");
    for (const SimNode* n : s.nodes(names)) {
      if (!n->up()) {
        if (names.empty()) continue;
        return fail(Errc::kNotFound, n->name + " is down");
      }
      if (what == "gone") {
        LM_ASSIGN(auto cut,
                  chain::find_tombstone(n->core->chain(), test::Consortium::gtin(), {sub->lot}));
        if (Status done = is(cut.has_value(), " on " + n->name); !done) return done;
        continue;
      }
      LM_ASSIGN(auto found, entry(*n, *sub));
      const bool holds = found && (what == "held" || found->final);
      if (Status done = is(holds, " on " + n->name); !done) return done;
    }
    return {};
  });
}

Result<Action> Parser::expect(Words& w) {
  const bool wanted = !w.take("not");
  if (w.take_all("one chain")) {
    if (!wanted) return fail(Errc::kUsage, "one chain is always expected");
    return Action([](Stage& s) -> Status {
      for (const auto& a : s.cluster.nodes()) {
        for (const auto& b : s.cluster.nodes()) {
          if (!a.up() || !b.up() || &a == &b) continue;
          const auto& one = a.core->chain();
          const auto& other = b.core->chain();
          const std::uint64_t both = std::min(one.size(), other.size());
          LM_ASSIGN(const auto ours, one.root_at(both));
          LM_ASSIGN(const auto theirs, other.root_at(both));
          LM_TRY(unless(ours == theirs,
                        fmt::format("the first {} blocks of {} and of {} are not the same", both,
                                    a.name, b.name)));
        }
      }
      return {};
    });
  }
  LM_ASSIGN(auto what, w.word("what is expected"));
  if (what == "final" || what == "held" || what == "promised" || what == "refused" ||
      what == "gone")
    return expect_of_lot(w, what, wanted);
  if (what == "down" || what == "primary") {
    LM_ASSIGN(auto name, node(w));
    return Action([=](Stage& s) -> Status {
      if (what == "down")
        return unless(s.node(name).up() != wanted, name + (wanted ? " is up" : " is down"));
      const KeyId* signer = s.cluster.witness.newest_signer();
      const std::string who = signer != nullptr ? s.cluster.name_of(*signer) : "nobody";
      return unless((who == name) == wanted, who + " signed the newest block of the newest term");
    });
  }
  if (what == "epoch" && wanted) {
    LM_ASSIGN(auto epoch, w.number("an epoch"));
    LM_ASSIGN(auto names, on(w));
    return Action([=](Stage& s) -> Status {
      for (const SimNode* n : s.nodes(names)) {
        if (!n->up()) continue;
        const auto& m = n->core->chain().statements().newest();
        const bool final = epoch == 0 || n->core->chain().is_final(m.first);
        LM_TRY(unless(m.epoch == epoch && final, fmt::format("{} is in epoch {}, {}final", n->name,
                                                             m.epoch, final ? "" : "not ")));
      }
      return {};
    });
  }
  if (what == "supervising") {
    LM_ASSIGN(auto name, node(w));
    return Action([=](Stage& s) -> Status {
      const SimNode& n = s.node(name);
      const bool is = n.up() && n.core->has(Role::kSupervising);
      return unless(is == wanted, name + (is ? " supervises" : " does not supervise"));
    });
  }
  if (what == "term" && wanted) {
    LM_ASSIGN(auto term, w.number("a term"));
    return Action([=](Stage& s) -> Status {
      const std::uint64_t is = s.cluster.witness.highest_term();
      return unless(is == term, fmt::format("the newest term is {}", is));
    });
  }
  return fail(Errc::kUsage, "nothing called \"" + what + "\" can be expected");
}

}  // namespace lotmark::sim
