// JetStream as the engine of order, against one real server; every node logs in with the permissions of
// docs/adr/0011 and no others.
#include <nlohmann/json.hpp>

#include "core/base/log.h"
#include "core/wire/limits.h"
#include "tests/integration/order/member.h"

namespace lotmark::node {
namespace {

using nlohmann::json;
using test::Member;
using test::NatsServers;

// Before any thread logs.
[[maybe_unused]] const bool kLogging = (log::setup("test", log::Level::kInfo), true);

Lease lease_of(std::uint8_t who, std::uint64_t term, std::uint64_t beat) {
  Lease l;
  l.holder.bytes.fill(who);
  l.term = term;
  l.beat = beat;
  return l;
}

class Jetstream : public ::testing::Test {
 protected:
  void SetUp() override {
    LM_NEED_NATS();
    ASSERT_TRUE(servers.start());
  }
  JetStreamOptions options(const std::string& name) { return servers.options(name); }
  void fill(Member& m, std::uint64_t count) {
    const std::uint64_t end = m.last() + count;
    for (std::uint64_t i = m.last(); i < end; ++i) {
      m.send("entry " + std::to_string(i + 1), i);
      if (i % 64 != 63) continue;
      ASSERT_TRUE(m.until_last(i + 1));
    }
    ASSERT_TRUE(m.until_last(end));
  }
  // The settings as our nodes make them, to be spoilt.
  json made(const std::string& stream) {
    return servers.admin("$JS.API.STREAM.INFO." + stream).at("config");
  }
  bool remove(const std::string& stream) {
    return servers.admin("$JS.API.STREAM.DELETE." + stream).value("success", false);
  }
  NatsServers servers{1};
};

TEST_F(Jetstream, AppendsComeBackInOrderToEveryNode) {
  Member a(options("alpha")), b(options("beta"));
  ASSERT_TRUE(a.until_found() && b.until_found());
  EXPECT_EQ(a.found.last, 0u);
  EXPECT_EQ(a.append("one", 0).code(), Errc::kOk);
  ASSERT_TRUE(b.until_last(1));
  EXPECT_EQ(*b.append("two", 1), 2u);
  ASSERT_TRUE(a.until_last(2) && b.until_last(2));
  const std::map<std::uint64_t, std::string> both = {{1, "one"}, {2, "two"}};
  EXPECT_EQ(a.entries, both);
  EXPECT_EQ(b.entries, both);
}

TEST_F(Jetstream, PipelinedAppendsEachNameTheOneBefore) {
  Member a(options("alpha"));
  ASSERT_TRUE(a.until_found());
  for (std::uint64_t i = 0; i < 500; ++i) a.send(std::to_string(i + 1), i);
  ASSERT_TRUE(a.until([&] { return a.answers.size() == 500; }));
  for (const auto& [request, place] : a.answers) {
    ASSERT_TRUE(place) << place.error().message();
    EXPECT_EQ(*place, request);
  }
  ASSERT_TRUE(a.until_last(500));
  for (const auto& [seq, text] : a.entries) EXPECT_EQ(text, std::to_string(seq));
}

TEST_F(Jetstream, StaleWriterConflictsWithAllThatItHasUnderWay) {
  Member a(options("alpha")), b(options("beta"));
  ASSERT_TRUE(a.until_found() && b.until_found());
  ASSERT_TRUE(a.append("one", 0));
  const auto first = b.send("stale", 0), second = b.send("behind the stale one", 1 + 1);
  EXPECT_EQ(b.answer(first).code(), Errc::kConflict);
  EXPECT_EQ(b.answer(second).code(), Errc::kConflict);
  EXPECT_EQ(a.append("none of an empty log", 0).code(), Errc::kConflict);
  EXPECT_EQ(a.last(), 1u);
}

TEST_F(Jetstream, OfTwoRacingWritersExactlyOneWinsEachPlace) {
  Member a(options("alpha")), b(options("beta"));
  ASSERT_TRUE(a.until_found() && b.until_found());
  for (std::uint64_t i = 0; i < 100; ++i) {
    const auto of_a = a.send("alpha", i), of_b = b.send("beta", i);
    const auto at_a = a.answer(of_a), at_b = b.answer(of_b);
    ASSERT_NE(at_a.code() == Errc::kOk, at_b.code() == Errc::kOk);
    ASSERT_EQ((at_a ? at_b : at_a).code(), Errc::kConflict);
    ASSERT_TRUE(a.until_last(i + 1) && b.until_last(i + 1));
    EXPECT_EQ(a.entries[i + 1], at_a ? "alpha" : "beta");
  }
  EXPECT_EQ(a.entries, b.entries);
}

TEST_F(Jetstream, LeaseChangesHandsByCompareAndSet) {
  Member a(options("alpha")), b(options("beta"));
  ASSERT_TRUE(a.until_found() && b.until_found());
  EXPECT_FALSE(a.lease.lease);
  EXPECT_EQ(a.lease.revision, 0u);
  const auto taken = a.put_lease(0, lease_of(1, 1, 1));
  ASSERT_TRUE(taken) << taken.error().message();
  EXPECT_EQ(b.put_lease(0, lease_of(2, 1, 1)).code(), Errc::kConflict);
  ASSERT_TRUE(b.until([&] { return b.lease.lease == lease_of(1, 1, 1); }));
  EXPECT_EQ(b.lease.revision, *taken);
  ASSERT_TRUE(b.put_lease(*taken, lease_of(2, 2, 1)));
  EXPECT_EQ(a.put_lease(*taken, lease_of(1, 1, 2)).code(), Errc::kConflict);
  ASSERT_TRUE(a.until([&] { return a.lease.lease == lease_of(2, 2, 1); }, Millis{1000}));
}

TEST_F(Jetstream, GarbageInTheLeaseIsNoLeaseAtThatRevision) {
  Member a(options("alpha"));
  ASSERT_TRUE(a.until_found());
  ::testing::internal::CaptureStderr();
  ASSERT_EQ(servers.request("beta", "lotmark.order.lease", "", "garbage").value("seq", 0), 1);
  ASSERT_TRUE(a.until([&] { return a.lease.revision == 1; }));
  a.until([] { return false; }, Millis{700});  // seen several times, told once
  const std::string log = ::testing::internal::GetCapturedStderr();
  const auto told = log.find("order.lease_unreadable");
  EXPECT_NE(told, std::string::npos);
  EXPECT_EQ(log.find("order.lease_unreadable", told + 1), std::string::npos);
  EXPECT_FALSE(a.lease.lease);
  ASSERT_TRUE(a.put_lease(1, lease_of(1, 1, 1)));
  EXPECT_TRUE(a.until([&] { return a.lease.lease.has_value(); }));
}

TEST_F(Jetstream, AllEntriesComeAgainAfterKillAndRestart) {
  Member a(options("alpha"));
  ASSERT_TRUE(a.until_found());
  ASSERT_TRUE(a.put_lease(0, lease_of(1, 4, 9)));
  fill(a, 300);
  const auto before = a.entries;
  servers.kill(0);
  ASSERT_TRUE(a.until([&] { return a.losts == 1; }, Millis{2000}));
  EXPECT_EQ(a.append("nobody takes it", 300).code(), Errc::kUnavailable);
  ASSERT_TRUE(servers.start(0));
  ASSERT_TRUE(a.until_found());
  EXPECT_EQ(a.found.last, 300u);
  ASSERT_TRUE(a.until_last(300));
  EXPECT_EQ(a.entries, before);
  EXPECT_EQ(a.lease.lease, lease_of(1, 4, 9));
  EXPECT_EQ(*a.append("one more", 300), 301u);
}

TEST_F(Jetstream, NewcomerReadsAllThatIsThere) {
  Member a(options("alpha"));
  ASSERT_TRUE(a.until_found());
  fill(a, 3000);
  Member b(options("beta"));
  ASSERT_TRUE(b.until_found());
  EXPECT_EQ(b.found.last, 3000u);
  EXPECT_TRUE(b.until_last(3000));
  EXPECT_EQ(a.entries, b.entries);
}

TEST_F(Jetstream, NodeThatDoesNotPollLongMissesNothing) {
  Member a(options("alpha")), b(options("beta"));
  ASSERT_TRUE(a.until_found() && b.until_found());
  fill(a, 5000);  // more than a log keeps for its node
  ASSERT_TRUE(b.until_last(5000));
  EXPECT_EQ(b.founds, 1);
  EXPECT_EQ(a.entries, b.entries);
}

TEST_F(Jetstream, DeletedStreamIsMadeAnewAndFoundEmpty) {
  Member a(options("alpha"));
  ASSERT_TRUE(a.until_found());
  fill(a, 10);
  ASSERT_TRUE(remove("LOTMARK_ORDER"));
  ASSERT_TRUE(a.until([&] { return a.losts == 1; }, Millis{2000}));
  ASSERT_TRUE(a.until_found());
  EXPECT_LT(a.found.last, a.found.first);
  EXPECT_EQ(*a.append("first again", 0), 1u);
}

TEST_F(Jetstream, StreamMadeAnewWithAsManyEntriesIsNoticed) {
  Member a(options("alpha"));
  ASSERT_TRUE(a.until_found());
  fill(a, 3);
  const auto config = made("LOTMARK_ORDER").dump();
  ASSERT_TRUE(remove("LOTMARK_ORDER"));
  servers.admin("$JS.API.STREAM.CREATE.LOTMARK_ORDER", config);
  for (int i = 0; i < 3; ++i) servers.request("beta", "lotmark.order.block", "", "other");
  ASSERT_TRUE(a.until([&] { return a.losts > 0; }, Millis{2000}));
  ASSERT_TRUE(a.until_found() && a.until_last(3));
  EXPECT_EQ(a.entries.at(1), "other");
}

TEST_F(Jetstream, DeletedLeaseIsNoticed) {
  Member a(options("alpha"));
  ASSERT_TRUE(a.until_found());
  ASSERT_TRUE(a.put_lease(0, lease_of(1, 1, 1)));
  ASSERT_TRUE(a.until([&] { return a.lease.revision == 1; }));
  ASSERT_TRUE(remove("LOTMARK_LEASE"));
  ASSERT_TRUE(a.until([&] { return a.losts == 1; }, Millis{2000}));
  ASSERT_TRUE(a.until_found());
  EXPECT_FALSE(a.lease.lease);
  EXPECT_EQ(a.lease.revision, 0u);
}

TEST_F(Jetstream, StreamWithOtherSettingsIsRefusedUntilItIsRight) {
  { ASSERT_TRUE(Member(options("alpha")).until_found()); }
  const json right = made("LOTMARK_ORDER");
  for (const auto& [key, wrong] : std::map<std::string, json>{{"deny_purge", false},
                                                              {"deny_delete", false},
                                                              {"allow_rollup_hdrs", true},
                                                              {"subjects", {"lotmark.>"}},
                                                              {"max_msgs", 5000},
                                                              {"max_age", 3'600'000'000'000},
                                                              {"storage", "memory"},
                                                              {"discard", "new"}}) {
    ASSERT_TRUE(remove("LOTMARK_ORDER"));
    ASSERT_TRUE(remove("LOTMARK_LEASE"));  // its subject would overlap with lotmark.>
    json config = right;
    config[key] = wrong;
    if (key == "allow_rollup_hdrs") config["deny_purge"] = false;  // it takes no other
    if (key == "subjects") config.erase("republish");
    const json answer = servers.admin("$JS.API.STREAM.CREATE.LOTMARK_ORDER", config.dump());
    ASSERT_FALSE(answer.contains("error")) << answer.dump();
    ::testing::internal::CaptureStderr();
    Member a(options("alpha"));
    EXPECT_FALSE(a.until([&] { return a.found_now; }, Millis{2000})) << key;
    EXPECT_EQ(a.append("refused", 0).code(), Errc::kUnavailable);
    const std::string log = ::testing::internal::GetCapturedStderr();
    EXPECT_NE(log.find("order.stream_refused"), std::string::npos) << log;
    EXPECT_NE(log.find(key == "allow_rollup_hdrs" ? "rollup" : key), std::string::npos) << log;
    ASSERT_TRUE(remove("LOTMARK_ORDER"));
    EXPECT_TRUE(a.until_found());
  }
}

TEST_F(Jetstream, OldestEntriesGoAndNewcomersBeginBehindThem) {
  auto o = options("alpha");
  o.max_msgs = 1024;
  Member a(o);
  ASSERT_TRUE(a.until_found());
  fill(a, 1300);
  a.until([] { return false; }, Millis{700});
  EXPECT_EQ(a.losts, 0);  // it read them all
  o.name = o.user = "beta";
  o.password_file = options("beta").password_file;
  Member b(o);
  ASSERT_TRUE(b.until_found());
  EXPECT_EQ(b.found.first, 277u);
  EXPECT_TRUE(b.until_last(1300));
  EXPECT_EQ(b.entries.size(), 1024u);
}

TEST_F(Jetstream, LargestBlockPassesAndALargerOneIsRefused) {
  Member a(options("alpha"));
  ASSERT_TRUE(a.until_found());
  const std::string block(limits::kBlock, 'x');
  ASSERT_TRUE(a.append(block, 0));
  ASSERT_TRUE(a.until_last(1));
  EXPECT_EQ(a.append(block + "x", 1).code(), Errc::kTooLarge);
  Member b(options("beta"));
  ASSERT_TRUE(b.until_found() && b.until_last(1));
  EXPECT_EQ(b.entries.at(1), block);
}

TEST_F(Jetstream, MemberCannotShortenTheLogByAnyDoor) {
  Member a(options("alpha"));
  ASSERT_TRUE(a.until_found());
  fill(a, 20);
  for (const char* verb : {"PURGE", "DELETE", "UPDATE", "MSG.DELETE", "SNAPSHOT"}) {
    EXPECT_TRUE(servers
                    .request("beta", std::string("$JS.API.STREAM.") + verb + ".LOTMARK_ORDER", "",
                             verb == std::string("MSG.DELETE") ? "{\"seq\":1}" : "")
                    .is_null())
        << verb;
  }
  EXPECT_TRUE(servers.request("beta", "$JS.API.CONSUMER.CREATE.LOTMARK_ORDER", "", "{}").is_null());
  for (const char* how : {"all", "sub"}) {
    const json rolled = servers.request("beta", "lotmark.order.block",
                                        std::string("Nats-Rollup: ") + how + "\r\n", "x");
    EXPECT_TRUE(rolled.contains("error")) << rolled.dump();
  }
  // Not even an administrator purges without deleting the stream.
  EXPECT_TRUE(servers.admin("$JS.API.STREAM.PURGE.LOTMARK_ORDER").contains("error"));
  EXPECT_TRUE(
      servers.admin("$JS.API.STREAM.MSG.DELETE.LOTMARK_ORDER", "{\"seq\":1}").contains("error"));
  a.until([] { return false; }, Millis{400});
  EXPECT_EQ(a.losts, 0);
  EXPECT_EQ(a.last(), 20u);
}

TEST_F(Jetstream, ForgedSequenceInAHeaderChangesNothing) {
  Member a(options("alpha"));
  ASSERT_TRUE(a.until_found());
  fill(a, 5);
  ASSERT_EQ(servers.request("beta", "lotmark.order.block", "Nats-Sequence: 4\r\n", "six")["seq"],
            6);
  ASSERT_EQ(servers.request("beta", "lotmark.order.block", "Nats-Sequence: 9\r\n", "seven")["seq"],
            7);
  ASSERT_TRUE(a.until_last(7));
  EXPECT_EQ(a.entries.at(6), "six");
  EXPECT_EQ(a.entries.at(7), "seven");
  ASSERT_TRUE(a.append("eight", 7));
  ASSERT_TRUE(a.append("nine", 8));
  ASSERT_TRUE(a.until_last(9));
  EXPECT_EQ(a.entries.at(9), "nine");
}

TEST_F(Jetstream, FrozenServerIsLostSoonAndAnswersAreInTime) {
  Member a(options("alpha"));
  ASSERT_TRUE(a.until_found());
  servers.freeze(0);
  const auto begin = Member::now();
  EXPECT_EQ(a.append("nobody takes it", 0).code(), Errc::kUnavailable);
  EXPECT_LE(Member::now() - begin, kAnswerWithin + Member::kBusy);
  ASSERT_TRUE(a.until([&] { return a.losts == 1; }, Millis{2000} + Member::kBusy));
  servers.thaw(0);
  EXPECT_TRUE(a.until_found());
}

// nats-server 2.9.10 can die of a read of a stream that is being deleted (a null pointer in jsMsgGetRequest).
TEST_F(Jetstream, TwoNodesMakeTheStreamsAtOnce) {
  for (int i = 0; i < 5; ++i) {
    Member a(options("alpha")), b(options("beta")), c(options("gamma"));
    const auto found = [&] { return a.until_found() && b.until_found() && c.until_found(); };
    ASSERT_TRUE(found() || (servers.revive() && found()));
    ASSERT_TRUE(remove("LOTMARK_ORDER") && remove("LOTMARK_LEASE"));
    ASSERT_TRUE(a.until([&] { return a.losts > 0; }));
    ASSERT_TRUE(found() || (servers.revive() && found()));
  }
}

TEST(JetstreamAlone, AnswersUnavailableWhileNoServerIsThere) {
  LM_NEED_NATS();
  NatsServers none(1);
  auto o = none.options("alpha");
  Member a(o);
  const auto begin = Member::now();
  EXPECT_EQ(a.append("nobody takes it", 0).code(), Errc::kUnavailable);
  EXPECT_EQ(a.put_lease(0, {}).code(), Errc::kUnavailable);
  EXPECT_LE(Member::now() - begin, kAnswerWithin + Member::kBusy);
  EXPECT_EQ(a.losts, 0);
  ASSERT_TRUE(none.start());
  EXPECT_TRUE(a.until_found());
}

TEST(JetstreamAlone, WrongPasswordFindsNothing) {
  LM_NEED_NATS();
  NatsServers servers(1);
  ASSERT_TRUE(servers.start());
  auto o = servers.options("alpha");
  o.password_file = servers.options("beta").password_file;
  Member a(o);
  EXPECT_FALSE(a.until([&] { return a.found_now; }, Millis{1000}));
}

TEST(JetstreamAlone, LogsInByCertificateAndChecksTheServersOwn) {
  LM_NEED_NATS();
  NatsServers servers(1, NatsServers::Login::kCertificate),
      others(1, NatsServers::Login::kCertificate);
  ASSERT_TRUE(servers.start());
  const auto o = servers.options("alpha");
  Member a(o);
  ASSERT_TRUE(a.until_found());
  EXPECT_TRUE(a.append("one", 0));

  auto misnamed = o;  // its certificate is of 127.0.0.1 alone
  misnamed.servers[0].replace(misnamed.servers[0].find("127.0.0.1"), 9, "localhost");
  auto foreign = o;
  foreign.ca_file = others.options("alpha").ca_file;
  auto unknown = others.options("alpha");
  unknown.servers = o.servers;
  unknown.ca_file = o.ca_file;
  for (const auto& wrong : {misnamed, foreign, unknown}) {
    Member b(wrong);
    EXPECT_FALSE(b.until([&] { return b.found_now; }, Millis{700}));
  }
}

TEST(JetstreamAlone, OptionsThatCannotServeAreRefused) {
  JetStreamOptions o;
  o.name = "alpha";
  o.servers = {"nats://127.0.0.1:4222"};
  const auto code = [&](auto&& spoil) {
    auto wrong = o;
    spoil(wrong);
    return open_jetstream(wrong).code();
  };
  EXPECT_EQ(code([](auto& w) { w.servers.clear(); }), Errc::kConfig);
  EXPECT_EQ(code([](auto& w) { w.servers = {"nats://u:secret@h:4222"}; }), Errc::kConfig);
  EXPECT_EQ(code([](auto& w) { w.servers = {"h:4222"}; }), Errc::kConfig);
  EXPECT_EQ(code([](auto& w) { w.name = "al.pha"; }), Errc::kConfig);
  EXPECT_EQ(code([](auto& w) { w.replicas = 2; }), Errc::kConfig);
  EXPECT_EQ(code([](auto& w) { w.max_msgs = 0; }), Errc::kConfig);
  EXPECT_EQ(code([](auto& w) { w.user = "alpha"; }), Errc::kConfig);
  EXPECT_EQ(code([](auto& w) { w.cert_file = "c.pem"; }), Errc::kConfig);
  EXPECT_EQ(code([](auto& w) { w.user = "a", w.password_file = "/nowhere"; }), Errc::kIo);
}

}  // namespace
}  // namespace lotmark::node
