// What is kept of queries and subscriptions, and what the control routes refuse.
#include "ledger-node/subscribe/subscription_desk.h"

#include "tests/unit/subscribe/subscribers.h"

namespace lotmark::node::test {
namespace {

using Json = epcis::Json;

class Desk : public Subscribers {
 protected:
  void SetUp() override {
    Subscribers::SetUp();
    desk = must(SubscriptionDesk::open(folder.private_db(),
                                       must(AllowedDestinations::read({"https://erp.example/"}))));
  }
  Reply ask(const std::string& method, const std::string& path, const std::string& body = {}) {
    const Call call{method, "/control/v1/queries" + path, to_bytes(as_bytes(body)), {}};
    const auto route = must(parse_route(call.path));
    EXPECT_TRUE(SubscriptionDesk::is_subscription(route));
    return desk->control(call, route, kNow);
  }
  Errc error(const std::string& method, const std::string& path, const std::string& body = {}) {
    const Reply reply = ask(method, path, body);
    return reply.error ? reply.error->code : Errc::kOk;
  }
  static std::string named(const std::string& name, const std::string& query = "{}") {
    return R"({"name":)" + Json(name).dump() + R"(,"query":)" + query + R"(,"owner":"c1"})";
  }
  std::unique_ptr<SubscriptionDesk> desk;
};

TEST_F(Desk, NumbersAreToldWhileAChangeWaits) {
  ask("POST", "", named("a"));
  const auto queries = [&] {
    for (const auto& [metric, v] : desk->metrics()) {
      if (metric == "lotmark_named_queries") return v;
    }
    return -1.0;
  };
  double told = 0;
  EXPECT_TRUE(answers_while(
      folder, [&] { ask("POST", "", named("b")); }, [&] { told = queries(); }));
  EXPECT_EQ(told, 1);
  EXPECT_EQ(queries(), 2);
  ask("DELETE", "/a");
  EXPECT_EQ(queries(), 1);
}

TEST_F(Desk, KeepsAQueryOnceUnderItsName) {
  EXPECT_EQ(error("POST", "", named("a b/ä", R"({"EQ_bizStep":["shipping"]})")), Errc::kOk);
  EXPECT_EQ(error("POST", "", named("a b/ä")), Errc::kConflict);
  const auto kept = must(find_query(reader->database(), "a b/ä"));
  ASSERT_TRUE(kept);
  EXPECT_EQ(kept->query, R"({"EQ_bizStep":["shipping"]})");
  EXPECT_EQ(kept->owner, "c1");
  EXPECT_EQ(kept->created, unix_ms(kNow));
  EXPECT_EQ(error("DELETE", "/a%20b%2F%C3%A4"), Errc::kOk);
  EXPECT_EQ(error("DELETE", "/a%20b%2F%C3%A4"), Errc::kNotFound);
}

TEST_F(Desk, EndsAQueryOfTheOwnerThatIsNamedAlone) {
  ask("POST", "", named("a"));
  EXPECT_EQ(error("DELETE", "/a", R"({"owner":"c2"})"), Errc::kNotFound);
  EXPECT_EQ(error("DELETE", "/a", R"({"owner":1})"), Errc::kUsage);
  EXPECT_EQ(error("DELETE", "/a", "["), Errc::kUsage);
  EXPECT_EQ(error("DELETE", "/a", "{}"), Errc::kUsage);
  EXPECT_TRUE(must(find_query(reader->database(), "a")));
  EXPECT_EQ(error("DELETE", "/a", R"({"owner":"c1"})"), Errc::kOk);
  EXPECT_FALSE(must(find_query(reader->database(), "a")));
}

TEST_F(Desk, RefusesWhatIsNoQuery) {
  const std::string cases[] = {"",
                               "{",
                               "[]",
                               "null",
                               "\xff",
                               R"({"name":"a"})",
                               R"({"query":{}})",
                               R"({"name":1,"query":{}})",
                               R"({"name":"","query":{}})",
                               R"({"name":".","query":{}})",
                               R"({"name":"..","query":{}})",
                               R"({"name":"a\nb","query":{}})",
                               named(std::string(201, 'n')),
                               named("a", "[]"),
                               named("a", "null"),
                               named("a", R"({"EQ_nothing":"x"})"),
                               named("a", R"({"eventCountLimit":5})"),
                               named("a", R"({"@context":"https://evil.example/context"})"),
                               R"({"name":"a","name":"b","query":{}})",
                               R"({"name":"a","query":{},"owner":5})"};
  for (const auto& body : cases) EXPECT_EQ(error("POST", "", body), Errc::kUsage) << body;
  EXPECT_TRUE(must(list_queries(reader->database(), "", 10)).empty());
}

TEST_F(Desk, RefusesWhatIsTooLargeOrTooDeep) {
  std::string values = "\"urn:x:0\"";
  for (int i = 0; i < 6000; ++i) values += ",\"urn:x:" + std::to_string(i) + "\"";
  EXPECT_EQ(error("POST", "", named("a", "{\"EQ_eventID\":[" + values + "]}")), Errc::kTooLarge);
  EXPECT_EQ(error("POST", "", std::string(80'000, ' ')), Errc::kTooLarge);
  EXPECT_EQ(error("POST", "", std::string(60'000, '[')), Errc::kUsage);
}

TEST_F(Desk, HoldsAThousandQueriesAndSubscriptions) {
  auto db = must(store::Database::open(folder.private_db()));
  const std::string count =
      "WITH RECURSIVE c(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM c WHERE i < 998) ";
  must(db.exec(count + "INSERT INTO named_query SELECT 'q' || i, '{}', '', 0 FROM c"));
  EXPECT_EQ(error("POST", "", named("last")), Errc::kOk);
  EXPECT_EQ(error("POST", "", named("more")), Errc::kTooLarge);
  must(
      db.exec(count +
              "INSERT INTO subscription(id, name, dest, token, schedule, report_if_empty, owner, "
              "created, upto, failures) SELECT 'id' || i, 'q1', 'https://erp.example/', '', '', 0, "
              "'', 0, 0, 0 FROM c"));
  subscribe("https://erp.example/", {{"stream", true}}, "q1");
  EXPECT_EQ(error("POST", "/q2/subscriptions", R"({"dest":"https://erp.example/","stream":true})"),
            Errc::kTooLarge);
  EXPECT_EQ(error("DELETE", "/q1"), Errc::kOk);
  EXPECT_EQ(must(subscriptions->active()).size(), 0u);
}

TEST_F(Desk, SubscriptionsAreMadeAndEnded) {
  add_query();
  const Reply made =
      ask("POST", "/Shipped/subscriptions",
          R"({"dest":"https://erp.example/x","stream":true,"signatureToken":"t","owner":"c2"})");
  ASSERT_FALSE(made.error) << made.error->message();
  const std::string id = Json::parse(as_text(made.body))["id"];
  const auto kept = must(find_subscription(reader->database(), "Shipped", id));
  ASSERT_TRUE(kept);
  EXPECT_EQ(kept->dest, "https://erp.example/x");
  EXPECT_EQ(kept->token, "t");
  EXPECT_EQ(kept->owner, "c2");
  EXPECT_EQ(error("DELETE", "/Other/subscriptions/" + id), Errc::kNotFound);
  EXPECT_EQ(error("DELETE", "/Shipped/subscriptions/" + id), Errc::kOk);
  EXPECT_EQ(error("DELETE", "/Shipped/subscriptions/" + id), Errc::kNotFound);
}

TEST_F(Desk, SubscriptionsThatCannotBeMetAreRefused) {
  add_query();
  const std::string ok = R"("dest":"https://erp.example/")";
  const std::pair<std::string, Errc> cases[] = {
      {"{}", Errc::kUsage},
      {"{" + ok + "}", Errc::kUsage},
      {"{" + ok + R"(,"stream":false})", Errc::kUsage},
      {"{" + ok + R"(,"stream":"true"})", Errc::kUsage},
      {"{" + ok + R"(,"stream":true,"schedule":{"hour":"1"}})", Errc::kUsage},
      {"{" + ok + R"(,"schedule":{}})", Errc::kUsage},
      {"{" + ok + R"(,"schedule":{"hour":"25"}})", Errc::kUsage},
      {"{" + ok + R"(,"stream":true,"reportIfEmpty":"yes"})", Errc::kUsage},
      {"{" + ok + R"(,"stream":true,"initialRecordTime":"yesterday"})", Errc::kUsage},
      {"{" + ok + R"(,"stream":true,"initialRecordTime":5})", Errc::kUsage},
      {"{" + ok + R"(,"stream":true,"signatureToken":5})", Errc::kUsage},
      {"{" + ok + R"(,"stream":true,"signatureToken":")" + std::string(1025, 't') + "\"}",
       Errc::kUsage},
      {R"({"dest":5,"stream":true})", Errc::kUsage},
      {R"({"dest":"https://u@erp.example/","stream":true})", Errc::kUsage},
      {R"({"dest":"https://[::1]/","stream":true})", Errc::kUsage},
      {R"({"dest":"https://169.254.169.254/","stream":true})", Errc::kDenied},
      {R"({"dest":"http://erp.example/","stream":true})", Errc::kDenied},
      {R"({"dest":"https://erp.example:8443/","stream":true})", Errc::kDenied},
  };
  for (const auto& [body, code] : cases)
    EXPECT_EQ(error("POST", "/Shipped/subscriptions", body), code) << body;
  EXPECT_EQ(error("POST", "/None/subscriptions", "{" + ok + R"(,"stream":true})"), Errc::kNotFound);
  EXPECT_TRUE(must(subscriptions->active()).empty());
}

TEST_F(Desk, AQueryThatLimitsItsCountCannotBeSubscribedTo) {
  add_query("Ten", R"({"orderBy":"eventTime","eventCountLimit":10})");
  add_query("Few", R"({"maxEventCount":10})");
  const std::string order = R"({"dest":"https://erp.example/","stream":true})";
  EXPECT_EQ(error("POST", "/Ten/subscriptions", order), Errc::kUsage);
  EXPECT_EQ(error("POST", "/Few/subscriptions", order), Errc::kUsage);
}

TEST_F(Desk, OtherRoutesAreNotFound) {
  for (const char* path : {"/a/b", "/a/subscriptions/b/c", "/a/subscription", "/a/events"})
    EXPECT_EQ(error("POST", path, "{}"), Errc::kNotFound) << path;
  EXPECT_EQ(error("GET", ""), Errc::kNotFound);
  EXPECT_EQ(error("PUT", "/a"), Errc::kNotFound);
}

TEST_F(Desk, ListsGoOnBehindAName) {
  for (const char* name : {"c", "a", "b"}) add_query(name, "{}");
  const auto list = must(list_queries(reader->database(), "a", 10));
  ASSERT_EQ(list.size(), 2u);
  EXPECT_EQ(list[0].name, "b");
}

TEST_F(Desk, AnInitialTimeWithAnOffsetIsTakenInUtc) {
  const auto s = must(read_subscription(Json::parse(
      R"({"dest":"https://a.example/","stream":true,"initialRecordTime":"2026-05-04T08:00:00.000+08:00"})")));
  EXPECT_EQ(s.initial, unix_ms(*from_iso("2026-05-04T00:00:00Z")));
}

}  // namespace
}  // namespace lotmark::node::test
