// The node behind the API hangs, or does not take its calls: what callers are told then, and that others are served.
#include <thread>

#include "api/epcis/node_calls.h"
#include "tests/unit/api/site.h"

namespace lotmark::api::test {
namespace {

class NodeTrouble : public Site {
 protected:
  http::Response capture(int n) {
    const auto c = *http::Client::make({.base_url = server->url()});
    auto headers = certificate("yunhe/C");
    headers["Content-Type"] = "application/json";
    const auto body = document(
        {event("urn:uuid:00000000-0000-4000-8000-" + std::to_string(100'000'000'000 + n), n)});
    return *c.send("POST", "/capture", headers, as_bytes(body));
  }
};

TEST_F(NodeTrouble, ANodeThatHangsHoldsSoManyCapturesAndReadersGoOn) {
  node.hang(true);
  std::mutex mutex;
  std::map<int, int> statuses;
  std::vector<std::jthread> callers;
  for (int i = 0; i < 12; ++i) {
    callers.emplace_back([&, i] {
      const auto answer = capture(i);
      const std::lock_guard lock(mutex);
      ++statuses[answer.status];
      if (answer.status == 503) {
        EXPECT_EQ(answer.headers.at("retry-after"), "1");
      }
    });
  }
  const auto told = [&] {
    const std::lock_guard lock(mutex);
    return statuses[503];
  };
  EXPECT_TRUE(lotmark::test::eventually([&] { return told() >= 8; }));
  EXPECT_EQ(told(), 8) << "while four wait";
  EXPECT_EQ(send("GET", "/events", certificate("yunhe/R")).status, 200);
  node.hang(false);
  callers.clear();
  EXPECT_EQ(statuses, (std::map<int, int>{{202, 4}, {503, 8}}));
  EXPECT_EQ(capture(99).status, 202) << "places are given back";
}

TEST_F(NodeTrouble, ManyAtATimeAreAllTakenByANodeThatIsWell) {
  std::mutex mutex;
  std::map<int, int> statuses;
  {
    std::vector<std::jthread> callers;
    for (int i = 0; i < 24; ++i) {
      callers.emplace_back([&, i] {
        const auto answer = capture(i);
        const std::lock_guard lock(mutex);
        ++statuses[answer.status];
      });
    }
  }
  EXPECT_EQ(statuses, (std::map<int, int>{{202, 24}}));
}

// A kept connection is of the node that was. Each kind of call in turn is the first after a restart.
TEST_F(NodeTrouble, TheFirstCallAfterARestartOfTheNodeIsTaken) {
  const auto order = R"({"name":"q","query":{"eventType":["ObjectEvent"]}})";
  const auto restart = [&] {
    node.stop();
    node.run();
  };
  EXPECT_EQ(capture(1).status, 202);
  restart();
  EXPECT_EQ(capture(2).status, 202);
  restart();
  EXPECT_EQ(send("GET", "/events", certificate("yunhe/R")).status, 200) << "of the access log";
  restart();
  EXPECT_EQ(send("POST", "/queries", certificate("yunhe/R"), order).status, 201);
  restart();
  EXPECT_EQ(send("DELETE", "/queries/q", certificate("yunhe/R")).status, 204);
}

// As of a call whose connection broke once the node had it: only what can be done twice without harm is asked for again.
TEST_F(NodeTrouble, WhatMayHaveBeenDoneIsNotDoneTwice) {
  node.taken_before = 1;
  EXPECT_EQ(capture(1).status, 202);
  const auto one = [&] {
    const auto e = R"({"@context":)" + std::string(node::test::kContext) + "," +
                   event("urn:uuid:00000000-0000-4000-8000-200000000000", 7).dump().substr(1);
    return send("POST", "/events", certificate("yunhe/C"), e);
  };
  node.taken_before = 1;
  const auto answer = one();
  EXPECT_EQ(answer.status, 503) << as_text(answer.body);
  EXPECT_NE(as_text(answer.body).find("may have done it"), std::string::npos);
  EXPECT_EQ(one().status, 201);
}

// As of a node whose disk is slow: it did what was asked when nobody waited any more.
TEST_F(NodeTrouble, WhatTookTooLongMayHaveBeenDone) {
  epcis::NodeLineOptions options{node.url(), node.kid, node.chain, dir.path() / "api.key"};
  const auto calls =
      *epcis::NodeCalls::open(options, {"events", "the node"}, std::chrono::milliseconds(300));
  const auto order = R"({"name":"q","query":"{\"eventType\":[\"ObjectEvent\"]}","owner":"x"})";
  node.hang(true);
  using Again = epcis::NodeCalls::Again;
  for (const auto again : {Again::kHarmless, Again::kNever}) {
    const auto sent = calls.send({"POST", "/control/v1/queries", to_bytes(as_bytes(order)), {}},
                                 "application/json", again);
    EXPECT_EQ(sent.code(), Errc::kUnavailable);
    EXPECT_EQ(sent.error().text.find("look first") != std::string::npos, again == Again::kNever)
        << sent.error().text;
  }
  node.hang(false);
}

TEST_F(NodeTrouble, WhatTheNodeHasAgainstTheApisKeyIsNotTheCallersFault) {
  auto other = *signer_openssl(new_scalar().view());
  std::swap(node.operator_key, other);
  const auto answer = capture(1);
  EXPECT_EQ(answer.status, 502) << as_text(answer.body);
  EXPECT_EQ(json_of(answer)["type"], "epcisException:ImplementationException");
  EXPECT_FALSE(answer.headers.contains("www-authenticate"));
  std::swap(node.operator_key, other);
  EXPECT_EQ(capture(2).status, 202);
}

TEST_F(NodeTrouble, WhatIsWrongWithAQueryIsTheCallersStill) {
  const auto order = R"({"name":"q","query":{"eventType":["ObjectEvent"]}})";
  EXPECT_EQ(send("POST", "/queries", certificate("yunhe/R"), order).status, 201);
  EXPECT_EQ(send("POST", "/queries", certificate("yunhe/R"), order).status, 409);
  const auto away = R"({"dest":"https://elsewhere.example/","stream":true,"signatureToken":"abc"})";
  EXPECT_EQ(send("POST", "/queries/q/subscriptions", certificate("yunhe/A"), away).status, 400);
}

}  // namespace
}  // namespace lotmark::api::test
