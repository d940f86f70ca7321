// What the bodies of many requests may take together, and what one route takes of it.
#include <gtest/gtest.h>

#include <condition_variable>
#include <deque>
#include <mutex>
#include <random>
#include <thread>

#include "core/http/body_budget.h"
#include "core/http/server.h"
#include "tests/eventually.h"
#include "tests/unit/http/raw_socket.h"

namespace lotmark::http {
namespace {

using test::RawSocket;
using test::status_in;
using namespace std::chrono_literals;

std::string head_of(std::string_view path, std::size_t length, std::string_view more = "") {
  return "POST " + std::string(path) +
         " HTTP/1.1\r\nHost: a\r\nContent-Length: " + std::to_string(length) + "\r\n" +
         std::string(more) + "\r\n";
}
std::string chunked_head(std::string_view path) {
  return "POST " + std::string(path) + " HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
}
std::string text_of(std::size_t size) { return std::string(size, 'x'); }

// Handlers of /hold wait at a gate; the others answer at once.
class Bodies : public ::testing::Test {
 protected:
  static constexpr std::size_t kOne = 10'000;
  static constexpr std::size_t kAll = 30'000;

  Bodies() {
    ServerOptions options;
    options.body_max = kOne;
    options.bodies_max = kAll;
    options.threads = 8;
    options.connections_per_address = 500;
    options.read_timeout = 8000ms;
    options.body_max_of = [](std::string_view method, std::string_view path) -> std::size_t {
      if (method == "POST" && path.starts_with("/01/")) return 100;
      return path == "/endless" ? SIZE_MAX : kOne;
    };
    auto started = Server::start(options, [this](const Request& r) {
      if (r.path == "/hold") wait_at_gate();
      return text_response(200, "text/plain", std::to_string(r.body.size()));
    });
    EXPECT_TRUE(started) << started.error().message();
    server.emplace(std::move(*started));
  }
  ~Bodies() override { open_gate(); }

  void wait_at_gate() {
    std::unique_lock lock(mutex);
    ++at_gate;
    changed.notify_all();
    changed.wait(lock, [this] { return gate_open; });
  }
  void open_gate() {
    std::lock_guard lock(mutex);
    gate_open = true;
    changed.notify_all();
  }
  bool held_up(int count) {
    std::unique_lock lock(mutex);
    return changed.wait_for(lock, 30s, [&] { return at_gate == count; });
  }
  bool holds(std::size_t bytes) {
    return lotmark::test::eventually([&] { return server->bodies_held() == bytes; }, 5s);
  }
  std::string ask(std::string_view text) { return RawSocket::ask(server->port(), text); }
  bool alive() { return status_in(ask("GET / HTTP/1.0\r\n\r\n")) == 200; }
  std::string post(std::string_view path, std::size_t size) {
    return ask(head_of(path, size, "Connection: close\r\n") + text_of(size));
  }

