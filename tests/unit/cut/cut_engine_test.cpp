// The engines of three nodes, driven by hand: what leaves one is put into the others.
#include "ledger-node/cut/cut_engine.h"

#include <nlohmann/json.hpp>

#include "tests/unit/cut/cut_fixture.h"

namespace lotmark::node {
namespace {

using chain::PublicChain;

class Keeper final : public BodyKeeper {
 public:
  bool may_drop(const chain::CutEntry& /*cut*/, Time /*now*/) override { return allowed; }
  bool allowed = false;
};

class CutRounds : public chain::CutTest {
 protected:
  Keeper keeper;
  std::vector<std::unique_ptr<PublicChain>> chains;
  std::vector<std::unique_ptr<CutEngine>> engines;

  void open_nodes() {
    for (std::size_t i = 0; i < 3; ++i) {
      chains.push_back(
          std::make_unique<PublicChain>(open_chain("node-" + std::to_string(i) + ".db")));
      ASSERT_TRUE(chains[i]->store_standing({}));
      for (const auto& b : blocks) ASSERT_TRUE(chains[i]->append(b, c.clock.now()));
      for (const auto& v : maker.votes()) ASSERT_TRUE(chains[i]->add_vote(v));
      open_engine(i);
    }
  }
  void open_engine(std::size_t i) {
    if (engines.size() <= i) engines.resize(i + 1);
    engines[i] = std::make_unique<CutEngine>(*chains[i], *c.supervisors[i].signer,
                                             CutConfig{std::chrono::hours(24), true});
    if (i == 0) engines[i]->keep_for(keeper);
  }
  std::size_t index_of(const KeyId& kid) const {
    for (std::size_t i = 0; i < 3; ++i) {
      if (c.supervisors[i].kid() == kid) return i;
    }
    return 3;
  }
  Reply flag(std::size_t at, const CutClaim& claim) {
    const Call call{"POST", "/peer/v1/flags", encode(claim), {}};
    return *engines[at]->peer(*parse_route(call.path), call, *chain.member(c.supervisors[0].kid()),
                              c.clock.now());
  }
  nlohmann::json control(std::size_t at, const std::string& method, const std::string& path,
                         const std::string& body = "") {
    const Call call{method, path, to_bytes(as_bytes(body)), {}};
    const auto reply = engines[at]->control(*parse_route(path), call, {}, c.clock.now());
    EXPECT_TRUE(reply);
    if (reply->error) return {{"error", name(reply->error->code)}};
    return nlohmann::json::parse(reply->body);
  }
  // Everybody ticks once; calls are answered at once, but by who is away.
  void tick(std::optional<std::size_t> away = {}) {
    for (auto& engine : engines) {
      for (auto& out : engine->tick(c.clock.now())) {
        const std::size_t to = index_of(out.to);
        if (to == away) {
          out.done(reply_error(fail(Errc::kNetwork, "away")));
          continue;
        }
        const Call call{out.method, out.path, out.body, {}};
        out.done(*engines[to]->peer(*parse_route(out.path), call,
                                    *chain.member(c.supervisors[0].kid()), c.clock.now()));
      }
    }
  }
  // What the primary's engine has to be ordered, ordered, voted for and taken by all.
  void order() {
    auto due = engines[0]->due();
    ASSERT_TRUE(due);
    const Bytes block = maker.block(due->first, due->second);
    for (auto& node : chains) {
      const Status done = node->append(block, c.clock.now());
      ASSERT_TRUE(done) << done.error().message();
      for (const auto& v : maker.votes()) ASSERT_TRUE(node->add_vote(v));
    }
  }
};

TEST_F(CutRounds, AtTheAuditRoundAQuorumFlagsAndAllDropTheBodies) {
  two_days();
  open_nodes();
  keeper.allowed = true;
  tick(2);
  const auto status = control(0, "GET", "/control/v1/cut");
  EXPECT_EQ(status["round"]["flags"], 2);
  order();
  tick();
  for (const auto& node : chains) {
    EXPECT_EQ(node->dropped_end(), 9u);
    EXPECT_EQ(node->block(2).code(), Errc::kBodyCut);
  }
  EXPECT_FALSE(engines[0]->due());
  EXPECT_EQ(control(0, "GET", "/control/v1/cut")["newest"]["last"], 8);
}

TEST_F(CutRounds, WithoutAQuorumOfFlagsNothingIsOfferedAndTheRoundIsGivenUp) {
  two_days();
  open_nodes();
  for (auto& out : engines[0]->tick(c.clock.now()))
    out.done(reply_error(fail(Errc::kNotReady, "not that far")));
  EXPECT_FALSE(engines[0]->due());
  const auto status = control(0, "GET", "/control/v1/cut");
  EXPECT_NE(status["round"]["refusal"].get<std::string>().find("not-ready"), std::string::npos);
  pass(61'000);
  engines[0]->tick(c.clock.now());
  EXPECT_TRUE(control(0, "GET", "/control/v1/cut")["round"].is_null());
}

TEST_F(CutRounds, AFlagIsOnDiskBeforeItLeavesAndTheSameAfterARestart) {
  two_days();
  open_nodes();
  const CutClaim wanted = claim(1, 8);
  const Reply first = flag(1, wanted);
  ASSERT_TRUE(first.ok()) << first.error->message();
  EXPECT_EQ(**chains[1]->flag_given(chain::flag_object(wanted)), first.body);
  open_engine(1);
  EXPECT_EQ(flag(1, wanted).body, first.body);
}

TEST_F(CutRounds, NobodyFlagsMoreThanMayGoOrOtherBytes) {
  lot("A");
  pass(kDay);
  lot("K", 20260106, "kept");
  pass(10 * kDay);
  grow(maker.period_block());
  finish();
  open_nodes();
  EXPECT_EQ(flag(1, claim(1, 2)).error->code, Errc::kCutRange);
  EXPECT_EQ(flag(1, {1, 4, {}, {}}).error->code, Errc::kNotReady) << "above the checkpoint";
  CutClaim wrong = claim(1, 1);
  wrong.archive.bytes[0] ^= 1;
  EXPECT_EQ(flag(1, wrong).error->code, Errc::kCutContent);
  wrong = claim(1, 1);
  wrong.snapshot.bytes[0] ^= 1;
  EXPECT_EQ(flag(1, wrong).error->code, Errc::kCutContent);
}

TEST_F(CutRounds, AnOperatorSeesWhatHoldsItUpAndOnlyThePrimaryBegins) {
  lot("A");
  pass(kDay);
  lot("K", 20260106, "kept");
  pass(10 * kDay);
  grow(maker.period_block());
  finish();
  open_nodes();
  const auto dry = control(1, "POST", "/control/v1/cuts", R"({"dry_run":true})");
  EXPECT_EQ(dry["last"], 1);
  EXPECT_EQ(dry["begun"], false);
  EXPECT_EQ(dry["held_up"]["lot"], "K");
  EXPECT_EQ(dry["held_up"]["why"], "retention");
  EXPECT_EQ(dry["held_up"]["until"], "2027-01-07T00:00:00.000Z");
  EXPECT_EQ(control(1, "POST", "/control/v1/cuts")["error"], "not-ready");
  EXPECT_EQ(control(0, "POST", "/control/v1/cuts", "nonsense")["error"], "usage");
  EXPECT_EQ(control(0, "POST", "/control/v1/cuts")["begun"], true);
  tick();
  order();
}

TEST_F(CutRounds, WhoKeepsTheArchiveKeepsBodiesUntilItIsOnDisk) {
  two_days();
  open_nodes();
  tick();
  order();
  tick();
  EXPECT_EQ(chains[0]->dropped_end(), 1u);
  EXPECT_EQ(chains[1]->dropped_end(), 9u);
  keeper.allowed = true;
  tick();
  EXPECT_EQ(chains[0]->dropped_end(), 9u);
}

TEST_F(CutRounds, AnotherBlockInBetweenDoesNotSpoilTheCut) {
  two_days();
  open_nodes();
  tick();
  const Bytes period = maker.period_block();
  for (auto& node : chains) ASSERT_TRUE(node->append(period, c.clock.now()));
  order();
}

}  // namespace
}  // namespace lotmark::node
