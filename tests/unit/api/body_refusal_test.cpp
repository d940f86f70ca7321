// Whose body is not wanted is told so before it comes, by all that the gate knows of a head.
#include "tests/unit/api/site.h"
#include "tests/unit/http/raw_socket.h"

namespace lotmark::api::test {
namespace {

using http::test::RawSocket;
using http::test::status_in;

class BodyRefused : public Site {
 protected:
  // Says a head that announces `length` bytes, sends none of them, and hears what comes.
  std::string announce(const std::string& request, std::size_t length, const http::Headers& more) {
    std::string head = request + " HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n" +
                       "Content-Length: " + std::to_string(length) + "\r\n";
    for (const auto& [name, value] : more) head.append(name + ": " + value + "\r\n");
    RawSocket s(server->port());
    s.say(head + "\r\n");
    return s.hear();
  }
};

TEST_F(BodyRefused, NobodyIs401AndInTheLog) {
  const auto answer = announce("POST /capture", 900'000, {});
  EXPECT_EQ(status_in(answer), 401) << answer;
  EXPECT_NE(answer.find("epcisException:SecurityException"), std::string::npos) << answer;
  EXPECT_EQ(server->bodies_held(), 0u);
  ASSERT_EQ(log_of(1).size(), 1u) << "once, not once more for the body";
}

TEST_F(BodyRefused, WhoMayNotCaptureIs403) {
  EXPECT_EQ(status_in(announce("POST /capture", 900'000, certificate("yunhe/R"))), 403);
  EXPECT_EQ(status_in(announce("POST /capture", 900'000, token({access::AccessRole::kReader}))),
            403);
}

TEST_F(BodyRefused, WhatHasNoSuchMethodIs405) {
  EXPECT_EQ(status_in(announce("POST /v1/lots", 900'000, {})), 405);
  EXPECT_EQ(status_in(announce("POST /nothing", 900'000, {})), 404);
}

TEST_F(BodyRefused, WhoSentTooMuchIs429) {
  rules.rates.bodies = {.per_second = 1, .burst = 100, .clients_max = 16};
  open();
  const auto answer = announce("POST /capture", 900'000, certificate("yunhe/C"));
  EXPECT_EQ(status_in(answer), 429);
  EXPECT_NE(answer.find("Retry-After: "), std::string::npos) << answer;
}

TEST_F(BodyRefused, WhatTheServerRefusesItselfHasTheTypeOfItsRoute) {
  const auto get = [&](const std::string& target, const std::string& more = {}) {
    RawSocket s(server->port());
    s.say("GET " + target + " HTTP/1.1\r\nHost: a\r\n" + more + "\r\n");
    const auto answer = s.hear();
    return nlohmann::json::parse(answer.substr(answer.find("\r\n\r\n") + 4), nullptr, false);
  };
  const auto large = announce("POST /capture", 90'000'000, certificate("yunhe/C"));
  EXPECT_EQ(status_in(large), 413);
  EXPECT_NE(large.find("epcisException:CaptureLimitExceededException"), std::string::npos) << large;
  EXPECT_EQ(get("/events?x=" + std::string(5000, 'x'))["type"],
            "epcisException:URITooLongException");
  EXPECT_EQ(get("/queries/" + std::string(5000, 'x'))["status"], 414);
  EXPECT_EQ(get("/events", "X: " + std::string(20'000, 'x') + "\r\n")["type"],
            "epcisException:ImplementationException");
  const auto other = get("/v1/lots?x=" + std::string(5000, 'x'));
  EXPECT_EQ(other["error"], "too-large");
  EXPECT_EQ(other["status"], 414);
}

TEST_F(BodyRefused, WhatTheServerRefusesOfAPrivateRouteIsInTheLogAndCounted) {
  RawSocket s(server->port());
  std::string head = "POST /capture HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n";
  for (const auto& [name, value] : certificate("yunhe/C"))
    head.append(name + ": " + value + "\r\n");
  s.say(head + "\r\nno chunk\r\n");
  EXPECT_EQ(status_in(s.hear()), 400);
  EXPECT_EQ(status_in(announce("POST /v1/lots", 90'000'000, {})), 413) << "open: in no log";
  const auto entries = log_of(1);
  ASSERT_EQ(entries.size(), 1u);
  const auto& entry = entries[0].entry;
  EXPECT_EQ(entry.status, 400u);
  EXPECT_EQ(entry.route, "/capture");
  EXPECT_EQ(entry.caller, "address:198.51.100.9");
  EXPECT_EQ(entry.why, "a chunk is malformed");
  http::Request from_here;
  from_here.method = "GET";
  from_here.path = "/metrics";
  from_here.remote = "127.0.0.1";
  const auto metrics = routes->handle(from_here).body;
  EXPECT_NE(as_text(metrics).find("route=\"epcis\",status=\"400\""), std::string_view::npos)
      << as_text(metrics);
}

TEST_F(BodyRefused, AChunkedBodyCountsAsItsLimitUntilItIsThere) {
  rules.rates.bodies = {.per_second = 0.001, .burst = 1500, .clients_max = 16};  // KiB
  open();
  const auto begin = [&](RawSocket& s) {
    std::string head = "POST /capture HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n";
    for (const auto& [name, value] : certificate("yunhe/C"))
      head.append(name + ": " + value + "\r\n");
    s.say(head + "Content-Type: application/json\r\n\r\n");
  };
  RawSocket first(server->port()), second(server->port());
  begin(first);
  ASSERT_TRUE(lotmark::test::eventually([&] { return heads_judged == 1; }));
  begin(second);
  EXPECT_EQ(status_in(second.hear()), 429) << "of 1500 KiB the first may have 1024";
  first.say("2\r\n{}\r\n0\r\n\r\n");
  EXPECT_EQ(status_in(first.hear("\r\n\r\n")), 400) << "no document";
  RawSocket third(server->port());
  begin(third);
  third.say("2\r\n{}\r\n0\r\n\r\n");
  EXPECT_EQ(status_in(third.hear("\r\n\r\n")), 400) << "what the first had less is given back";
}

TEST_F(BodyRefused, TheTwoThingsAtTheRootAreTold) {
  EXPECT_EQ(send("GET", "/", {{"Accept", "application/json"}}).headers.at("vary"), "Accept");
  EXPECT_EQ(send("GET", "/", {{"Accept", "text/html"}}).headers.at("vary"), "Accept");
}

TEST_F(BodyRefused, WhoMayIsCountedOnce) {
  rules.rates.known = {.per_second = 0.001, .burst = 3, .clients_max = 16};
  open();
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(send("POST", "/capture", certificate("yunhe/C"),
                   document({event(
                       "urn:uuid:00000000-0000-4000-8000-00000000000" + std::to_string(i), i)}))
                  .status,
              202);
  }
  EXPECT_EQ(send("POST", "/capture", certificate("yunhe/C"), "{}").status, 429);
}

}  // namespace
}  // namespace lotmark::api::test