  std::mutex mutex;
  std::condition_variable changed;
  int at_gate = 0;
  bool gate_open = false;
  std::optional<Server> server;
};

TEST_F(Bodies, WhatHasNoRoomIsA503ThatSaysWhenToTryAgain) {
  std::deque<RawSocket> busy;
  for (int i = 0; i < 3; ++i) {
    busy.emplace_back(server->port()).say(head_of("/hold", kOne) + text_of(kOne));
  }
  ASSERT_TRUE(held_up(3));
  EXPECT_EQ(server->bodies_held(), kAll);
  const auto answer = post("/", 1);
  EXPECT_EQ(status_in(answer), 503);
  EXPECT_NE(answer.find("Retry-After: 1"), std::string::npos) << answer;
  EXPECT_NE(answer.find("application/problem+json"), std::string::npos) << answer;
  EXPECT_TRUE(alive()) << "a request without a body needs no room";
}

TEST_F(Bodies, OthersGoOnAndRoomComesBackWithTheAnswers) {
  std::deque<RawSocket> busy;
  for (int i = 0; i < 2; ++i) {
    busy.emplace_back(server->port()).say(head_of("/hold", kOne) + text_of(kOne));
  }
  ASSERT_TRUE(held_up(2));
  EXPECT_EQ(status_in(post("/", kOne)), 200);
  open_gate();
  for (auto& s : busy) EXPECT_EQ(status_in(s.hear("10000")), 200);
  EXPECT_TRUE(holds(0));
  EXPECT_EQ(status_in(post("/", kOne)), 200);
}

TEST_F(Bodies, ABodyCountsFromItsFirstByteAndUntilItsConnectionIsGone) {
  {
    RawSocket half(server->port());
    half.say(head_of("/", kOne) + "x");
    EXPECT_TRUE(holds(1));
    half.say(text_of(5000));
    EXPECT_TRUE(holds(5001));
  }
  EXPECT_TRUE(holds(0));
}

TEST_F(Bodies, WhoOnlyAnnouncesABodyHoldsNoRoom) {
  std::deque<RawSocket> announcers;
  for (int i = 0; i < 50; ++i) announcers.emplace_back(server->port()).say(head_of("/", kOne));
  EXPECT_TRUE(holds(0));
  EXPECT_EQ(status_in(post("/", kOne)), 200);
}

TEST_F(Bodies, ABodyThatIsFoundTooLargeOnItsWayIsRefusedAndGivesBackItsRoom) {
  std::deque<RawSocket> slow;
  for (int i = 0; i < 3; ++i) {
    slow.emplace_back(server->port()).say(head_of("/", 9000) + text_of(8999));
  }
  ASSERT_TRUE(holds(27'000));
  RawSocket grows(server->port());
  grows.say(chunked_head("/") + "7d0\r\n" + text_of(2000) + "\r\n");
  ASSERT_TRUE(holds(29'007)) << server->bodies_held();
  grows.say("7d0\r\n" + text_of(2000) + "\r\n");
  EXPECT_EQ(status_in(grows.hear()), 503);
  EXPECT_TRUE(holds(27'000));
  for (auto& s : slow) s.say("x");
  for (auto& s : slow) EXPECT_EQ(status_in(s.hear("9000")), 200);
  EXPECT_TRUE(holds(0));
}

TEST_F(Bodies, ALateBodyAndAMalformedOneGiveBackTheirRoom) {
  RawSocket late(server->port());
  late.say(head_of("/", kOne) + text_of(700));
  RawSocket bad(server->port());
  bad.say(chunked_head("/") + "10\r\n" + text_of(16) + "\r\nno size\r\n");
  EXPECT_EQ(status_in(bad.hear()), 400);
  EXPECT_TRUE(holds(700));
  EXPECT_EQ(status_in(late.hear()), 408);
  EXPECT_TRUE(holds(0));
}

TEST_F(Bodies, ContinueIsNotSaidToABodyWithoutRoom) {
  std::deque<RawSocket> busy;
  for (int i = 0; i < 3; ++i) {
    busy.emplace_back(server->port()).say(head_of("/hold", 9900) + text_of(9900));
  }
  ASSERT_TRUE(held_up(3));
  RawSocket asks(server->port());
  asks.say(head_of("/", 301, "Expect: 100-continue\r\n"));
  EXPECT_EQ(status_in(asks.hear("}")), 503);
  RawSocket fits(server->port());
  fits.say(head_of("/", 300, "Expect: 100-continue\r\n"));
  EXPECT_EQ(status_in(fits.hear("\r\n\r\n")), 100);
}

TEST_F(Bodies, ARouteHasALimitOfItsOwnAndRefusesAtTheHead) {
  EXPECT_EQ(status_in(post("/01/09506000134352/10/A", 100)), 200);
  // Not a byte of these ten million comes.
  EXPECT_EQ(status_in(ask(head_of("/01/09506000134352/10/A", 10'000'000))), 413);
  EXPECT_EQ(status_in(ask(head_of("/01/09506000134352/10/A", 101))), 413);
  EXPECT_EQ(status_in(ask(chunked_head("/01/1") + "65\r\n")), 413);
  EXPECT_EQ(status_in(ask(chunked_head("/01/1") + "40\r\n" + text_of(64) + "\r\n25\r\n")), 413);
  EXPECT_EQ(status_in(ask(head_of("/01/1", 101, "Expect: 100-continue\r\n"))), 413);
}

TEST_F(Bodies, ARouteCannotTakeMoreThanTheServer) {
  EXPECT_EQ(status_in(post("/endless", kOne)), 200);
  EXPECT_EQ(status_in(ask(head_of("/endless", kOne + 1))), 413);
}

TEST_F(Bodies, NothingIsLeftCountedAfterManyBrokenCallers) {
  std::vector<std::jthread> callers;
  std::atomic<int> served{0};
  for (unsigned c = 0; c < 8; ++c) {
    callers.emplace_back([&, c] {
      std::minstd_rand random(c + 1);
      for (int i = 0; i < 60; ++i) {
        const std::size_t size = random() % kOne;
        const std::size_t sent = random() % 3 == 0 ? size : random() % (size + 1);
        RawSocket s(server->port());
        if (random() % 2 == 0) {
          s.say(head_of("/", size, "Connection: close\r\n") + text_of(sent));
        } else {
          char line[32];
          std::snprintf(line, sizeof line, "%zx\r\n", size);
          s.say(chunked_head("/") + line + text_of(sent) + "\r\n0\r\n\r\n");
        }
        if (sent == size && status_in(s.hear("\r\n\r\n")) != 0) ++served;
      }
    });
  }
  callers.clear();
  EXPECT_GT(served, 100);
  EXPECT_TRUE(holds(0)) << server->bodies_held();
  EXPECT_TRUE(alive());
}

TEST(BodiesOption, RoomBelowOneBodyIsAFaultOfTheConfiguration) {
  ServerOptions options;
  options.body_max = 1000;
  options.bodies_max = 999;
  const auto started = Server::start(options, [](const Request&) { return Response{}; });
  ASSERT_FALSE(started);
  EXPECT_EQ(started.error().code, Errc::kConfig);
}

TEST(BodyBudget, IsNeverAboveItsLimitAndDoesNotWrap) {
  BodyBudget budget(100);
  EXPECT_TRUE(budget.take(100));
  EXPECT_FALSE(budget.take(1));
  EXPECT_FALSE(budget.take(SIZE_MAX));
  EXPECT_FALSE(budget.has_room(SIZE_MAX));
  EXPECT_TRUE(budget.has_room(0));
  budget.give_back(40);
  EXPECT_TRUE(budget.has_room(40));
  EXPECT_FALSE(budget.has_room(41));
}

TEST(BodyBudget, AShareThatCannotGrowKeepsWhatItHas) {
  BodyBudget budget(100);
  {
    BodyShare one(budget);
    BodyShare two(budget);
    EXPECT_TRUE(one.grow_to(60));
    EXPECT_TRUE(one.grow_to(50)) << "it has more already";
    EXPECT_TRUE(two.grow_to(40));
    EXPECT_FALSE(two.grow_to(41));
    EXPECT_EQ(budget.used(), 100u);
    one.release();
    EXPECT_EQ(budget.used(), 40u);
    EXPECT_TRUE(two.grow_to(100));
  }
  EXPECT_EQ(budget.used(), 0u);
}

TEST(BodyBudget, ManyThreadsNeverTakeMoreThanThereIs) {
  BodyBudget budget(1000);
  std::atomic<bool> above{false};
  std::vector<std::jthread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 20'000; ++i) {
        BodyShare share(budget);
        for (const std::size_t size : {100u, 300u, 600u}) (void)share.grow_to(size);
        if (budget.used() > 1000) above = true;
      }
    });
  }
  threads.clear();
  EXPECT_FALSE(above);
  EXPECT_EQ(budget.used(), 0u);
}

}  // namespace
}  // namespace lotmark::http
