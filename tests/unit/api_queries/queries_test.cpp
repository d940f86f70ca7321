// Named queries over REST.
#include "tests/unit/api_queries/query_api.h"

namespace lotmark::api::epcis::test {
namespace {

TEST_F(QueryApi, AQueryIsMadeShownListedAndEnded) {
  const auto made = post("/queries", R"({"name":"My query","query":{"EQ_bizStep":["shipping"]}})");
  EXPECT_EQ(made.status, 201) << as_text(made.body);
  EXPECT_EQ(made.headers.at("Location"), "https://lot.example/queries/My%20query");
  const Json wanted = {{"name", "My query"}, {"query", {{"EQ_bizStep", {"shipping"}}}}};
  EXPECT_EQ(json_of(ask("GET", "/queries/My%20query")), wanted);
  EXPECT_EQ(json_of(ask("GET", "/queries")), Json::array({wanted}));
  EXPECT_EQ(ask("DELETE", "/queries/My%20query").status, 204);
  EXPECT_EQ(problem_of(ask("DELETE", "/queries/My%20query")), "404 NoSuchResourceException");
  EXPECT_EQ(problem_of(ask("GET", "/queries/My%20query")), "404 NoSuchResourceException");
  EXPECT_EQ(json_of(ask("GET", "/queries")), Json::array());
}

TEST_F(QueryApi, TheMakerIsKeptAsItsOwner) {
  make("Q", "{}");
  EXPECT_EQ(must(node::find_query(reader->database(), "Q"))->owner, "client-7");
}

TEST_F(QueryApi, OnlyItsMakerOrAnAdminEndsAQuery) {
  make("Q", "{}");
  client.id = "client-8";
  EXPECT_EQ(problem_of(ask("DELETE", "/queries/Q")), "403 SecurityException");
  EXPECT_EQ(problem_of(ask("DELETE", "/queries/None")), "404 NoSuchResourceException");
  client.admin = true;
  EXPECT_EQ(ask("DELETE", "/queries/Q").status, 204);
}

TEST_F(QueryApi, WhoSeesNoEventsGetsNoneOfAQuery) {
  capture({observed("urn:x:1", 1, 1)});
  make("Q", R"({"maxEventCount":1})");
  sight = {.shared = true};
  EXPECT_TRUE(events_of("/queries/Q/events").empty());
}

TEST_F(QueryApi, ANameIsTakenOnce) {
  EXPECT_EQ(make("Q", "{}"), "201");
  EXPECT_EQ(make("Q", R"({"EQ_bizStep":"shipping"})"), "409 ResourceAlreadyExistsException");
  EXPECT_EQ(make("q", "{}"), "201") << "names differ in case";
}

TEST_F(QueryApi, NamesOfAnyLettersTravelInPaths) {
  for (const char* name :
       {"a/b", "a?b", "a%b", "ä b", "100%", "追溯", "a'); DROP TABLE event;--"}) {
    EXPECT_EQ(make(name, "{}"), "201");
    const std::string path = "/queries/" + http::percent_encode(name);
    EXPECT_EQ(json_of(ask("GET", path))["name"], name);
    EXPECT_EQ(ask("GET", path + "/events").status, 200);
    EXPECT_EQ(ask("DELETE", path).status, 204);
  }
}

TEST_F(QueryApi, WhatIsNoQueryIsRefusedByItsProblem) {
  const std::string deep = std::string(50'000, '[');
  const std::pair<std::string, std::string> cases[] = {
      {"{", "400 ValidationException"},
      {"[]", "400 ValidationException"},
      {"5", "400 ValidationException"},
      {"\xff\xfe", "400 ValidationException"},
      {deep, "400 ValidationException"},
      {R"({"query":{}})", "400 ValidationException"},
      {R"({"name":"","query":{}})", "400 ValidationException"},
      {R"({"name":"..","query":{}})", "400 ValidationException"},
      {R"({"name":"a\u0000","query":{}})", "400 ValidationException"},
      {R"({"name":"a","name":"b","query":{}})", "400 ValidationException"},
      {R"({"name":{},"query":{}})", "400 ValidationException"},
      {R"({"name":"a"})", "400 QueryValidationException"},
      {R"({"name":"a","query":[]})", "400 QueryValidationException"},
      {R"({"name":"a","query":{"EQ_nothing":["x"]}})", "400 QueryValidationException"},
      {R"({"name":"a","query":{"eventCountLimit":10}})", "400 QueryValidationException"},
      {R"({"name":"a","query":{"GE_eventTime":"soon"}})", "400 QueryValidationException"},
      {R"({"name":"a","query":{"@context":"https://evil.example/","EQ_x:y":"z"}})",
       "400 QueryValidationException"},
      {R"({"name":"a","query":{"EQ_eventID":")" + std::string(3000, 'x') + "\"}}",
       "413 QueryTooLargeException"},
      {std::string(80'000, ' '), "413 QueryTooLargeException"},
  };
  for (const auto& [body, problem] : cases)
    EXPECT_EQ(problem_of(post("/queries", body)), problem) << body.substr(0, 80);
  EXPECT_EQ(json_of(ask("GET", "/queries")), Json::array());
}

TEST_F(QueryApi, OtherMediaTypesAreNotTaken) {
  const std::string body = R"({"name":"a","query":{}})";
  for (const char* type :
       {"text/plain", "application/xml", "application/jsonx", "",
        "application/json; charset=utf-16", "application/json; charset = latin1"})
    EXPECT_EQ(problem_of(ask("POST", "/queries", body, {{"content-type", type}})),
              "415 UnsupportedMediaTypeException")
        << type;
  EXPECT_EQ(ask("POST", "/queries", body, {{"content-type", "Application/JSON; charset=\"UTF-8\""}})
                .status,
            201);
}

TEST_F(QueryApi, EventsOfAQueryComeInItsOrderAndPages) {
  for (int i = 1; i <= 10; ++i) capture({observed("urn:x:" + std::to_string(i), i, i)});
  capture({observed("urn:y:1", 1, 1, "receiving")});
  make("Up",
       R"({"EQ_bizStep":["shipping"],"orderBy":"eventTime","orderDirection":"ASC","perPage":4})");
  const std::vector<std::string> all = {"urn:x:1", "urn:x:2", "urn:x:3", "urn:x:4", "urn:x:5",
                                        "urn:x:6", "urn:x:7", "urn:x:8", "urn:x:9", "urn:x:10"};
  EXPECT_EQ(events_of("/queries/Up/events"), all);
  EXPECT_EQ(pages, 3) << "perPage stands in the query";
  EXPECT_EQ(events_of("/queries/Up/events?perPage=3"), all);
  EXPECT_EQ(pages, 4);
  const auto first = json_of(ask("GET", "/queries/Up/events"));
  EXPECT_EQ(first["epcisBody"]["queryResults"]["queryName"], "Up");
  EXPECT_EQ(first["type"], "EPCISQueryDocument");
}

TEST_F(QueryApi, CountsOfAQueryHold) {
  for (int i = 1; i <= 10; ++i) capture({observed("urn:x:" + std::to_string(i), i, i)});
  make("Newest", R"({"orderBy":"eventTime","eventCountLimit":3})");
  const std::vector<std::string> newest = {"urn:x:10", "urn:x:9", "urn:x:8"};
  EXPECT_EQ(events_of("/queries/Newest/events?perPage=2"), newest);
  make("Few", R"({"maxEventCount":5})");
  EXPECT_EQ(problem_of(ask("GET", "/queries/Few/events")), "413 QueryTooLargeException");
  make("Enough", R"({"maxEventCount":10})");
  EXPECT_EQ(events_of("/queries/Enough/events").size(), 10u);
}

TEST_F(QueryApi, PrefixesOfAQueryAreItsOwnContexts) {
  capture({observed("urn:x:1", 1, 1), observed("urn:x:2", 2, 2)});
  make("Shelf", R"({"@context":[{"s":"https://yunhe.example/epcis/"}],"EQ_s:shelf":"B2"})");
  EXPECT_EQ(events_of("/queries/Shelf/events"), std::vector<std::string>{"urn:x:2"});
}

TEST_F(QueryApi, ANamedQueryTakesNoOtherParameters) {
  make("Q", "{}");
  const std::pair<std::string, std::string> cases[] = {
      {"EQ_bizStep=shipping", "400 QueryParameterException"},
      {"nothing=1", "400 QueryParameterException"},
      {"perPage=0", "400 QueryParameterException"},
      {"perPage=x", "400 QueryParameterException"},
      {"nextPageToken=00", "400 QueryParameterException"},
      {"stream=true", "400 SubscriptionControlsException"},
      {"minute=5&hour=1", "400 SubscriptionControlsException"},
      {"initialRecordTime=2026-01-01T00%3A00%3A00Z", "400 SubscriptionControlsException"}};
  for (const auto& [query, problem] : cases)
    EXPECT_EQ(problem_of(ask("GET", "/queries/Q/events?" + query)), problem) << query;
  EXPECT_EQ(problem_of(ask("GET", "/queries/None/events")), "404 NoSuchResourceException");
}

TEST_F(QueryApi, APageOfAnotherQueryIsRefused) {
  for (int i = 1; i <= 5; ++i) capture({observed("urn:x:" + std::to_string(i), i, i)});
  make("A", R"({"perPage":2})");
  make("B", R"({"perPage":2})");
  const std::string next = next_of(ask("GET", "/queries/A/events"));
  ASSERT_FALSE(next.empty());
  EXPECT_EQ(ask("GET", next).status, 200);
  std::string of_b = next;
  of_b[9] = 'B';
  EXPECT_EQ(problem_of(ask("GET", of_b)), "400 QueryParameterException");
  ask("DELETE", "/queries/A");
  make("A", R"({"perPage":2,"EQ_bizStep":"shipping"})");
  EXPECT_EQ(problem_of(ask("GET", next)), "400 QueryParameterException") << "made anew";
}

TEST_F(QueryApi, WebSocketsAreNotServed) {
  make("Q", "{}");
  EXPECT_EQ(problem_of(ask("GET", "/queries/Q/events?stream=true", {},
                           {{"upgrade", "websocket"}, {"connection", "Upgrade"}})),
            "501 ImplementationException");
  EXPECT_EQ(ask("GET", "/queries/Q/events", {}, {{"upgrade", "h2c"}}).status, 200);
}

TEST_F(QueryApi, APageSizeThatIsNoneIsRefusedAtOnce) {
  for (const char* size : {"0", "-1", "\"x\"", "[4]", "true", "null", "1.5"})
    EXPECT_EQ(make("Q", std::string(R"({"perPage":)") + size + "}"), "400 QueryValidationException")
        << size;
  EXPECT_EQ(make("Q", R"({"perPage":"7"})"), "201");
  EXPECT_EQ(ask("GET", "/queries/Q/events").status, 200);
}

TEST_F(QueryApi, ListsComeInPages) {
  for (int i = 0; i < 7; ++i) make("q" + std::to_string(i), "{}");
  std::vector<std::string> names;
  std::string target = "/queries?perPage=3";
  for (pages = 0; !target.empty(); ++pages) {
    const auto r = ask("GET", target);
    ASSERT_EQ(r.status, 200);
    for (const auto& q : json_of(r)) names.push_back(q["name"]);
    target = next_of(r);
  }
  EXPECT_EQ(pages, 3);
  EXPECT_EQ(names, (std::vector<std::string>{"q0", "q1", "q2", "q3", "q4", "q5", "q6"}));
  for (const char* token : {"zz", "0", "", "%00"})
    EXPECT_EQ(problem_of(ask("GET", std::string("/queries?nextPageToken=") + token)),
              "400 QueryParameterException");
}

TEST_F(QueryApi, EveryPathSaysWhatItTakes) {
  make("Q", "{}");
  EXPECT_EQ(ask("OPTIONS", "/queries").headers.at("Allow"), "OPTIONS, GET, HEAD, POST");
  EXPECT_EQ(ask("OPTIONS", "/queries/Q").headers.at("Allow"), "OPTIONS, GET, HEAD, DELETE");
  EXPECT_EQ(ask("OPTIONS", "/queries/Q/events").headers.at("Allow"), "OPTIONS, GET, HEAD");
  EXPECT_EQ(ask("OPTIONS", "/queries/Q/subscriptions").headers.at("Allow"),
            "OPTIONS, GET, HEAD, POST");
  EXPECT_EQ(ask("PUT", "/queries/Q").status, 405);
  EXPECT_EQ(ask("HEAD", "/queries").body, ask("GET", "/queries").body)
      << "of which the connection sends the length alone";
}

TEST_F(QueryApi, ANodeThatDoesNotAnswerIsSaidSo) {
  keeper.down = true;
  EXPECT_EQ(make("Q", "{}"), "503 ImplementationException");
  EXPECT_EQ(problem_of(ask("DELETE", "/queries/Q")), "503 ImplementationException");
}

TEST_F(QueryApi, WhereNothingIsKeptQueriesAreNotMade) {
  EpcisApi reads_only{readers, nullptr, chain, clock, {.origin = "https://lot.example"}};
  http::Request r;
  r.method = "POST";
  r.path = "/queries";
  EXPECT_EQ(problem_of(*reads_only.handle(r, sight)), "501 ImplementationException");
  r.method = "GET";
  EXPECT_EQ(reads_only.handle(r, sight)->status, 200);
}

}  // namespace
}  // namespace lotmark::api::epcis::test
