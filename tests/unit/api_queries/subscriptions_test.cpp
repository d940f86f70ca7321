// Subscriptions to named queries over REST.
#include "tests/unit/api_queries/query_api.h"

namespace lotmark::api::epcis::test {
namespace {

class Subscriptions : public QueryApi {
 protected:
  void SetUp() override { make("Q", R"({"EQ_bizStep":["shipping"]})"); }
  http::Response subscribe(const std::string& more, const std::string& query = "Q") {
    return post("/queries/" + query + "/subscriptions",
                R"({"dest":"https://erp.example/hook",)" + more + "}");
  }
  std::string path(const Json& s) {
    return "/queries/Q/subscriptions/" + s["subscriptionID"].get<std::string>();
  }
};

TEST_F(Subscriptions, AreMadeShownListedAndEnded) {
  const auto made = subscribe(R"("stream":true,"signatureToken":"a-secret")");
  ASSERT_EQ(made.status, 201) << as_text(made.body);
  const Json s = json_of(made);
  EXPECT_EQ(made.headers.at("Location"), "https://lot.example" + path(s));
  EXPECT_EQ(s["dest"], "https://erp.example/hook");
  EXPECT_EQ(s["queryName"], "Q");
  EXPECT_EQ(s["stream"], true);
  EXPECT_EQ(s["createdAt"], to_iso(kNow));
  EXPECT_EQ(s["minRecordTime"], to_iso(kNow));
  EXPECT_EQ(s["lotmark:state"], "active");
  EXPECT_FALSE(s.contains("lastNotifiedAt"));
  EXPECT_EQ(json_of(ask("GET", path(s))), s);
  EXPECT_EQ(json_of(ask("GET", "/queries/Q/subscriptions")), Json::array({s}));
  EXPECT_EQ(ask("DELETE", path(s)).status, 204);
  EXPECT_EQ(problem_of(ask("DELETE", path(s))), "404 NoSuchResourceException");
  EXPECT_EQ(problem_of(ask("GET", path(s))), "404 NoSuchResourceException");
  EXPECT_EQ(json_of(ask("GET", "/queries/Q/subscriptions")), Json::array());
}

TEST_F(Subscriptions, TheSignatureTokenIsNeverGivenOut) {
  const auto made = subscribe(R"("stream":true,"signatureToken":"a-secret")");
  const Json s = json_of(made);
  for (const auto& r : {made, ask("GET", path(s)), ask("GET", "/queries/Q/subscriptions"),
                        ask("GET", "/queries/Q"), ask("GET", "/queries")}) {
    EXPECT_EQ(as_text(r.body).find("a-secret"), std::string_view::npos);
    EXPECT_EQ(as_text(r.body).find("signatureToken"), std::string_view::npos);
  }
}

TEST_F(Subscriptions, ScheduleAndOptionsAreShownAsTheyWereGiven) {
  const Json s = json_of(subscribe(
      R"("schedule":{"hour":"1","minute":"5"},"reportIfEmpty":true,"initialRecordTime":"2026-05-04T08:00:00.000+08:00")"));
  EXPECT_EQ(s["schedule"], Json::parse(R"({"hour":"1","minute":"5"})"));
  EXPECT_FALSE(s.contains("stream"));
  EXPECT_EQ(s["reportIfEmpty"], true);
  EXPECT_EQ(s["initialRecordTime"], "2026-05-04T00:00:00.000Z");
}

TEST_F(Subscriptions, WhereItStandsIsShown) {
  const Json s = json_of(subscribe(R"("stream":true)"));
  auto kept = must(keeper.store().active()).at(0);
  kept.ran = kept.notified = unix_ms(kNow + Millis{5000});
  must(keeper.store().keep(kept));
  EXPECT_EQ(json_of(ask("GET", path(s)))["lastNotifiedAt"], to_iso(kNow + Millis{5000}));
  kept.failures = 3;
  must(keeper.store().keep(kept));
  EXPECT_EQ(json_of(ask("GET", path(s)))["lotmark:state"], "failing");
  kept.stopped = "the receiver answers 503";
  must(keeper.store().keep(kept));
  const Json stopped = json_of(ask("GET", path(s)));
  EXPECT_EQ(stopped["lotmark:state"], "stopped");
  EXPECT_EQ(stopped["lotmark:why"], "the receiver answers 503");
}

TEST_F(Subscriptions, WhatCannotBeMetIsASubscriptionProblem) {
  const std::string bad = "400 SubscriptionControlsException";
  const std::pair<std::string, std::string> cases[] = {
      {"{}", bad},
      {R"({"dest":"https://erp.example/"})", bad},
      {R"({"dest":"https://erp.example/","stream":false})", bad},
      {R"({"dest":"https://erp.example/","stream":true,"schedule":{"hour":"1"}})", bad},
      {R"({"dest":"https://erp.example/","schedule":{"hour":"24"}})", bad},
      {R"({"dest":"https://erp.example/","schedule":{"dayOfMonth":"31","month":"2"}})", bad},
      {R"({"dest":"https://other.example/","stream":true})", bad},
      {R"({"dest":"http://erp.example/","stream":true})", bad},
      {R"({"dest":"https://erp.example@evil.example/","stream":true})", bad},
      {R"({"dest":"https://127.0.0.1/","stream":true})", bad},
      {R"({"dest":"https://[::1]/","stream":true})", bad},
      {R"({"dest":"file:///etc/passwd","stream":true})", bad},
      {"[]", "400 ValidationException"},
      {"{", "400 ValidationException"},
      {std::string(80'000, ' '), "413 QueryTooLargeException"},
  };
  for (const auto& [body, problem] : cases)
    EXPECT_EQ(problem_of(post("/queries/Q/subscriptions", body)), problem) << body.substr(0, 80);
  EXPECT_EQ(json_of(ask("GET", "/queries/Q/subscriptions")), Json::array());
}

TEST_F(Subscriptions, ReportsAreNotTranslated) {
  const auto r =
      ask("POST", "/queries/Q/subscriptions", R"({"dest":"https://erp.example/","stream":true})",
          {{"gs1-epc-format", "Always_EPC_URN"}});
  EXPECT_EQ(problem_of(r), "406 NotAcceptableException");
}

TEST_F(Subscriptions, OfAnUnknownQueryThereAreNone) {
  EXPECT_EQ(problem_of(subscribe(R"("stream":true)", "None")), "404 NoSuchResourceException");
  EXPECT_EQ(problem_of(ask("GET", "/queries/None/subscriptions")), "404 NoSuchResourceException");
  EXPECT_EQ(problem_of(ask("GET", "/queries/None/subscriptions/x")), "404 NoSuchResourceException");
  EXPECT_EQ(problem_of(ask("DELETE", "/queries/Q/subscriptions/x")), "404 NoSuchResourceException");
}

TEST_F(Subscriptions, EndWithTheirQuery) {
  const Json s = json_of(subscribe(R"("stream":true)"));
  ask("DELETE", "/queries/Q");
  EXPECT_EQ(problem_of(ask("GET", path(s))), "404 NoSuchResourceException");
  make("Q", "{}");
  EXPECT_EQ(json_of(ask("GET", "/queries/Q/subscriptions")), Json::array());
}

TEST_F(Subscriptions, ListsComeInPages) {
  for (int i = 0; i < 5; ++i) subscribe(R"("stream":true)");
  std::size_t found = 0;
  std::string target = "/queries/Q/subscriptions?perPage=2";
  for (pages = 0; !target.empty() && pages < 10; ++pages) {
    const auto r = ask("GET", target);
    ASSERT_EQ(r.status, 200);
    found += json_of(r).size();
    target = next_of(r);
  }
  EXPECT_EQ(found, 5u);
  EXPECT_EQ(pages, 3);
  for (const char* token : {"zz", "2d31", "3939393939393939393939393939393939393939", "3031"})
    EXPECT_EQ(
        problem_of(ask("GET", std::string("/queries/Q/subscriptions?nextPageToken=") + token)),
        "400 QueryParameterException")
        << token;
}

}  // namespace
}  // namespace lotmark::api::epcis::test
