// The same engine over three servers with three replicas: what elections, dead and frozen servers do to it.
#include <nlohmann/json.hpp>

#include "core/base/log.h"
#include "ledger-node/order/engine_line.h"
#include "tests/integration/order/member.h"

namespace lotmark::node {
namespace {

using nlohmann::json;
using test::Member;
using test::NatsServers;

// Before any thread logs.
[[maybe_unused]] const bool kLogging = (log::setup("test", log::Level::kInfo), true);

Lease lease_of(std::uint8_t who, std::uint64_t beat) {
  Lease l;
  l.holder.bytes.fill(who);
  l.term = 1;
  l.beat = beat;
  return l;
}

class JetstreamCluster : public ::testing::Test {
 protected:
  void SetUp() override {
    LM_NEED_NATS();
    ASSERT_TRUE(servers.start());
  }
  std::size_t leader(const std::string& stream = "LOTMARK_ORDER") {
    for (int i = 0; i < 100; ++i) {
      if (const auto at = servers.leader(stream)) return *at;
      std::this_thread::sleep_for(Millis{100});
    }
    ADD_FAILURE() << stream << " has no leader";
    return 0;
  }
  // Appends one entry at the end, however often it takes: what a primary does after a failure, by what it sees.
  bool append(Member& m, const std::string& text, Millis most = Millis{20000}) {
    for (const auto end = Member::now() + most; Member::now() < end;) {
      if (!m.until_found(Millis{500})) continue;
      if (!m.until_last(m.found.last, Millis{2000})) continue;
      if (m.last() > 0 && m.entries.rbegin()->second == text) return true;
      const auto at = m.append(text, m.last());
      if (at && !acknowledged.emplace(*at, text).second) ADD_FAILURE() << "a place given twice";
      if (at) return true;
    }
    return false;
  }
  void expect_all_acknowledged_stand(Member& m) {
    ASSERT_TRUE(
        m.until([&] { return !acknowledged.empty() && m.last() >= acknowledged.rbegin()->first; }));
    for (const auto& [seq, text] : acknowledged) EXPECT_EQ(m.entries[seq], text) << seq;
    std::map<std::string, int> times;
    for (const auto& [seq, text] : m.entries) EXPECT_EQ(++times[text], 1) << text;
  }
  NatsServers servers{3};
  std::map<std::uint64_t, std::string> acknowledged;
};

TEST_F(JetstreamCluster, AppendsGoOnAfterTheLeaderIsKilled) {
  Member a(servers.options("alpha", 0)), b(servers.options("beta", 1));
  ASSERT_TRUE(a.until_found() && b.until_found());
  for (int i = 0; i < 50; ++i) ASSERT_TRUE(append(a, "before " + std::to_string(i)));
  const auto dead = leader();
  servers.kill(dead);
  const auto begin = Member::now();
  ASSERT_TRUE(append(a, "after"));
  const auto took = std::chrono::duration_cast<Millis>(Member::now() - begin);
  EXPECT_LE(took, Millis{20000});
  std::printf("appends went on after %d ms\n", static_cast<int>(took.count()));
  EXPECT_GE(a.losts, 1);
  for (int i = 0; i < 50; ++i) ASSERT_TRUE(append(a, "then " + std::to_string(i)));
  expect_all_acknowledged_stand(a);
  expect_all_acknowledged_stand(b);
  ASSERT_TRUE(servers.start(dead));
  Member c(servers.options("gamma", dead));
  ASSERT_TRUE(c.until_found());
  expect_all_acknowledged_stand(c);
}

TEST_F(JetstreamCluster, FrozenServerIsLostAndAnotherFound) {
  Member a(servers.options("alpha", 0));
  ASSERT_TRUE(a.until_found());
  ASSERT_TRUE(append(a, "one"));
  servers.freeze(0);
  const auto begin = Member::now();
  ASSERT_TRUE(a.until([&] { return a.losts > 0; }, Millis{2000}));
  ASSERT_TRUE(a.until_found());
  std::printf("found again after %d ms\n",
              static_cast<int>(std::chrono::duration_cast<Millis>(Member::now() - begin).count()));
  ASSERT_TRUE(append(a, "two"));
  servers.thaw(0);
  ASSERT_TRUE(append(a, "three"));
  expect_all_acknowledged_stand(a);
}

TEST_F(JetstreamCluster, NewLeaderOfEitherStreamIsNoticed) {
  Member a(servers.options("alpha"));
  ASSERT_TRUE(a.until_found());
  ASSERT_TRUE(append(a, "one"));
  for (const std::string stream : {"LOTMARK_ORDER", "LOTMARK_LEASE"}) {
    const int losts = a.losts;
    const auto before = leader(stream);
    servers.admin("$JS.API.STREAM.LEADER.STEPDOWN." + stream);
    ASSERT_TRUE(a.until([&] { return a.losts > losts; }, Millis{2000})) << stream;
    ASSERT_TRUE(a.until_found() && a.until_last(1));
    EXPECT_NE(leader(stream), before);
  }
  expect_all_acknowledged_stand(a);
}

TEST_F(JetstreamCluster, OfTwoRacingWritersExactlyOneWinsEachPlaceAndEachRevision) {
  Member a(servers.options("alpha", 0)), b(servers.options("beta", 1));
  ASSERT_TRUE(a.until_found() && b.until_found());
  const auto one = [&](auto&& of_a, auto&& of_b) {
    const auto at_a = a.answer(of_a), at_b = b.answer(of_b);
    EXPECT_NE(at_a.code() == Errc::kOk, at_b.code() == Errc::kOk);
    return at_a ? *at_a : at_b ? *at_b : 0;
  };
  std::uint64_t last = 0, revision = 0;
  for (std::uint64_t i = 1; i <= 200; ++i) {
    last =
        one(a.send("alpha " + std::to_string(i), last), b.send("beta " + std::to_string(i), last));
    ASSERT_EQ(last, i);
    revision = one(a.send_lease(revision, lease_of(1, i)), b.send_lease(revision, lease_of(2, i)));
    ASSERT_EQ(revision, i);
  }
  ASSERT_TRUE(a.until_last(200) && b.until_last(200));
  EXPECT_EQ(a.entries, b.entries);
}

// A place says where, not behind which entry: readers tell by the block's own link that the late ones do not follow.
TEST_F(JetstreamCluster, PipelinedAppendsBehindALostOneMayStillBeTaken) {
  Member a(servers.options("alpha", 0)), b(servers.options("beta", 1));
  ASSERT_TRUE(a.until_found() && b.until_found());
  ASSERT_TRUE(append(b, "one"));
  for (std::uint64_t i = 0; i < 3; ++i) a.send("stale " + std::to_string(i), i);
  EXPECT_EQ(a.answer(1).code(), Errc::kConflict);
  EXPECT_EQ(*a.answer(2), 2u);
  EXPECT_EQ(*a.answer(3), 3u);
  for (std::uint64_t i = 0; i < 100; ++i) a.send("behind no entry", 4 + i);
  ASSERT_TRUE(a.until([&] { return a.answers.size() == 103; }));
  for (std::uint64_t i = 4; i <= 103; ++i) EXPECT_EQ(a.answers.at(i).code(), Errc::kConflict);
}

TEST_F(JetstreamCluster, DeletedStreamIsMadeAnewByOneOfThree) {
  Member a(servers.options("alpha", 0)), b(servers.options("beta", 1)),
      c(servers.options("gamma", 2));
  ASSERT_TRUE(a.until_found() && b.until_found() && c.until_found());
  ASSERT_TRUE(append(a, "one"));
  ASSERT_TRUE(servers.admin("$JS.API.STREAM.DELETE.LOTMARK_ORDER").value("success", false));
  const auto empty = [](Member& m) { return m.founds > 1 && m.found.last < m.found.first; };
  ASSERT_TRUE(a.until([&] { return a.losts > 0; }, Millis{2000}));
  for (Member* m : {&a, &b, &c})
    ASSERT_TRUE(m->until_found() && m->until([&] { return empty(*m); }));
}

TEST_F(JetstreamCluster, WithoutAMajorityNothingIsFoundUntilItIsBack) {
  Member a(servers.options("alpha", 0));
  ASSERT_TRUE(a.until_found());
  ASSERT_TRUE(append(a, "one"));
  servers.kill(1);
  servers.kill(2);
  EXPECT_EQ(a.append("two", 1).code(), Errc::kUnavailable);
  ASSERT_TRUE(servers.start(1) && servers.start(2));
  ASSERT_TRUE(append(a, "three", Millis{30000}));
  expect_all_acknowledged_stand(a);
}

// What a node goes by when it orders without the engine (docs/adr/0021): not by what is told, but by what is taken.
class EngineOfANode : public JetstreamCluster {
 protected:
  // Ticks as a node does, keeping the lease, until it holds or `most` is over.
  bool tick_until(const std::function<bool()>& holds, Millis most) {
    for (const auto end = Member::now() + most; Member::now() < end;) {
      line->pump(clock.now(), [](ByteView) {});
      line->keep_lease(1, clock.now());
      if (holds()) return true;
      std::this_thread::sleep_for(Millis{20});
    }
    return false;
  }
  bool works() {
    return line->readable() && line->held(1, clock.now()) &&
           line->silence(clock.now()) < Millis{1500};
  }
  void connect(std::size_t server) {
    auto log = open_jetstream(servers.options("alpha", server));
    ASSERT_TRUE(log);
    line.emplace(*std::move(log), KeyId{{1}}, 0);
    ASSERT_TRUE(tick_until([&] { return works(); }, Millis{30000}));
  }
  SystemClock clock;
  std::optional<EngineLine> line;
};

TEST_F(EngineOfANode, IsSilentWhileNoMajorityTakesAnythingAndWorksAgainAfterwards) {
  connect(0);
  servers.kill(1);
  servers.kill(2);
  ASSERT_TRUE(tick_until([&] { return line->silence(clock.now()) > Millis{9000}; }, Millis{15000}));
  ASSERT_TRUE(servers.start(1) && servers.start(2));
  EXPECT_TRUE(tick_until([&] { return works(); }, Millis{60000}));
}

TEST_F(EngineOfANode, IsSilentForNoLongerThanTheElectionsWhenItsServerFreezes) {
  connect(0);
  servers.freeze(0);
  Millis longest{0};
  EXPECT_TRUE(tick_until(
      [&] {
        longest = std::max(longest, line->silence(clock.now()));
        return longest > Millis{1500} && works();
      },
      Millis{60000}));
  std::printf("the engine took nothing for %d ms\n", static_cast<int>(longest.count()));
  servers.thaw(0);
}

TEST_F(EngineOfANode, ABlockIsStuckWhileTheLogHasNoMajority) {
  connect(0);
  line->place({1, 2, 3});
  ASSERT_TRUE(tick_until([&] { return line->placed().has_value(); }, Millis{5000}));
  servers.freeze(1);
  servers.freeze(2);
  line->place({4, 5, 6});
  EXPECT_TRUE(tick_until([&] { return line->stuck(clock.now()); }, Millis{15000}));
  servers.thaw(1);
  servers.thaw(2);
  EXPECT_TRUE(tick_until([&] { return line->placed().has_value(); }, Millis{60000}));
}

}  // namespace
}  // namespace lotmark::node
