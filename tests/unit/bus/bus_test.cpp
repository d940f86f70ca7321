#include "core/bus/bus.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <future>

namespace lotmark::bus {
namespace {

TEST(Topic, ReadsWhatItWrites) {
  const Topic t{"acme", "line-1", "bundle"};
  EXPECT_EQ(to_string(t), "lotmark/v1/acme/line-1/bundle");
  const auto back = parse_topic("lotmark/v1/acme/line-1/bundle");
  ASSERT_TRUE(back);
  EXPECT_EQ(back->organisation, "acme");
  EXPECT_EQ(back->device, "line-1");
  EXPECT_EQ(back->kind, "bundle");
}

TEST(Topic, RefusesOtherLevelsAndNames) {
  for (const char* bad :
       {"", "lotmark/v1/", "lotmark/v1/acme/line-1", "lotmark/v1/acme/line-1/bundle/x",
        "lotmark/v2/acme/line-1/bundle", "lotmark/v1/Acme/line-1/bundle", "lotmark/v1/acme//bundle",
        "lotmark/v1/acme/line_1/bundle", "/lotmark/v1/acme/line-1/bundle",
        "lotmark/v1/acme/abcdefghijklmnopqrstuvwxyz1234567/bundle"}) {
    EXPECT_FALSE(parse_topic(bad)) << bad;
  }
}

TEST(Matches, FollowsSection47OfTheStandard) {
  struct Case {
    const char* filter;
    const char* topic;
    bool expected;
  };
  for (const auto& c : std::initializer_list<Case>{
           {"a/b", "a/b", true},       {"a/b", "a/c", false},    {"a/b", "a/b/c", false},
           {"a/+", "a/b", true},       {"a/+", "a", false},      {"a/+", "a/", true},
           {"+", "a", true},           {"+", "a/b", false},      {"+/+", "/a", true},
           {"#", "a/b/c", true},       {"a/#", "a", true},       {"a/#", "a/b/c", true},
           {"a/#", "b", false},        {"a/+/c", "a/b/c", true}, {"a/+/c", "a/b/d", false},
           {"+/#", "a", true},         {"#", "$SYS/x", false},   {"+/x", "$SYS/x", false},
           {"$SYS/#", "$SYS/x", true}, {"a/b/#", "a", false},    {"a/b", "a", false},
           {"a/b/c", "a/b", false}}) {
    EXPECT_EQ(matches(c.filter, c.topic), c.expected) << c.filter << " " << c.topic;
  }
}

TEST(MemoryHub, DeliversByFilterAndTellsThePublisher) {
  MemoryHub hub(true);
  auto a = hub.connect();
  auto b = hub.connect();
  std::vector<std::string> got;
  bool up = false;
  int taken = 0;
  b->subscribe("x/+", [&](const Message& m) { got.push_back(m.topic); });
  b->on_state([&](bool connected) { up = connected; });
  EXPECT_EQ(a->publish("x/1", {}, false, {}).code(), Errc::kUnavailable);
  ASSERT_TRUE(a->start());
  ASSERT_TRUE(b->start());
  ASSERT_TRUE(a->publish("x/1", as_bytes("1"), false, [&](bool ok) { taken += ok ? 1 : 0; }));
  ASSERT_TRUE(a->publish("y/1", as_bytes("2"), false, {}));
  EXPECT_TRUE(got.empty());
  EXPECT_EQ(hub.pump(), 1u);
  EXPECT_EQ(got, std::vector<std::string>{"x/1"});
  EXPECT_TRUE(up);
  EXPECT_EQ(taken, 1);
}

TEST(MemoryHub, RetainedReachesWhoComesLaterUntilCleared) {
  MemoryHub hub(true);
  auto a = hub.connect();
  ASSERT_TRUE(a->start());
  ASSERT_TRUE(a->publish("s", as_bytes("1"), true, {}));
  hub.pump();
  std::vector<bool> retained;
  auto b = hub.connect();
  b->subscribe("s", [&](const Message& m) { retained.push_back(m.retained); });
  ASSERT_TRUE(b->start());
  hub.pump();
  EXPECT_EQ(retained, std::vector<bool>{true});
  ASSERT_TRUE(a->publish("s", {}, true, {}));
  hub.pump();
  int late = 0;
  auto c = hub.connect();
  c->subscribe("s", [&](const Message&) { ++late; });
  ASSERT_TRUE(c->start());
  hub.pump();
  EXPECT_EQ(late, 0);
}

TEST(MemoryHub, HandlerMayPublishAndOwnThreadDelivers) {
  MemoryHub hub;
  auto a = hub.connect();
  auto b = hub.connect();
  std::promise<std::string> answer;
  a->subscribe("pong",
               [&](const Message& m) { answer.set_value(std::string(as_text(m.payload))); });
  b->subscribe("ping",
               [&](const Message& m) { EXPECT_TRUE(b->publish("pong", m.payload, false, {})); });
  ASSERT_TRUE(a->start());
  ASSERT_TRUE(b->start());
  ASSERT_TRUE(a->publish("ping", as_bytes("hello"), false, {}));
  auto f = answer.get_future();
  ASSERT_EQ(f.wait_for(std::chrono::seconds(5)), std::future_status::ready);
  EXPECT_EQ(f.get(), "hello");
}

TEST(MemoryHub, BusThatIsGoneGetsNothing) {
  MemoryHub hub(true);
  auto a = hub.connect();
  ASSERT_TRUE(a->start());
  int got = 0;
  auto b = hub.connect();
  b->subscribe("#", [&](const Message&) { ++got; });
  ASSERT_TRUE(b->start());
  hub.pump();
  b.reset();
  ASSERT_TRUE(a->publish("x", {}, false, {}));
  EXPECT_EQ(hub.pump(), 0u);
  EXPECT_EQ(got, 0);
}

TEST(Paho, AKeyThatOthersMayReadIsRefused) {
  char name[] = "/tmp/lotmark-key-XXXXXX";
  const int fd = ::mkstemp(name);
  ASSERT_GE(fd, 0);
  ASSERT_EQ(::fchmod(fd, 0640), 0);
  PahoOptions options;
  options.url = "ssl://127.0.0.1:1";
  options.key_file = name;
  EXPECT_EQ(make_paho(options).code(), Errc::kDenied);
  ASSERT_EQ(::fchmod(fd, 0600), 0);
  EXPECT_TRUE(make_paho(options));
  ::close(fd);
  ::unlink(name);
}

}  // namespace
}  // namespace lotmark::bus
