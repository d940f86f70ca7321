// Reports that travel: real HTTP on this machine, with receivers that fail, stall, redirect and come back.
#include "tests/free_ports.h"
#include "tests/unit/subscribe/subscribers.h"

namespace lotmark::node::test {
namespace {

using Json = epcis::Json;

TEST_F(Subscribers, StreamReportsSoonAfterACapture) {
  Receiver receiver;
  add_query();
  subscribe(receiver.url() + "/hook?a=b");
  run({receiver.url() + "/"});
  const auto begin = std::chrono::steady_clock::now();
  ship(1, 1);
  ASSERT_TRUE(receiver.wait(1));
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(5));
  const auto got = receiver.got()[0];
  EXPECT_EQ(got.target, "/hook?a=b");
  EXPECT_EQ(got.content_type, "application/json");
  EXPECT_EQ(got.version, "2.0.0");
  EXPECT_EQ(got.signature, "") << "no signatureToken was given";
  EXPECT_EQ(got.ids, ids(1, 1));
}

TEST_F(Subscribers, ReportIsAQueryDocumentThatNamesQueryAndSubscription) {
  Receiver receiver;
  add_query();
  const auto s = subscribe(receiver.url());
  run({receiver.url() + "/"});
  capture({observed("", 7, 3)});
  ASSERT_TRUE(receiver.wait(1));
  const auto json = Json::parse(receiver.got()[0].body);
  EXPECT_EQ(json["type"], "EPCISQueryDocument");
  EXPECT_EQ(json["schemaVersion"], "2.0");
  EXPECT_EQ(json["@context"], Json::parse(kContext));
  const auto& results = json["epcisBody"]["queryResults"];
  EXPECT_EQ(results["queryName"], "Shipped");
  EXPECT_EQ(results["subscriptionID"], s.id);
  const auto& event = results["resultsBody"]["eventList"][0];
  EXPECT_TRUE(event["eventID"].get<std::string>().starts_with("ni:///sha-256;"));
  EXPECT_EQ(event["recordTime"], to_iso(kNow));
  EXPECT_EQ(event["yh:shelf"], "B0");
}

TEST_F(Subscribers, SignatureIsTheHmacOfTheBody) {
  Receiver receiver;
  add_query();
  const std::string token = "13df38d8275b13f05704629e5f1cf3d45d6132d5";
  subscribe(receiver.url(), {{"stream", true}, {"signatureToken", token}});
  run({receiver.url() + "/"});
  ship(1, 3);
  ASSERT_TRUE(receiver.wait_ids(3));
  for (const auto& got : receiver.got()) EXPECT_EQ(got.signature, hmac_by_openssl(token, got.body));
}

TEST_F(Subscribers, OnlyWhatMatchesAndWasRecordedSinceIsReported) {
  Receiver receiver;
  add_query();
  ship(1, 5);
  subscribe(receiver.url());
  run({receiver.url() + "/"});
  capture({observed("urn:y:1", 1, 1, "receiving"), observed("urn:x:6", 6, 6)});
  ASSERT_TRUE(receiver.wait_ids(1));
  ship(7, 7);
  ASSERT_TRUE(receiver.wait_ids(2));
  EXPECT_EQ(receiver.ids(), ids(6, 7));
}

// Rows that it was past are gone; others take their numbers after a start.
TEST_F(Subscribers, EventsThatTakeThePlacesOfLostOnesAreReported) {
  Receiver receiver;
  add_query();
  ship(1, 5);
  const auto s = subscribe(receiver.url());
  EXPECT_EQ(as_kept(s).upto, 5u);
  {
    const auto db = must(store::Database::open(folder.private_db()));
    ASSERT_TRUE(
        db.exec("DELETE FROM moved WHERE tab = 10; DELETE FROM event WHERE n > 2; DELETE FROM "
                "event_term WHERE n > 2; DELETE "
                "FROM event_pending WHERE n > 2"));
  }
  store = must(EventStore::open(folder.private_db()));  // as after a restart
  SetUp();
  EXPECT_EQ(as_kept(s).upto, 2u);
  ship(6, 7);
  run({receiver.url() + "/"});
  ASSERT_TRUE(receiver.wait_ids(2));
  EXPECT_EQ(receiver.ids(), ids(6, 7));
}

TEST_F(Subscribers, AReportThatCannotBeMadeIsNoFailureOfTheReceiver) {
  Receiver receiver;
  add_query();
  const auto s = subscribe(receiver.url());
  ship(1, 1);
  const auto db = must(store::Database::open(folder.private_db()));
  ASSERT_TRUE(db.exec("UPDATE event SET body = x'5b'"));
  run({receiver.url() + "/"});
  std::this_thread::sleep_for(Millis{300});
  EXPECT_EQ(as_kept(s).failures, 0u);
  EXPECT_TRUE(receiver.got().empty());
  EXPECT_EQ(as_kept(s).upto, 0u);
}

TEST_F(Subscribers, InitialRecordTimeBeginsEarlier) {
  Receiver receiver;
  add_query();
  for (int i = 1; i <= 6; ++i)
    capture({observed("urn:x:" + std::to_string(i), i, 1)}, kNow + Millis{1000} * i);
  subscribe(receiver.url(), {{"stream", true}, {"initialRecordTime", to_iso(kNow + Millis{4000})}});
  run({receiver.url() + "/"});
  ASSERT_TRUE(receiver.wait_ids(3));
  EXPECT_EQ(receiver.ids(), ids(4, 6));
}

// Rows that were lost leave a gap: what names them keeps others from their numbers.
TEST_F(Subscribers, InitialRecordTimeIsFoundBesideAGap) {
  add_query();
  for (int i = 1; i <= 12; ++i)
    capture({observed("urn:x:" + std::to_string(i), i, 1)}, kNow + Millis{1000} * i);
  const auto db = must(store::Database::open(folder.private_db()));
  ASSERT_TRUE(
      db.exec("DELETE FROM event WHERE n BETWEEN 4 AND 9; DELETE FROM event_term WHERE n BETWEEN 4 "
              "AND 9; DELETE FROM event_pending WHERE n BETWEEN 4 AND 9"));
  const std::uint64_t before[] = {0, 0, 1, 2, 3, 3, 3, 3, 3, 3, 3, 10, 11, 12};
  for (int i = 0; i < 14; ++i) {
    const auto s =
        subscribe("https://erp.example/",
                  {{"stream", true}, {"initialRecordTime", to_iso(kNow + Millis{1000} * i)}});
    EXPECT_EQ(as_kept(s).upto, before[i]) << "from second " << i;
  }
}

TEST_F(Subscribers, EachEventComesOnceInOrderOfCaptureWhileCapturesGoOn) {
  Receiver receiver;
  add_query("Shipped",
            R"({"EQ_bizStep":"shipping","orderBy":"eventTime","orderDirection":"DESC"})");
  subscribe(receiver.url());
  run({receiver.url() + "/"});
  ship(1, 300);
  ASSERT_TRUE(receiver.wait_ids(300));
  EXPECT_EQ(receiver.ids(), ids(1, 300));
}

TEST_F(Subscribers, LargeReportsAreCutAtAThousandEventsOrAMebibyte) {
  Receiver receiver;
  add_query();
  std::vector<Json> small;
  for (int i = 1; i <= 1500; ++i) small.push_back(observed("urn:x:" + std::to_string(i), i, 1));
  const std::string early = to_iso(kNow - Millis{1});
  capture(small);
  std::vector<Json> large;
  for (int i = 1501; i <= 1540; ++i) {
    large.push_back(observed("urn:x:" + std::to_string(i), i, 1));
    large.back()["yh:note"] = std::string(60'000, 'n');
  }
  capture(large);
  subscribe(receiver.url(), {{"stream", true}, {"initialRecordTime", early}});
  run({receiver.url() + "/"});
  ASSERT_TRUE(receiver.wait_ids(1540, Millis{20'000}));
  EXPECT_EQ(receiver.ids(), ids(1, 1540));
  for (const auto& got : receiver.got()) {
    EXPECT_LE(got.ids.size(), 1000u);
    EXPECT_LT(got.body.size(), 1024u * 1024 + 8192);
  }
}

TEST_F(Subscribers, AReceiverThatIsDownHearsAllOnceItIsUpAgain) {
  const auto port = static_cast<std::uint16_t>(lotmark::test::free_port());
  const std::string url = "http://127.0.0.1:" + std::to_string(port) + "/";
  add_query();
  const auto s = subscribe(url);
  run({url});
  ship(1, 3);
  ASSERT_TRUE(becomes(s, [](const auto& k) { return k.failures == 1; }));
  EXPECT_EQ(as_kept(s).upto, 0u);
  Receiver receiver(port);
  EXPECT_FALSE(receiver.wait(1, Millis{200})) << "the pause is not over";
  clock.advance(Millis{1'300});
  ASSERT_TRUE(receiver.wait_ids(3));
  EXPECT_EQ(receiver.ids(), ids(1, 3));
  EXPECT_TRUE(becomes(s, [](const auto& k) { return k.failures == 0 && k.upto == 3; }));
}

TEST_F(Subscribers, WhatIsNotTakenComesAgain) {
  Receiver receiver;
  add_query();
  const auto s = subscribe(receiver.url());
  receiver.answer(500);
  run({receiver.url() + "/"});
  ship(1, 2);
  ASSERT_TRUE(becomes(s, [](const auto& k) { return k.failures == 1; }));
  receiver.answer(200);
  ship(3, 3);
  clock.advance(Millis{1'300});
  ASSERT_TRUE(receiver.wait_ids(3));
  EXPECT_EQ(receiver.ids(), ids(1, 3));
}

TEST_F(Subscribers, RedirectsAreNotFollowed) {
  Receiver receiver, elsewhere;
  add_query();
  const auto s = subscribe(receiver.url());
  for (const int status : {301, 302, 303, 307, 308}) {
    receiver.answer(status, Millis{0}, elsewhere.url() + "/");
    const auto before = receiver.got().size();
    if (!runner) run({receiver.url() + "/", elsewhere.url() + "/"});
    if (before == 0) ship(1, 1);
    else clock.advance(Millis{900'000});
    ASSERT_TRUE(receiver.wait(before + 1));
    ASSERT_TRUE(becomes(s, [&](const auto& k) { return k.failures > before; }));
  }
  EXPECT_TRUE(elsewhere.got().empty());
  EXPECT_EQ(as_kept(s).upto, 0u);
}

TEST_F(Subscribers, AReceiverThatIsNotAllowedAnyMoreIsNotCalled) {
  Receiver receiver;
  add_query();
  const auto s = subscribe(receiver.url());
  run({"http://127.0.0.1:1/"});
  ship(1, 1);
  ASSERT_TRUE(becomes(s, [](const auto& k) { return k.failures == 1; }));
  EXPECT_TRUE(receiver.got().empty());
}

TEST_F(Subscribers, ARestartGoesOnWhereItStood) {
  Receiver receiver;
  add_query();
  const auto s = subscribe(receiver.url());
  run({receiver.url() + "/"});
  ship(1, 3);
  ASSERT_TRUE(receiver.wait_ids(3));
  EXPECT_TRUE(becomes(s, [](const auto& k) { return k.upto == 3; }));
  runner.reset();
  ship(4, 6);
  subscriptions = must(SubscriptionStore::open(folder.private_db()));
  run({receiver.url() + "/"});
  ASSERT_TRUE(receiver.wait_ids(6));
  EXPECT_EQ(receiver.ids(), ids(1, 6));
}

TEST_F(Subscribers, AnEndedSubscriptionIsNotCalledAnyMore) {
  Receiver receiver;
  rows_held = [this] {
    ++looks;
    return ~std::uint64_t{0};
  };
  add_query();
  add_query("Other", R"({"EQ_bizStep":["shipping"]})");
  const auto one = subscribe(receiver.url() + "/one");
  subscribe(receiver.url() + "/two", {{"stream", true}}, "Other");
  run({receiver.url() + "/"});
  ship(1, 1);
  ASSERT_TRUE(receiver.wait(2));
  must(subscriptions->remove_subscription("Shipped", one.id));
  must(subscriptions->remove_query("Other"));
  const int before = looks;
  ASSERT_TRUE(lotmark::test::eventually([&] { return looks > before + 2; }));
  ship(2, 2);
  EXPECT_FALSE(receiver.wait(3, Millis{300}));
}

TEST_F(Subscribers, ASubscriptionMadeWhileItRunsIsServed) {
  Receiver receiver;
  run({receiver.url() + "/"});
  add_query();
  subscribe(receiver.url());
  ship(1, 1);
  EXPECT_TRUE(receiver.wait_ids(1));
}

TEST_F(Subscribers, AfterThreeDaysOfFailuresItIsStoppedAndSaysWhy) {
  Receiver receiver;
  receiver.answer(503);
  add_query();
  const auto s = subscribe(receiver.url());
  run({receiver.url() + "/"});
  ship(1, 1);
  ASSERT_TRUE(becomes(s, [](const auto& k) { return k.failures == 1; }));
  clock.advance(std::chrono::hours(71));
  ASSERT_TRUE(becomes(s, [](const auto& k) { return k.failures == 2; }));
  EXPECT_FALSE(as_kept(s).stopped);
  clock.advance(std::chrono::hours(1));
  ASSERT_TRUE(becomes(s, [](const auto& k) { return k.stopped.has_value(); }));
  EXPECT_EQ(*as_kept(s).stopped, "the receiver answers 503");
  const auto calls = receiver.got().size();
  receiver.answer(200);
  clock.advance(std::chrono::hours(1));
  ship(2, 2);
  EXPECT_FALSE(receiver.wait(calls + 1, Millis{200}));
}

TEST_F(Subscribers, AReceiverThatFindsAReportTooLargeGetsHalf) {
  Receiver receiver;
  receiver.answer(413);
  add_query();
  const auto s = subscribe(receiver.url());
  std::vector<Json> many;
  for (int i = 1; i <= 8; ++i) many.push_back(observed("urn:x:" + std::to_string(i), i, 1));
  run({receiver.url() + "/"});
  capture(many);
  ASSERT_TRUE(becomes(s, [](const auto& k) { return k.failures == 1; }));
  receiver.answer(200);
  clock.advance(Millis{1'300});
  ASSERT_TRUE(receiver.wait_ids(8));
  EXPECT_EQ(receiver.ids(), ids(1, 8));
  EXPECT_EQ(receiver.got()[1].ids.size(), 4u);
}

TEST_F(Subscribers, AScheduleReportsWhenItsTimeHasComeAndThenAllAtOnce) {
  Receiver receiver;
  add_query();
  clock.set(*from_iso("2026-05-04T10:00:10Z"));
  subscribe(receiver.url(), {{"schedule", {{"minute", "0/5"}}}});
  run({receiver.url() + "/"});
  ship(1, 3);
  EXPECT_FALSE(receiver.wait(1, Millis{200}));
  clock.set(*from_iso("2026-05-04T10:05:00Z"));
  ASSERT_TRUE(receiver.wait(1));
  EXPECT_EQ(receiver.got()[0].ids, ids(1, 3));
  ship(4, 4);
  clock.set(*from_iso("2026-05-04T10:09:59Z"));
  EXPECT_FALSE(receiver.wait(2, Millis{200}));
  clock.set(*from_iso("2026-05-04T10:10:00Z"));
  ASSERT_TRUE(receiver.wait(2));
  EXPECT_EQ(receiver.ids(), ids(1, 4));
}

TEST_F(Subscribers, AnEmptyRunIsToldOfWhereThatWasAskedFor) {
  Receiver told, untold;
  add_query();
  clock.set(*from_iso("2026-05-04T10:00:10Z"));
  const auto with =
      subscribe(told.url(), {{"schedule", {{"hour", "11"}}}, {"reportIfEmpty", true}});
  const auto without = subscribe(untold.url(), {{"schedule", {{"hour", "11"}}}});
  run({told.url() + "/", untold.url() + "/"});
  capture({observed("urn:y:1", 1, 1, "receiving")});
  clock.set(*from_iso("2026-05-04T11:00:00Z"));
  ASSERT_TRUE(told.wait(1));
  EXPECT_TRUE(told.got()[0].ids.empty());
  const auto is_over = [](const auto& k) { return k.ran.has_value() && k.upto == 1; };
  EXPECT_TRUE(becomes(with, is_over));
  EXPECT_TRUE(becomes(without, is_over));
  EXPECT_TRUE(untold.got().empty());
  EXPECT_FALSE(as_kept(without).notified);
}

TEST_F(Subscribers, ARunThatWasMissedIsMadeUpForOnce) {
  Receiver receiver;
  add_query();
  clock.set(*from_iso("2026-05-04T10:00:10Z"));
  const auto s =
      subscribe(receiver.url(), {{"schedule", {{"minute", "0"}}}, {"reportIfEmpty", true}});
  ship(1, 1);
  clock.set(*from_iso("2026-05-04T15:30:00Z"));
  run({receiver.url() + "/"});
  ASSERT_TRUE(receiver.wait(1));
  EXPECT_FALSE(receiver.wait(2, Millis{200}));
  EXPECT_EQ(receiver.ids(), ids(1, 1));
  EXPECT_TRUE(becomes(s, [&](const auto& k) { return k.ran == unix_ms(clock.now()); }));
}

TEST_F(Subscribers, PrefixesThatContradictEachOtherGoIntoReportsOfTheirOwn) {
  Receiver receiver;
  add_query();
  auto request = request_of({observed("urn:x:1", 1, 1), observed("urn:x:2", 2, 2)});
  request.contexts.push_back(
      R"(["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld",{"yh":"https://other.example/epcis"}])");
  request.events[1].context = 1;
  subscribe(receiver.url());
  must(store->capture(request, kNow));
  run({receiver.url() + "/"});
  ASSERT_TRUE(receiver.wait(2));
  EXPECT_EQ(receiver.got()[0].ids, ids(1, 1));
  EXPECT_EQ(receiver.got()[1].ids, ids(2, 2));
  EXPECT_EQ(Json::parse(receiver.got()[1].body)["@context"][1]["yh"],
            Json::parse(R"({"@id":"https://other.example/epcis","@prefix":true})"));
}

TEST_F(Subscribers, APrefixOfGs1sThatIsAnothersStandsOverItsEventsAlone) {
  Receiver receiver;
  add_query();
  auto request =
      request_of({observed("urn:x:1", 1, 1), observed("urn:x:2", 2, 2), observed("urn:x:3", 3, 3)});
  request.contexts.push_back(
      R"(["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld",{"yh":"https://yunhe.example/epcis/","cbv":"https://other.example/"}])");
  request.events[1].context = 1;
  subscribe(receiver.url());
  must(store->capture(request, kNow));
  run({receiver.url() + "/"});
  ASSERT_TRUE(receiver.wait(3));
  const auto got = receiver.got();
  for (int i = 0; i < 3; ++i) {
    const auto& report = got[static_cast<std::size_t>(i)];
    EXPECT_EQ(report.ids, ids(i + 1, i + 1));
    EXPECT_EQ(report.body.find("https://other.example/") != std::string::npos, i == 1);
  }
}

}  // namespace
}  // namespace lotmark::node::test
