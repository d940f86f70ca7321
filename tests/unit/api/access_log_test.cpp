// The access log from end to end: what is answered is on the node's disk, whatever happens to the two between.
#include <thread>

#include "core/base/hex.h"
#include "core/crypto/sha256.h"
#include "tests/unit/api/site.h"

namespace lotmark::api::test {
namespace {

using access::AccessRole;

class AccessLogged : public Site {
 protected:
  AccessLogged() {
    EXPECT_TRUE(keeper->capture(node::test::request_of({node::test::observed("urn:x:1", 1, 0)})));
  }
};

TEST_F(AccessLogged, AReadIsOnTheNodesDiskWhenItIsAnswered) {
  const auto r = send("GET", "/events?EQ_bizStep=shipping", certificate("yunhe/R"));
  ASSERT_EQ(r.status, 200);
  const auto entries = log();
  ASSERT_EQ(entries.size(), 1u);
  const auto& e = entries[0].entry;
  EXPECT_EQ(e.caller, "certificate:yunhe/R");
  EXPECT_EQ(e.organisation, "yunhe");
  EXPECT_EQ(e.roles, "reader");
  EXPECT_EQ(e.how, "certificate");
  EXPECT_EQ(e.address, "198.51.100.9");
  EXPECT_EQ(e.method, "GET");
  EXPECT_EQ(e.route, "/events");
  EXPECT_EQ(e.target, "/events?EQ_bizStep=shipping");
  EXPECT_EQ(e.status, 200u);
  EXPECT_EQ(e.time, unix_ms(clock.now()));
  EXPECT_EQ(entries[0].by, node.operator_key->kid());
}

TEST_F(AccessLogged, EveryReadOfEveryRouteIsThereAndInOrder) {
  const char* targets[] = {"/events",   "/events/urn%3Ax%3A1", "/events/none",       "/epcs",
                           "/bizSteps", "/eventTypes",         "/events?nonsense=1", "/queries"};
  const auto who = token({AccessRole::kReader});
  std::size_t n = 0;
  for (const char* target : targets) {
    const auto r = send("GET", target, who);
    const auto entries = log();
    ASSERT_EQ(entries.size(), ++n) << target;
    EXPECT_EQ(entries.back().entry.target, target);
    EXPECT_EQ(entries.back().entry.status, static_cast<std::uint64_t>(r.status));
    EXPECT_EQ(entries.back().entry.caller, "token:erp@https://id.example");
    EXPECT_EQ(entries.back().entry.number, n);
  }
}

TEST_F(AccessLogged, RefusalsAndCapturesAreInItSoonAfter) {
  send("GET", "/events");
  send("GET", "/events", certificate("yunhe/C"));
  send("GET", "/events", bearer("a.b.c"));
  send("POST", "/capture", certificate("yunhe/C"), document({event("urn:x:2", 2)}));
  const auto entries = log_of(4);
  ASSERT_EQ(entries.size(), 4u);
  EXPECT_EQ(entries[0].entry.status, 401u);
  EXPECT_EQ(entries[1].entry.status, 403u);
  EXPECT_EQ(entries[2].entry.status, 401u);
  EXPECT_FALSE(entries[2].entry.why.empty());
  EXPECT_EQ(entries[3].entry.status, 202u);
  EXPECT_EQ(entries[3].entry.method, "POST");
}

TEST_F(AccessLogged, WhatWasReadIsToldBehindParametersThatSayNothing) {
  const std::string what = "MATCH_anyEPC=https%3A%2F%2Fid.gs1.org%2F01%2F09506000134352%2F21%2F7";
  const std::string steps = "/events?EQ_bizStep=" + std::string(1500, 'x');
  const std::string short_one = steps + "&" + what;
  const std::string long_one = steps + "&EQ_disposition=" + std::string(1500, 'x') + "&" + what;
  ASSERT_EQ(send("GET", short_one, certificate("yunhe/R")).status, 200);
  ASSERT_EQ(send("GET", long_one, certificate("yunhe/R")).status, 200);
  const auto entries = log();
  ASSERT_EQ(entries.size(), 2u);
  EXPECT_EQ(entries[0].entry.target, short_one);
  EXPECT_EQ(entries[1].entry.target, access::kept_target(long_one));
  EXPECT_TRUE(entries[1].entry.target.ends_with(to_hex(sha256(as_bytes(long_one)))));
}

TEST_F(AccessLogged, AMethodThatAPrivateRouteHasNotIsInIt) {
  EXPECT_EQ(send("PUT", "/events", certificate("yunhe/R")).status, 405);
  EXPECT_EQ(send("DELETE", "/events/urn%3Ax%3A1", certificate("yunhe/A")).status, 405);
  EXPECT_EQ(send("POST", "/export/events").status, 405);
  EXPECT_EQ(send("DELETE", "/v1/lots", certificate("yunhe/A")).status, 405);
  ASSERT_EQ(send("GET", "/events", certificate("yunhe/R")).status, 200);
  const auto entries = log_of(4);
  ASSERT_EQ(entries.size(), 4u) << "of what is everybody's none";
  EXPECT_EQ(entries[0].entry.caller, "certificate:yunhe/R");
  EXPECT_EQ(entries[0].entry.method, "PUT");
  EXPECT_EQ(entries[0].entry.route, "/events");
  EXPECT_EQ(entries[0].entry.status, 405u);
  EXPECT_EQ(entries[1].entry.method, "DELETE");
  EXPECT_EQ(entries[1].entry.target, "/events/urn%3Ax%3A1");
  EXPECT_EQ(entries[2].entry.status, 405u);
}

TEST_F(AccessLogged, WhatIsEverybodysIsNotInIt) {
  EXPECT_EQ(send("GET", "/v1/lots").status, 200);
  EXPECT_EQ(send("OPTIONS", "/events").status, 204);
  EXPECT_EQ(send("GET", "/events", certificate("yunhe/R")).status, 200);
  EXPECT_EQ(log().size(), 1u);
}

TEST_F(AccessLogged, WithoutTheNodeNothingPrivateIsReadAndAllElseIs) {
  node.stop();
  const auto r = send("GET", "/events", certificate("yunhe/R"));
  EXPECT_EQ(r.status, 503);
  EXPECT_EQ(r.headers.at("retry-after"), "1");
  EXPECT_EQ(json_of(r)["type"], "epcisException:ImplementationException");
  EXPECT_EQ(as_text(r.body).find("shipping"), std::string_view::npos);
  EXPECT_EQ(send("GET", "/v1/lots").status, 200);
  EXPECT_EQ(send("GET", "/events").status, 401) << "refusals need no log";
  EXPECT_TRUE(log().empty());
  node.run();
  EXPECT_EQ(send("GET", "/events", certificate("yunhe/R")).status, 200);
  const auto entries = log_of(3);
  ASSERT_EQ(entries.size(), 3u) << "what was asked meanwhile is told then";
  EXPECT_EQ(entries[0].entry.status, 503u);
  EXPECT_EQ(entries[1].entry.status, 401u);
  EXPECT_EQ(entries[2].entry.status, 200u);
}

TEST_F(AccessLogged, AnEntryWhoseAnswerWasLostIsThereOnce) {
  node.lose_answers = 1;
  EXPECT_EQ(send("GET", "/events", certificate("yunhe/R")).status, 503);
  EXPECT_EQ(send("GET", "/events", certificate("yunhe/R")).status, 200);
  EXPECT_EQ(log().size(), 2u);
}

TEST_F(AccessLogged, AKilledApiTakesNoTraceOfAnAnswerAlong) {
  ASSERT_EQ(send("GET", "/events", certificate("yunhe/R")).status, 200);
  // Of the process that answered nothing but the node's disk is left.
  node.stop();
  open();
  EXPECT_EQ(log().size(), 1u);
  node.run();
  ASSERT_EQ(send("GET", "/events", certificate("yunhe/R")).status, 200);
  const auto entries = log();
  ASSERT_EQ(entries.size(), 2u);
  EXPECT_NE(entries[0].entry.run, entries[1].entry.run);
  EXPECT_EQ(entries[1].entry.number, 1u);
}

TEST_F(AccessLogged, ReadersBesideOneAnotherAreAllThere) {
  std::vector<std::thread> readers_at_once;
  std::atomic<int> answered = 0;
  for (int t = 0; t < 8; ++t) {
    readers_at_once.emplace_back([&] {
      const auto mine = *http::Client::make({.base_url = server->url()});
      for (int i = 0; i < 25; ++i) {
        const auto r = mine.send("GET", "/events", certificate("yunhe/R"));
        if (r && r->status == 200) ++answered;
      }
    });
  }
  for (auto& t : readers_at_once) t.join();
  EXPECT_EQ(answered, 200);
  EXPECT_EQ(log().size(), 200u);
}

TEST_F(AccessLogged, ANodeThatComesAndGoesLosesNoAnsweredRead) {
  std::atomic<bool> stop = false;
  std::atomic<int> counter = 0, refused = 0;
  std::mutex mutex;
  std::vector<std::string> answered;
  std::vector<std::thread> callers;
  for (int t = 0; t < 3; ++t) {
    callers.emplace_back([&] {
      const auto mine = *http::Client::make({.base_url = server->url()});
      while (!stop) {
        const std::string target = "/events?EQ_eventID=urn:x:" + std::to_string(++counter);
        const auto r = mine.send("GET", target, certificate("yunhe/R"));
        if (!r || r->status != 200) {
          ++refused;
          continue;
        }
        const std::lock_guard lock(mutex);
        answered.push_back(target);
      }
    });
  }
  const auto answers = [&] {
    const std::lock_guard lock(mutex);
    return answered.size();
  };
  for (int round = 0; round < 5; ++round) {
    const auto answers_before = answers();
    EXPECT_TRUE(lotmark::test::eventually([&] { return answers() > answers_before + 5; }));
    node.stop();
    const int refused_before = refused;
    EXPECT_TRUE(lotmark::test::eventually([&] { return refused > refused_before; }));
    node.run();
  }
  stop = true;
  for (auto& t : callers) t.join();
  std::set<std::string> kept;
  for (const auto& a : log()) {
    if (a.entry.status == 200) kept.insert(a.entry.target);
  }
  EXPECT_GT(answered.size(), 5u);
  for (const auto& target : answered) EXPECT_TRUE(kept.contains(target)) << target;
}

TEST_F(AccessLogged, LongAndOddTargetsDoNotKeepAReadOutOfTheLog) {
  const auto who = certificate("yunhe/R");
  const auto r = send("GET", "/events/" + std::string(3000, 'x') + "%FF%00", who);
  EXPECT_EQ(r.status, 404);
  EXPECT_EQ(log().at(0).entry.target.size(), 2048u);
}

TEST_F(AccessLogged, MetricsSayHowTheLogGoes) {
  send("GET", "/events", certificate("yunhe/R"));
  const auto text = std::string(as_text(send("GET", "/metrics").body));
  EXPECT_NE(text.find("lotmark_api_accesses_logged_total 1\n"), std::string::npos) << text;
  EXPECT_NE(text.find("route=\"epcis\",status=\"200\"} 1\n"), std::string::npos) << text;
}

}  // namespace
}  // namespace lotmark::api::test
