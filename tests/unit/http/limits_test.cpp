// What a hostile or broken caller may try.
#include <gtest/gtest.h>

#include <thread>

#include "core/http/client.h"
#include "core/http/server.h"
#include "tests/eventually.h"
#include "tests/unit/http/raw_socket.h"

namespace lotmark::http {
namespace {

using lotmark::test::eventually;
using test::RawSocket;
using test::status_in;
using test::Stopwatch;
using namespace std::chrono_literals;

class Limits : public ::testing::Test {
 protected:
  Limits() {
    ServerOptions options;
    options.body_max = 1000;
    options.idle_timeout = 1000ms;
    options.read_timeout = 1000ms;
    options.write_timeout = 1000ms;
    options.connections_max = 20;
    auto started = Server::start(options, [this](const Request& r) {
      ++calls;
      if (r.path == "/big") return text_response(200, "text/plain", std::string(64 << 20, 'x'));
      return text_response(200, "text/plain", std::to_string(r.body.size()));
    });
    server.emplace(std::move(*started));
  }
  std::string ask(std::string_view text) { return RawSocket::ask(server->port(), text); }
  bool alive() { return status_in(ask("GET / HTTP/1.0\r\n\r\n")) == 200; }

  std::atomic<int> calls{0};
  std::optional<Server> server;
};

TEST_F(Limits, ABodyAtTheLimitPassesAndOneAboveIsRefused) {
  auto client = Client::make({.base_url = server->url()});
  EXPECT_EQ(client->send("POST", "/", {}, Bytes(1000))->status, 200);
  const auto large = client->send("POST", "/", {}, Bytes(1001));
  ASSERT_TRUE(large) << large.error().message();
  EXPECT_EQ(large->status, 413);
  EXPECT_EQ(large->content_type, "application/problem+json");
  const std::string problem(large->body.begin(), large->body.end());
  EXPECT_NE(problem.find("\"error\":\"too-large\""), std::string::npos) << problem;
  EXPECT_NE(problem.find("\"number\":1011"), std::string::npos) << problem;
}

TEST_F(Limits, ALargeBodyThatIsSentWholeStillGetsItsAnswer) {
  auto client = Client::make({.base_url = server->url()});
  const auto r = client->send("POST", "/", {}, Bytes(8 << 20));
  ASSERT_TRUE(r) << r.error().message();
  EXPECT_EQ(r->status, 413);
  EXPECT_EQ(calls, 0);
}

TEST_F(Limits, AChunkedBodyAboveTheLimitIsRefused) {
  EXPECT_EQ(status_in(ask(
                "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n7fffffff\r\n")),
            413);
  EXPECT_EQ(
      status_in(ask("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n")),
      400);
  EXPECT_EQ(
      status_in(ask(
          "POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n"
          "3\r\nabc\r\n0\r\n\r\n")),
      200);
  EXPECT_TRUE(alive());
}

TEST_F(Limits, ContinueIsAskedForOnlyIfTheBodyIsWanted) {
  RawSocket s(server->port());
  s.say("POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n");
  EXPECT_EQ(status_in(s.hear("\r\n\r\n")), 100);
  s.say("abc");
  EXPECT_EQ(status_in(s.hear("3")), 200);
  s.say("POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 1001\r\n\r\n");
  EXPECT_EQ(status_in(s.hear("}")), 413);
}

TEST_F(Limits, MalformedRequestsAreA400AndDoNoHarm) {
  for (const char* text :
       {"\r\n\r\n", "GET\r\n\r\n", "nonsense nonsense nonsense\r\n\r\n", "GET / HTTP/1.1\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nbad\r\n\r\n", "GET \x80 HTTP/1.1\r\nHost: a\r\n\r\n",
        "\x16\x03\x01\x02\x01\xfc\x03\x03\r\n\r\n"}) {
    const auto answer = ask(text);
    EXPECT_EQ(status_in(answer), 400) << text;
    EXPECT_NE(answer.find("Connection: close"), std::string::npos);
  }
  EXPECT_EQ(calls, 0);
  EXPECT_TRUE(alive());
}

TEST_F(Limits, AnEndlessHeadIsCutOff) {
  RawSocket s(server->port());
  s.say("GET / HTTP/1.1\r\nHost: a\r\n");
  const std::string line = "A: " + std::string(1000, 'a') + "\r\n";
  for (int i = 0; i < 30; ++i) s.say(line);
  const std::string answer = s.hear();
  EXPECT_EQ(status_in(answer), 431);
  EXPECT_NE(answer.find("\"error\":\"too-large\""), std::string::npos) << answer;
}

TEST_F(Limits, ASlowRequestIsTimedOut) {
  RawSocket s(server->port());
  const Stopwatch watch;
  while (watch.seconds() < 9 && !s.has_news()) {  // a byte now and then does not put it off
    if (!s.say("G")) break;
    std::this_thread::sleep_for(50ms);
  }
  EXPECT_LT(watch.seconds(), 9.0);
  EXPECT_EQ(status_in(s.hear()), 408);
  EXPECT_EQ(calls, 0);
}

TEST_F(Limits, ABodyThatDoesNotComeIsTimedOut) {
  const Stopwatch watch;
  EXPECT_EQ(status_in(ask("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc")), 408);
  EXPECT_GT(watch.seconds(), 0.9);
  EXPECT_LT(watch.seconds(), 20.0);
}

TEST_F(Limits, AnIdleConnectionIsClosedSilently) {
  const Stopwatch watch;
  RawSocket s(server->port());
  EXPECT_EQ(s.hear(), "");
  EXPECT_GT(watch.seconds(), 0.9);
  EXPECT_LT(watch.seconds(), 9.0);
}

TEST_F(Limits, ACallerThatDoesNotReadIsClosed) {
  RawSocket s(server->port());
  s.say("GET /big HTTP/1.1\r\nHost: a\r\n\r\n");
  std::this_thread::sleep_for(2500ms);
  EXPECT_LT(s.hear().size(), std::size_t{64} << 20);
  EXPECT_TRUE(alive());
}

TEST_F(Limits, TooManyConnectionsAreClosedAndComeAgainLater) {
  {
    std::vector<std::unique_ptr<RawSocket>> held;
    for (int i = 0; i < 20; ++i) held.push_back(std::make_unique<RawSocket>(server->port()));
    std::this_thread::sleep_for(50ms);
    EXPECT_EQ(ask("GET / HTTP/1.0\r\n\r\n"), "");
  }
  EXPECT_TRUE(eventually([&] { return alive(); }));
}

TEST_F(Limits, AServerThatIsFullLetsTheLongestIdleConnectionGo) {
  std::vector<std::unique_ptr<RawSocket>> held;
  for (int i = 0; i < 20; ++i) {
    held.push_back(std::make_unique<RawSocket>(server->port()));
    held.back()->say("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    EXPECT_EQ(status_in(held.back()->hear("\r\n\r\n0")), 200);
  }
  EXPECT_TRUE(alive());
  EXPECT_EQ(held[0]->hear(), "") << "the one that waited longest was closed";
  held[1]->say("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(status_in(held[1]->hear("\r\n\r\n0")), 200);
}

// One address may hold 3 connections, and has a second until it says something.
struct PerAddress : public ::testing::Test {
  Server start(std::vector<std::string> proxies) {
    ServerOptions options;
    options.connections_per_address = 3;
    options.first_byte_timeout = 1000ms;
    options.proxies = std::move(proxies);
    return std::move(*Server::start(
        options, [](const Request&) { return text_response(200, "text/plain", "ok"); }));
  }
  static int ask(const Server& s) {
    return status_in(RawSocket::ask(s.port(), "GET / HTTP/1.0\r\n\r\n"));
  }
};

TEST_F(PerAddress, OneCallerDoesNotGetEveryConnectionNorKeepASilentOne) {
  auto server = start({});
  std::vector<std::unique_ptr<RawSocket>> held;
  for (int i = 0; i < 3; ++i) held.push_back(std::make_unique<RawSocket>(server.port()));
  std::this_thread::sleep_for(50ms);
  EXPECT_EQ(ask(server), 0);
  const Stopwatch watch;
  EXPECT_EQ(held[0]->hear(), "");
  EXPECT_LT(watch.seconds(), 9.0) << "silent connections go long before the idle timeout";
  EXPECT_TRUE(eventually([&] { return ask(server) == 200; }));
}

TEST_F(PerAddress, AProxyThatIsNamedHasNoLimitOfItsOwn) {
  auto server = start({"127.0.0.1"});
  std::vector<std::unique_ptr<RawSocket>> held;
  for (int i = 0; i < 10; ++i) held.push_back(std::make_unique<RawSocket>(server.port()));
  EXPECT_EQ(ask(server), 200);
}

TEST_F(Limits, CallersThatVanishLeaveNothingBehind) {
  for (int i = 0; i < 200; ++i) {
    RawSocket s(server->port());
    s.say(i % 2 == 0 ? "GET / HTTP/1.1\r\nHost: a\r\n\r\n" : "GET /b");
  }
  EXPECT_TRUE(eventually([&] { return alive(); }));
}

}  // namespace
}  // namespace lotmark::http
