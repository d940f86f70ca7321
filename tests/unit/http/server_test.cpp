#include "core/http/server.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "core/http/client.h"
#include "tests/eventually.h"
#include "tests/unit/http/raw_socket.h"

namespace lotmark::http {
namespace {

using lotmark::test::eventually;
using test::RawSocket;
using test::status_in;
using test::Stopwatch;
using namespace std::chrono_literals;

Response echo(const Request& r) {
  Response out = text_response(200, "text/plain", r.method + " " + r.target() + " ");
  out.body.insert(out.body.end(), r.body.begin(), r.body.end());
  return out;
}

Server start(const ServerOptions& options, Handler handler) {
  auto server = Server::start(options, std::move(handler));
  if (!server) {
    ADD_FAILURE() << server.error().message();
    std::abort();
  }
  return std::move(*server);
}

Client client_of(const Server& server, std::chrono::milliseconds timeout = 5s) {
  auto client = Client::make({.base_url = server.url(), .timeout = timeout});
  EXPECT_TRUE(client);
  return std::move(*client);
}

TEST(Server, AnswersWithWhatTheHandlerSays) {
  const Server server = start({}, [](const Request& r) {
    Response out = echo(r);
    out.status = 201;
    out.headers["X-Lot"] = "A";
    return out;
  });
  EXPECT_NE(server.port(), 0);
  const Client client = client_of(server);
  const auto r = client.send("POST", "/v1/x%2Fy?a=%26", {{"content-type", "application/cbor"}},
                             as_bytes("body"));
  ASSERT_TRUE(r) << r.error().message();
  EXPECT_EQ(r->status, 201);
  EXPECT_EQ(r->content_type, "text/plain");
  EXPECT_EQ(r->headers.at("x-lot"), "A");
  EXPECT_EQ(as_text(r->body), "POST /v1/x%2Fy?a=%26 body");
}

TEST(Server, HandsOverHeadersAndRemote) {
  const Server server = start({}, [](const Request& r) {
    return text_response(
        200, "text/plain",
        std::string(r.header("authorization")) + "|" + r.remote + "|" + r.peer_name);
  });
  const auto r = client_of(server).send("GET", "/", {{"Authorization", "Lotmark 00ff"}});
  ASSERT_TRUE(r);
  EXPECT_EQ(as_text(r->body), "Lotmark 00ff|127.0.0.1|");
}

TEST(Server, OneConnectionServesManyRequests) {
  const Server server = start({}, echo);
  RawSocket s(server.port());
  for (int i = 0; i < 20; ++i) {
    s.say("GET /" + std::to_string(i) + "! HTTP/1.1\r\nHost: a\r\n\r\n");
    EXPECT_EQ(status_in(s.hear(std::to_string(i) + "! ")), 200);
  }
}

TEST(Server, RequestsSentAheadAreAnsweredInOrder) {
  const Server server = start({.threads = 4}, [](const Request& r) {
    if (r.path == "/slow") std::this_thread::sleep_for(50ms);
    return echo(r);
  });
  const std::string answer =
      RawSocket::ask(server.port(),
                     "GET /slow HTTP/1.1\r\nHost: a\r\n\r\nPOST /b HTTP/1.1\r\nHost: "
                     "a\r\nContent-Length: 2\r\n\r\nxy"
                     "GET /last HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  const auto first = answer.find("GET /slow");
  const auto second = answer.find("POST /b xy");
  const auto third = answer.find("GET /last");
  EXPECT_LT(first, second);
  EXPECT_LT(second, third);
  EXPECT_NE(third, std::string::npos);
}

TEST(Server, HeadHasTheLengthButNoBody) {
  const Server server = start({}, echo);
  const auto answer = RawSocket::ask(server.port(), "HEAD /abc HTTP/1.0\r\n\r\n");
  EXPECT_NE(answer.find("Content-Length: 10\r\n"), std::string::npos) << answer;
  EXPECT_TRUE(answer.ends_with("\r\n\r\n")) << answer;
}

TEST(Server, OptionsAndTraceReachTheHandler) {
  const Server server =
      start({}, [](const Request& r) { return text_response(405, "text/plain", r.method); });
  for (const std::string method : {"OPTIONS", "TRACE", "BREW"}) {
    const auto answer =
        RawSocket::ask(server.port(), method + " / HTTP/1.0\r\nCookie: secret\r\n\r\n");
    EXPECT_EQ(status_in(answer), 405);
    EXPECT_TRUE(answer.ends_with(method));
    EXPECT_EQ(answer.find("secret"), std::string::npos);
  }
}

TEST(Server, AThrowingHandlerIsA500AndNoMore) {
  const Server server = start({}, [](const Request& r) -> Response {
    if (r.path == "/int") throw 7;
    if (r.path == "/std") throw std::runtime_error("secret path");
    return echo(r);
  });
  const Client client = client_of(server);
  for (const char* path : {"/int", "/std"}) {
    const auto r = client.send("GET", path);
    ASSERT_TRUE(r);
    EXPECT_EQ(r->status, 500);
    EXPECT_EQ(as_text(r->body).find("secret"), std::string_view::npos);
  }
  EXPECT_EQ(client.send("GET", "/fine")->status, 200);
}

TEST(Server, ASlowHandlerDoesNotStopTheOthers) {
  std::atomic<bool> entered{false}, go{false};
  const Server server = start({.threads = 2}, [&](const Request& r) {
    if (r.path == "/slow") entered = true;
    while (r.path == "/slow" && !go) std::this_thread::sleep_for(5ms);
    return echo(r);
  });
  const Client client = client_of(server, 20s);
  std::thread slow([&] { EXPECT_TRUE(client.send("GET", "/slow")); });
  EXPECT_TRUE(eventually([&] { return entered.load(); }));
  for (int i = 0; i < 20; ++i) EXPECT_TRUE(client.send("GET", "/fast"));
  go = true;
  slow.join();
}

TEST(Server, AFullQueueIsA503WithRetryAfter) {
  std::atomic<bool> entered{false}, go{false};
  const Server server = start({.threads = 1, .queue_max = 1}, [&](const Request& r) {
    if (r.path == "/block") entered = true;
    while (r.path == "/block" && !go) std::this_thread::sleep_for(5ms);
    return echo(r);
  });
  RawSocket running(server.port());
  running.say("GET /block HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_TRUE(eventually([&] { return entered.load(); }));
  RawSocket queued(server.port());
  queued.say("GET /queued HTTP/1.1\r\nHost: a\r\n\r\n");
  std::this_thread::sleep_for(100ms);
  RawSocket refused(server.port());
  refused.say("GET /refused HTTP/1.1\r\nHost: a\r\n\r\n");
  const std::string answer = refused.hear("}");
  EXPECT_EQ(status_in(answer), 503);
  EXPECT_NE(answer.find("Retry-After: 1\r\n"), std::string::npos);
  go = true;
  EXPECT_EQ(status_in(queued.hear("/queued")), 200);
  refused.say("GET /again HTTP/1.1\r\nHost: a\r\n\r\n");  // a 503 does not cost the connection
  EXPECT_EQ(status_in(refused.hear("/again")), 200);
}

TEST(Server, AThousandRequestsFromEightThreads) {
  std::atomic<int> handled{0};
  const Server server = start({}, [&](const Request& r) {
    ++handled;
    return echo(r);
  });
  const Client client = client_of(server, 20s);
  std::atomic<int> right{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 125; ++i) {
        const std::string path = "/" + std::to_string(t) + "/" + std::to_string(i);
        const auto r = client.send("POST", path, {}, as_bytes(path));
        if (r && as_text(r->body) == "POST " + path + " " + path) ++right;
      }
    });
  }
  for (auto& t : threads) t.join();
  EXPECT_EQ(right, 1000);
  EXPECT_EQ(handled, 1000);
}

TEST(Server, StopsPromptlyWithIdleAndHalfSentRequests) {
  Server server = start({}, echo);
  RawSocket idle(server.port());
  RawSocket half(server.port());
  half.say("POST / HTTP/1.1\r\nHost: a\r\nContent-Le");
  std::this_thread::sleep_for(50ms);
  const Stopwatch watch;
  server.stop();
  EXPECT_LT(watch.seconds(), 5);
  EXPECT_EQ(idle.hear(), "");
  server.stop();
}

TEST(Server, StopLetsARunningRequestFinish) {
  std::atomic<bool> entered{false};
  std::optional<Server> server = start({}, [&](const Request& r) {
    entered = true;
    std::this_thread::sleep_for(200ms);
    return echo(r);
  });
  RawSocket s(server->port());
  s.say("GET /late HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_TRUE(eventually([&] { return entered.load(); }));
  server.reset();
  EXPECT_EQ(status_in(s.hear()), 200);
}

TEST(Server, SeveralRunInOneProcessAndPortsAreFreeAgain) {
  std::uint16_t port = 0;
  for (int i = 0; i < 5; ++i) {
    const Server a = start({.port = port}, echo);
    const Server b = start({}, echo);
    port = a.port();
    EXPECT_NE(a.port(), b.port());
    EXPECT_EQ(client_of(a).send("GET", "/")->status, 200);
    EXPECT_EQ(client_of(b).send("GET", "/")->status, 200);
  }
}

TEST(Server, ATakenPortOrABadAddressIsAnError) {
  const Server first = start({}, echo);
  EXPECT_EQ(Server::start({.port = first.port()}, echo).code(), Errc::kNetwork);
  EXPECT_EQ(Server::start({.address = "nowhere.example"}, echo).code(), Errc::kConfig);
  EXPECT_EQ(Server::start({.certificate = "/nowhere.pem"}, echo).code(), Errc::kConfig);
}

TEST(Server, ListensOnTheSixthVersionToo) {
  auto server = Server::start({.address = "::1"}, echo);
  if (!server) GTEST_SKIP() << "no IPv6 here: " << server.error().message();
  EXPECT_EQ(server->url(), "http://[::1]:" + std::to_string(server->port()));
}

}  // namespace
}  // namespace lotmark::http
