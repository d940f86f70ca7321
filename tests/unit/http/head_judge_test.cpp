// Who may not send a body is told so before it is taken in.
#include <gtest/gtest.h>

#include <atomic>
#include <stdexcept>
#include <thread>

#include "core/http/problem.h"
#include "core/http/server.h"
#include "tests/unit/http/raw_socket.h"

namespace lotmark::http {
namespace {

using test::RawSocket;
using test::status_in;
using test::Stopwatch;

// Bodies are taken from who says "Authorization: good".
class HeadJudged : public ::testing::Test {
 protected:
  HeadJudged() {
    ServerOptions options;
    options.body_max = 1 << 20;
    options.judge_head = [this](const Request& head) -> std::optional<Response> {
      ++judged;
      counted_as = head.judged_as.value_or(0);
      EXPECT_TRUE(head.body.empty());
      EXPECT_EQ(head.remote, "127.0.0.1");
      if (head.path == "/bug") throw std::runtime_error("a bug");
      if (head.header("authorization") == "good") return std::nullopt;
      return problem(401, "who are you?");
    };
    auto started = Server::start(options, [this](const Request& r) {
      ++handled;
      EXPECT_EQ(r.judged_as.has_value(), !r.body.empty());
      return text_response(200, "text/plain", std::to_string(r.body.size()) + " bytes");
    });
    EXPECT_TRUE(started) << started.error().message();
    server.emplace(std::move(*started));
  }
  static std::string head(std::string_view path, std::string_view more) {
    return "POST " + std::string(path) + " HTTP/1.1\r\nHost: a\r\n" + std::string(more) + "\r\n";
  }

  std::atomic<int> judged = 0, handled = 0;
  std::atomic<std::size_t> counted_as = 0;
  std::optional<Server> server;
};

TEST_F(HeadJudged, AStrangerIsRefusedBeforeItsBodyComes) {
  RawSocket s(server->port());
  const Stopwatch watch;
  s.say(head("/", "Content-Length: 1000000\r\n"));
  EXPECT_EQ(status_in(s.hear("who are you?")), 401);
  EXPECT_LT(watch.seconds(), 5) << "not when the body is late";
  EXPECT_EQ(server->bodies_held(), 0u);
  EXPECT_EQ(handled, 0);
}

TEST_F(HeadJudged, WhatAStrangerAlreadySentHoldsNoRoom) {
  const auto answer = RawSocket::ask(
      server->port(), head("/", "Content-Length: 500000\r\n") + std::string(500'000, 'x'));
  EXPECT_EQ(status_in(answer), 401);
  EXPECT_NE(answer.find("Connection: close"), std::string::npos) << answer;
  EXPECT_EQ(server->bodies_held(), 0u);
  EXPECT_EQ(handled, 0);
}

TEST_F(HeadJudged, AChunkedBodyIsJudgedByItsHeadToo) {
  const auto answer = RawSocket::ask(
      server->port(), head("/", "Transfer-Encoding: chunked\r\n") + "4\r\nabcd\r\n0\r\n\r\n");
  EXPECT_EQ(status_in(answer), 401);
  EXPECT_EQ(handled, 0);
}

TEST_F(HeadJudged, ABodyCountsAsItAnnouncesAndAChunkedOneAsItsLimit) {
  RawSocket::ask(server->port(), head("/", "Content-Length: 70\r\n"));
  EXPECT_EQ(counted_as, 70u);
  RawSocket::ask(server->port(), head("/", "Transfer-Encoding: chunked\r\n") + "0\r\n\r\n");
  EXPECT_EQ(counted_as, std::size_t{1} << 20);
}

TEST_F(HeadJudged, ABugNamesItsRequestAsTheProgramSays) {
  ServerOptions options;
  std::atomic<int> asked = 0;
  options.logged_as = [&](const Request&) {
    ++asked;
    return std::string("/x/{id}");
  };
  auto other = Server::start(options, [](const Request&) -> Response { throw 1; });
  ASSERT_TRUE(other);
  EXPECT_EQ(status_in(RawSocket::ask(other->port(), "GET /x/SECRET HTTP/1.0\r\n\r\n")), 500);
  EXPECT_EQ(asked, 1);
}

TEST_F(HeadJudged, WhoMaySendsAndIsHeard) {
  RawSocket s(server->port());
  for (int i = 0; i < 3; ++i) {
    s.say(head("/", "Authorization: good\r\nContent-Length: 4\r\n") + "abcd");
    EXPECT_NE(s.hear("4 bytes").find("4 bytes"), std::string::npos);
  }
  EXPECT_EQ(judged, 3);
  EXPECT_EQ(handled, 3);
}

TEST_F(HeadJudged, OnlyWhoMayIsToldToContinue) {
  const std::string expects = "Expect: 100-continue\r\nContent-Length: 4\r\n";
  RawSocket stranger(server->port());
  stranger.say(head("/", expects));
  EXPECT_EQ(status_in(stranger.hear("who are you?")), 401);
  RawSocket friendly(server->port());
  friendly.say(head("/", "Authorization: good\r\n" + expects));
  EXPECT_EQ(status_in(friendly.hear("\r\n\r\n")), 100);
  friendly.say("abcd");
  EXPECT_NE(friendly.hear("4 bytes").find("4 bytes"), std::string::npos);
}

TEST_F(HeadJudged, ARequestWithoutABodyIsNotJudged) {
  EXPECT_EQ(status_in(RawSocket::ask(server->port(), "GET / HTTP/1.0\r\n\r\n")), 200);
  EXPECT_EQ(judged, 0);
}

TEST_F(HeadJudged, AJudgeWithABugRefuses) {
  EXPECT_EQ(status_in(RawSocket::ask(server->port(),
                                     head("/bug", "Authorization: good\r\nContent-Length: 4\r\n"))),
            500);
  EXPECT_EQ(handled, 0);
}

TEST_F(HeadJudged, RequestsBehindOneAnotherAreEachJudged) {
  RawSocket s(server->port());
  const std::string one = head("/", "Authorization: good\r\nContent-Length: 1\r\n") + "a";
  s.say(one + one + head("/", "Content-Length: 1\r\n") + "a");
  const auto all = s.hear();
  EXPECT_NE(all.find("who are you?"), std::string::npos) << all;
  EXPECT_EQ(judged, 3);
  EXPECT_EQ(handled, 2);
}

}  // namespace
}  // namespace lotmark::http
