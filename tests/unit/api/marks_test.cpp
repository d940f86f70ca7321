// POST /v1/marks over HTTP, with a node that says what a test wants.
#include <gtest/gtest.h>

#include <condition_variable>
#include <thread>

#include "api/unit/base64.h"
#include "ledger-node/peer/call.h"
#include "tests/unit/api/api_fixture.h"

namespace lotmark::api::test {
namespace {

class FakeNode final : public MarkLine {
 public:
  Result<lotmark::epcis::Json> bring(const std::vector<Bytes>& marks) override {
    std::unique_lock lock(mutex);
    brought.push_back(marks);
    changed.notify_all();
    changed.wait(lock, [&] { return !hangs; });
    if (away) return fail(Errc::kUnavailable, "the node does not answer");
    auto list = lotmark::epcis::Json::array();
    for (const auto& mark : marks) {
      const bool refuse = !mark.empty() && mark[0] == 0xee;
      lotmark::epcis::Json each = {{"id", "00"}, {"state", refuse ? "refused" : state}};
      if (refuse)
        each.update({{"error", "mark-signer"}, {"number", 77}, {"detail", "nobody's key"}});
      list.push_back(each);
    }
    return lotmark::epcis::Json{{"marks", list}};
  }
  std::mutex mutex;
  std::condition_variable changed;
  std::vector<std::vector<Bytes>> brought;
  std::string state = "taken";
  bool away = false, hangs = false;
};

class Marks : public Api {
 protected:
  Marks() {
    server.reset();
    open(&node);
  }
  void open(MarkLine* line) {
    server.reset();
    routes = std::make_unique<Routes>(source, clock, *PageFiles::read({}), "https://lot.example",
                                      link::Links(), "", nullptr, nullptr, nullptr,
                                      UnitParts{nullptr, nullptr, line});
    http::ServerOptions options;
    options.threads = 8;
    server.emplace(*http::Server::start(
        options, [this](const http::Request& r) { return routes->handle(r); }));
    client.emplace(*http::Client::make({.base_url = server->url()}));
  }
  http::Response post(std::string_view type, ByteView body) {
    auto r = client->send("POST", "/v1/marks", {{"Content-Type", std::string(type)}}, body);
    EXPECT_TRUE(r);
    return r ? *r : http::Response{};
  }
  http::Response post(std::string_view type, std::string_view body) {
    return post(type, as_bytes(body));
  }

  FakeNode node;
  const Bytes a{1, 2, 3}, b{0xfb, 0xff, 4};
};

TEST_F(Marks, OneMarkAListAndJsonBringTheSameBytes) {
  EXPECT_EQ(post("application/cose", a).status, 201);
  EXPECT_EQ(post("application/cbor", node::encode_list({a, b})).status, 201);
  const auto json = post("application/json; charset=utf-8", R"({"marks":["AQID","+/8E"]})");
  EXPECT_EQ(json.status, 201);
  EXPECT_EQ(json_of(json)["marks"].size(), 2u);
  EXPECT_EQ(json.headers.at("cache-control"), "no-store");
  EXPECT_EQ(json.headers.at("access-control-allow-origin"), "*");
  EXPECT_EQ(node.brought, (std::vector<std::vector<Bytes>>{{a}, {a, b}, {a, b}}));
}

TEST_F(Marks, WhatTheNodeHeldAlreadyIs200) {
  node.state = "held";
  EXPECT_EQ(post("application/cose", a).status, 200);
}

TEST_F(Marks, ARefusalNamesTheFirstThatIsRefusedAndTellsOfAll) {
  const auto r = post("application/cbor", node::encode_list({a, {0xee}, b}));
  EXPECT_EQ(r.status, 422);
  EXPECT_EQ(r.content_type, "application/problem+json");
  const auto json = json_of(r);
  EXPECT_EQ(json["detail"], "marks[1]: mark-signer: nobody's key");
  EXPECT_EQ(json["error"], "mark-signer");
  EXPECT_EQ(json["number"], 77);
  EXPECT_EQ(json["marks"][0]["state"], "taken");
  EXPECT_EQ(json["marks"][2]["state"], "taken");
}

TEST_F(Marks, WhatIsNoListOfMarksNeverReachesTheNode) {
  const struct {
    const char* type;
    std::string body;
    int status;
  } cases[] = {{"text/plain", "x", 415},
               {"", "x", 415},
               {"application/json", "{", 400},
               {"application/json", R"({"marks":[]})", 400},
               {"application/json", R"({"marks":[1]})", 400},
               {"application/json", R"({"marks":["AQI"]})", 400},
               {"application/json", R"({"marks":["AQ-_"]})", 400},
               {"application/json", R"({"marks":["AQID"],"more":1})", 400},
               {"application/cbor", "\x80", 400},
               {"application/cbor", "\x81\x01", 422},
               {"application/cbor", "\x81\x41\x01 ", 400},
               {"application/cose", std::string(65'537, 'x'), 413}};
  for (const auto& c : cases) {
    const auto r = post(c.type, c.body);
    EXPECT_EQ(r.status, c.status) << c.type << " " << c.body.substr(0, 40);
    EXPECT_EQ(r.content_type, "application/problem+json");
  }
  EXPECT_EQ(post("application/cbor", node::encode_list(std::vector<Bytes>(257, a))).status, 413);
  EXPECT_TRUE(node.brought.empty());
}

TEST_F(Marks, AreAskedForAgainWhileTheNodeIsAway) {
  node.away = true;
  const auto r = post("application/cose", a);
  EXPECT_EQ(r.status, 503);
  EXPECT_TRUE(r.headers.contains("retry-after"));
}

TEST_F(Marks, ANodeThatHangsHoldsFewAndTheRestIsServed) {
  node.hangs = true;
  std::vector<std::thread> waiting;
  for (int i = 0; i < MarkIntake::kWaitingMax; ++i)
    waiting.emplace_back([&] { EXPECT_EQ(post("application/cose", a).status, 201); });
  {
    std::unique_lock lock(node.mutex);
    node.changed.wait(lock, [&] { return node.brought.size() == waiting.size(); });
  }
  EXPECT_EQ(post("application/cose", b).status, 503);
  EXPECT_EQ(get("/v1/verify" + kLotPath).status, 200);
  {
    const std::lock_guard lock(node.mutex);
    node.hangs = false;
  }
  node.changed.notify_all();
  for (auto& t : waiting) t.join();
  EXPECT_EQ(post("application/cose", b).status, 201);
}

TEST_F(Marks, AreNotTakenWhereThereIsNoNode) {
  open(nullptr);
  EXPECT_EQ(post("application/cose", a).status, 501);
  const auto options = send("OPTIONS", "/v1/marks");
  EXPECT_EQ(options.status, 204);
  EXPECT_EQ(options.headers.at("allow"), "POST, OPTIONS");
  EXPECT_EQ(send("GET", "/v1/marks").status, 405);
}

TEST(Base64, IsStrict) {
  for (const char* good : {"", "AA==", "AAA=", "AAAA", "+/8E"})
    EXPECT_EQ(base64(*from_base64(good)), good);
  for (const char* bad :
       {"A", "AA", "AAA", "AA=A", "AB==", "A===", "====", "AA==AAAA", "AA-_", "AA \n"})
    EXPECT_FALSE(from_base64(bad)) << bad;
}

}  // namespace
}  // namespace lotmark::api::test
