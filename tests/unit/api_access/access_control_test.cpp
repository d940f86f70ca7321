// A request from the gate to its answer, with a log that may be away.
#include <gtest/gtest.h>

#include "api/access/access_control.h"
#include "tests/unit/api_access/memory_sink.h"

namespace lotmark::api::access::test {
namespace {

class AccessControlTest : public ::testing::Test {
 protected:
  std::unique_ptr<AccessControl> open(AccessSink* sink) {
    AccessRules rules;
    rules.callers.organisation = "hualin";
    rules.callers.certificates = {
        {"hualin/erp", {}, "hualin", {AccessRole::kReader, AccessRole::kCapture}}};
    auto made = AccessControl::open(std::move(rules), clock, sink, nullptr);
    EXPECT_TRUE(made) << made.error().message();
    return *std::move(made);
  }
  static http::Request call(const std::string& method, const std::string& path,
                            const std::string& who = "hualin/erp") {
    http::Request r;
    r.method = method;
    r.path = path;
    r.remote = "203.0.113.7";
    r.peer_name = who;
    return r;
  }
  // What a caller gets, where the handler says 200 to all.
  http::Response serve(AccessControl& access, const http::Request& r) {
    const auto passed = access.enter(r);
    if (passed.refusal) return *passed.refusal;
    ++handled;
    return access.leave(passed, http::text_response(200, "text/plain", "secret"));
  }

  ManualClock clock{from_ms(1'790'000'000'000)};
  MemorySink sink;
  int handled = 0;
};

TEST_F(AccessControlTest, AReadIsInTheLogWhenItIsAnswered) {
  auto access = open(&sink);
  for (const char* method : {"GET", "HEAD"}) {
    EXPECT_EQ(serve(*access, call(method, "/events")).status, 200);
    const auto kept = sink.kept();
    ASSERT_FALSE(kept.empty());
    EXPECT_EQ(kept.back().record.method, method);
    EXPECT_EQ(kept.back().record.status, 200);
    EXPECT_EQ(kept.back().record.caller, "certificate:hualin/erp");
  }
}

TEST_F(AccessControlTest, RefusalsAndWritesAreInItSoon) {
  auto access = open(&sink);
  EXPECT_EQ(serve(*access, call("GET", "/events", "")).status, 401);
  EXPECT_EQ(serve(*access, call("GET", "/events", "other")).status, 403);
  EXPECT_EQ(serve(*access, call("POST", "/capture")).status, 200);
  access.reset();
  const auto kept = sink.kept();
  ASSERT_EQ(kept.size(), 3u);
  EXPECT_EQ(kept[0].record.status, 401);
  EXPECT_EQ(kept[1].record.status, 403);
  EXPECT_EQ(kept[2].record.method, "POST");
}

TEST_F(AccessControlTest, WithoutTheLogNothingPrivateIsAnswered) {
  sink.set(MemorySink::Mood::kAway);
  auto access = open(&sink);
  const auto r = serve(*access, call("GET", "/events"));
  EXPECT_EQ(r.status, 503);
  EXPECT_EQ(as_text(r.body).find("secret"), std::string_view::npos);
  EXPECT_NE(as_text(r.body).find("epcisException"), std::string_view::npos);
  EXPECT_EQ(r.headers.at("Retry-After"), "1");
  EXPECT_EQ(serve(*access, call("GET", "/v1/lots")).status, 200) << "what is everybody's is";
  auto none = open(nullptr);
  EXPECT_EQ(serve(*none, call("GET", "/events")).status, 503);
}

// A standby's node.
TEST_F(AccessControlTest, WhereNoLogIsKeptTheRefusalSaysSo) {
  sink.set(MemorySink::Mood::kKeepsNone);
  auto access = open(&sink);
  for (int i = 0; i < 2; ++i) {
    const auto r = serve(*access, call("GET", "/events"));
    EXPECT_EQ(r.status, 503);
    EXPECT_NE(as_text(r.body).find("this is a standby"), std::string_view::npos) << as_text(r.body);
  }
  sink.set(MemorySink::Mood::kAway);
  const auto r = serve(*access, call("GET", "/events"));
  EXPECT_EQ(as_text(r.body).find("standby"), std::string_view::npos) << as_text(r.body);
}

TEST_F(AccessControlTest, WhatIsEverybodysLeavesNoTrace) {
  auto access = open(&sink);
  EXPECT_EQ(serve(*access, call("GET", "/v1/lots", "")).status, 200);
  EXPECT_EQ(serve(*access, call("OPTIONS", "/events", "")).status, 200);
  EXPECT_EQ(serve(*access, call("GET", "/nothing", "")).status, 404);
  access.reset();
  EXPECT_TRUE(sink.kept().empty());
}

TEST_F(AccessControlTest, ClosedItKnowsNobody) {
  auto access = AccessControl::closed(clock);
  EXPECT_EQ(serve(*access, call("GET", "/v1/lots", "")).status, 200);
  EXPECT_EQ(serve(*access, call("GET", "/events", "")).status, 401);
  EXPECT_EQ(serve(*access, call("GET", "/events")).status, 403) << "a certificate of nobody's";
  auto token = call("GET", "/events", "");
  token.headers["authorization"] = "Bearer a.b.c";
  EXPECT_EQ(serve(*access, token).status, 401);
  EXPECT_EQ(handled, 1);
  EXPECT_TRUE(access->metrics_text().empty());
}

TEST_F(AccessControlTest, EveryAnswerIsNoMoreThanItSaysItIs) {
  auto access = open(&sink);
  for (const auto& r : {call("GET", "/events"), call("GET", "/events", ""), call("GET", "/v1/lots"),
                        call("GET", "/nothing"), call("PUT", "/capture")})
    EXPECT_EQ(serve(*access, r).headers.at("X-Content-Type-Options"), "nosniff") << r.path;
}

TEST_F(AccessControlTest, MetricsCountWhatIsLogged) {
  auto access = open(&sink);
  serve(*access, call("GET", "/events"));
  EXPECT_NE(access->metrics_text().find("lotmark_api_accesses_logged_total 1\n"),
            std::string::npos);
}

TEST_F(AccessControlTest, RulesThatCannotBeUsedAreFaults) {
  AccessRules rules;
  rules.callers.proxies = {"localhost"};
  EXPECT_EQ(AccessControl::open(std::move(rules), clock, &sink, nullptr).code(), Errc::kConfig);
  AccessRules twice;
  twice.issuers.resize(2);
  EXPECT_EQ(AccessControl::open(std::move(twice), clock, &sink, nullptr).code(), Errc::kConfig);
}

}  // namespace
}  // namespace lotmark::api::access::test
