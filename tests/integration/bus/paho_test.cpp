#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <time.h>

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <set>
#include <thread>

#include "tests/eventually.h"
#include "tests/integration/bus/broker.h"

namespace lotmark::bus {
namespace {

using namespace std::chrono_literals;

using test::eventually;

// The file descriptors of this process that are connected to the broker.
std::set<int> sockets_to(int port) {
  std::set<int> out;
  for (int fd = 3; fd < 256; ++fd) {
    sockaddr_in peer{};
    socklen_t size = sizeof peer;
    if (::getpeername(fd, reinterpret_cast<sockaddr*>(&peer), &size) == 0 &&
        ntohs(peer.sin_port) == port)
      out.insert(fd);
  }
  return out;
}

class PahoTest : public testing::TestWithParam<test::BrokerKind> {
 protected:
  void SetUp() override { ASSERT_TRUE(broker_.start()); }

  std::unique_ptr<Bus> make(const std::string& name) { return make(broker_.client(name)); }
  std::unique_ptr<Bus> make(const PahoOptions& options) {
    auto bus = make_paho(options);
    EXPECT_TRUE(bus);
    return std::move(*bus);
  }
  test::Broker broker_{GetParam()};
};
INSTANTIATE_TEST_SUITE_P(Brokers, PahoTest,
                         testing::Values(test::BrokerKind::kMosquitto, test::BrokerKind::kNats),
                         [](const auto& info) { return test::name(info.param); });

TEST_P(PahoTest, CarriesBothWaysWithClientCertificates) {
  auto a = make("a");
  auto b = make("b");
  std::atomic<int> pongs{0};
  std::atomic<int> taken{0};
  a->subscribe("pong", [&](const Message& m) { pongs += as_text(m.payload) == "hello" ? 1 : 0; });
  b->subscribe("ping/+",
               [&](const Message& m) { EXPECT_TRUE(b->publish("pong", m.payload, false, {})); });
  ASSERT_TRUE(a->start());
  ASSERT_TRUE(b->start());
  ASSERT_TRUE(eventually([&] { return a->connected() && b->connected(); }));
  ASSERT_TRUE(a->publish("ping/1", as_bytes("hello"), false, [&](bool ok) { taken += ok; }));
  EXPECT_TRUE(eventually([&] { return pongs == 1 && taken == 1; }));
}

TEST_P(PahoTest, WithoutCertificateItIsRefusedAndTriesAgain) {
  auto options = broker_.client("nobody");
  options.cert_file.clear();
  options.key_file.clear();
  auto bus = make(options);
  ASSERT_TRUE(bus->start());
  std::this_thread::sleep_for(1s);
  EXPECT_FALSE(bus->connected());
  EXPECT_EQ(bus->publish("x", {}, false, {}).code(), Errc::kUnavailable);
}

TEST_P(PahoTest, AnotherCaIsRefused) {
  test::Broker other;
  auto options = broker_.client("a");
  options.ca_file = other.ca_file();
  auto bus = make(options);
  ASSERT_TRUE(bus->start());
  std::this_thread::sleep_for(1s);
  EXPECT_FALSE(bus->connected());
}

TEST_P(PahoTest, BrokerKilledAndRestartedItReconnectsAndSubscribesAgain) {
  auto a = make("a");
  auto b = make("b");
  std::atomic<int> got{0};
  std::atomic<int> ups{0};
  std::atomic<int> downs{0};
  b->subscribe("x", [&](const Message&) { ++got; });
  b->on_state([&](bool up) { ++(up ? ups : downs); });
  ASSERT_TRUE(a->start());
  ASSERT_TRUE(b->start());
  for (int round = 1; round <= 2; ++round) {
    ASSERT_TRUE(eventually([&] { return a->connected() && ups == round; }));
    ASSERT_TRUE(a->publish("x", as_bytes("1"), false, {}));
    EXPECT_TRUE(eventually([&] { return got == round; }));
    broker_.kill();
    ASSERT_TRUE(eventually([&] { return downs == round && !a->connected(); }));
    ASSERT_TRUE(broker_.start());
  }
}

TEST_P(PahoTest, EveryDoneIsCalledOnceThoughTheBrokerDies) {
  auto options = broker_.client("a");
  options.window = 1000;
  auto a = make(options);
  ASSERT_TRUE(a->start());
  ASSERT_TRUE(eventually([&] { return a->connected(); }));
  std::atomic<int> accepted{0};
  std::atomic<int> told{0};
  std::thread killer([&] {
    eventually([&] { return told > 200; });
    broker_.kill();
  });
  const Bytes payload(1500);
  for (int i = 0; i < 20000 && (a->connected() || i < 200); ++i) {
    if (a->publish("x", payload, false, [&](bool) { ++told; })) ++accepted;
  }
  killer.join();
  EXPECT_TRUE(eventually([&] { return told == accepted; }));
  EXPECT_GT(accepted, 200);
}

TEST_P(PahoTest, WindowIsBounded) {
  auto options = broker_.client("a");
  options.window = 4;
  auto a = make(options);
  ASSERT_TRUE(a->start());
  ASSERT_TRUE(eventually([&] { return a->connected(); }));
  std::atomic<int> told{0};
  int accepted = 0;
  int full = 0;
  for (int i = 0; i < 2000; ++i) {
    auto s = a->publish("x", as_bytes("1"), false, [&](bool) { ++told; });
    if (s) ++accepted;
    if (s.code() == Errc::kUnavailable) ++full;
  }
  EXPECT_GT(full, 0);
  EXPECT_TRUE(eventually([&] { return told == accepted; }));
}

TEST_P(PahoTest, TooLargeIsDroppedAndTheRestGoesOn) {
  auto options = broker_.client("b");
  options.message_max = 1000;
  auto b = make(options);
  auto a = make("a");
  std::atomic<int> got{0};
  b->subscribe("x", [&](const Message& m) { got += static_cast<int>(m.payload.size()); });
  ASSERT_TRUE(a->start());
  ASSERT_TRUE(b->start());
  ASSERT_TRUE(eventually([&] { return a->connected() && b->connected(); }));
  ASSERT_TRUE(a->publish("x", Bytes(1001), false, {}));
  ASSERT_TRUE(a->publish("x", Bytes(7), false, {}));
  EXPECT_TRUE(eventually([&] { return got == 7; }));
}

TEST_P(PahoTest, LastWillIsLeftWhenTheProcessVanishes) {
  auto b = make("b");
  std::atomic<int> wills{0};
  b->subscribe("will", [&](const Message& m) { wills += as_text(m.payload) == "gone" ? 1 : 0; });
  ASSERT_TRUE(b->start());
  ASSERT_TRUE(eventually([&] { return b->connected(); }));
  const auto before = sockets_to(broker_.port());
  auto options = broker_.client("a");
  options.will_topic = "will";
  options.will = to_bytes(as_bytes("gone"));
  auto a = make(options);
  ASSERT_TRUE(a->start());
  ASSERT_TRUE(eventually([&] { return a->connected(); }));
  for (const int fd : sockets_to(broker_.port())) {
    if (!before.contains(fd))
      ::shutdown(fd, SHUT_RDWR);  // as when its process is killed: no DISCONNECT
  }
  EXPECT_TRUE(eventually([&] { return wills >= 1; }));
}

// Not a bound but a figure in the log: what the receiving side costs.
TEST_P(PahoTest, ReceivesALongRun) {
  auto options = broker_.client("b");
  auto b = make(options);
  std::atomic<int> got{0};
  std::atomic<std::int64_t> cpu_ns{0};
  b->subscribe("lotmark/v1/+/+/bundle", [&](const Message&) {
    if (++got % 1000 == 0) {  // the receiving thread's own clock
      timespec t{};
      clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
      cpu_ns = t.tv_sec * 1000000000LL + t.tv_nsec;
    }
  });
  auto a = make("a");
  ASSERT_TRUE(a->start());
  ASSERT_TRUE(b->start());
  ASSERT_TRUE(eventually([&] { return a->connected() && b->connected(); }));
  const Bytes payload(1500, 7);
  constexpr int kCount = 20000;
  const auto begin = std::chrono::steady_clock::now();
  for (int i = 0; i < kCount;) {
    if (a->publish("lotmark/v1/acme/line-1/bundle", payload, false, {})) {
      ++i;
    } else {
      std::this_thread::sleep_for(1ms);
    }
  }
  EXPECT_TRUE(eventually([&] { return got >= kCount; }, 60s));
  const std::chrono::duration<double> wall = std::chrono::steady_clock::now() - begin;
  RecordProperty("messages_per_s", static_cast<int>(kCount / wall.count()));
  RecordProperty("receive_ns_a_message", static_cast<int>(cpu_ns / kCount));
  std::printf("%d messages/s, receiving thread %d ns a message\n",
              static_cast<int>(kCount / wall.count()), static_cast<int>(cpu_ns / kCount));
}

}  // namespace
}  // namespace lotmark::bus
