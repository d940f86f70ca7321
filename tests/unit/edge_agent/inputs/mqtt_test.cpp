// Messages of MQTT devices, and what a source makes of them over a broker in memory.
#include "edge-agent/source/mqtt/mqtt.h"

#include <atomic>
#include <future>
#include <thread>

#include "tests/unit/edge_agent/fixture.h"
#include "tests/unit/edge_agent/heard.h"

namespace lotmark::agent {
namespace {

// "n:21.5 t:abc f:1 o -": kind and text of each pointer's value, "-" where there is none.
std::string found(const std::string& payload, const std::vector<std::string>& pointers) {
  std::vector<JsonPointer> parsed;
  for (const auto& p : pointers) parsed.push_back(*JsonPointer::read(p));
  const auto leaves = read_json(payload, parsed);
  if (!leaves) return leaves.error().text;
  std::string out;
  for (const auto& leaf : *leaves) {
    out += out.empty() ? "" : " ";
    if (!leaf) {
      out += "-";
    } else {
      out += "ntfo"[static_cast<int>(leaf->kind)];
      out += leaf->text.empty() ? "" : ":" + leaf->text;
    }
  }
  return out;
}

// The examples of RFC 6901, section 5, and values below arrays.
TEST(MqttPayload, PointersFindTheirValues) {
  const std::string rfc = R"({"foo":["bar","baz"],"":0,"a/b":1,"c%d":2,"e^f":3,"g|h":4,"i\\j":5,)"
                          R"("k\"l":6," ":7,"m~n":8})";
  EXPECT_EQ(found(rfc, {"", "/foo", "/foo/0", "/foo/1", "/foo/2", "/"}), "o o t:bar t:baz - n:0");
  EXPECT_EQ(found(rfc, {"/a~1b", "/c%d", "/e^f", "/g|h", "/i\\j", "/k\"l", "/ ", "/m~0n"}),
            "n:1 n:2 n:3 n:4 n:5 n:6 n:7 n:8");
  EXPECT_EQ(found(R"([[{"v":true}],{"v":null},-2.50])", {"/0/0/v", "/1/v", "/2", "/1"}),
            "f:1 o n:-2.50 o");
  EXPECT_EQ(found("21.50", {""}), "n:21.50");
}

TEST(MqttPayload, WhatIsNoJsonOrAmbiguousIsRefused) {
  for (const char* bad : {"", "{", "{\"a\":1", "{\"a\":1}x", "nan", "{\"a\":1,\"a\":2}"})
    EXPECT_EQ(found(bad, {"/a"}), "no JSON") << bad;
  EXPECT_EQ(found(std::string(33, '[') + std::string(33, ']'), {"/a"}), "no JSON");
  EXPECT_EQ(found(std::string(32, '[') + std::string(32, ']'), {"/a"}), "-");
  for (const char* bad : {"a", "/a~", "/a~2"}) EXPECT_FALSE(JsonPointer::read(bad)) << bad;
}

TEST(MqttPayload, ValuesAreExactOrGaps) {
  const auto quantity = [](const Leaf& leaf, bool round = false) {
    const auto v = value_of(leaf, {-2, round, false});
    const auto* n = std::get_if<std::int64_t>(&v);
    return n != nullptr ? std::to_string(*n) : "gap";
  };
  EXPECT_EQ(quantity({Leaf::Kind::kNumber, "21.55"}), "2155");
  EXPECT_EQ(quantity({Leaf::Kind::kNumber, "21.555"}), "gap");
  EXPECT_EQ(quantity({Leaf::Kind::kNumber, "21.555"}, true), "2156");
  EXPECT_EQ(quantity({Leaf::Kind::kText, "7.5"}), "750");
  EXPECT_EQ(quantity({Leaf::Kind::kFlag, "1"}), "100");
  EXPECT_EQ(quantity({Leaf::Kind::kOther, ""}), "gap");
  EXPECT_EQ(quantity(plain_leaf(" 4.25 \r\n")), "425");
  EXPECT_EQ(quantity(plain_leaf("unavailable")), "gap");
  const auto text = [](const std::string& s) {
    return value_of({Leaf::Kind::kText, s}, {0, false, true}).index() == 1;
  };
  EXPECT_TRUE(text(std::string(256, 'x')));
  EXPECT_FALSE(text(""));
  EXPECT_FALSE(text(std::string(257, 'x')));
}

class MqttSourceTest : public testing::Test {
 protected:
  MqttSourceTest() : other_(hub_.connect()) { EXPECT_TRUE(other_->start()); }
  ~MqttSourceTest() override {
    if (!thread_.joinable()) return;
    source_->stop();
    thread_.join();
  }
  void add(const std::string& topic, std::optional<std::string> pointer, const std::string& channel,
           bool text = false) {
    MqttChannel c;
    c.topic = topic;
    if (pointer) c.pointer = *JsonPointer::read(*pointer);
    c.channel = channel;
    c.value = {text ? 0 : -1, false, text};
    options_.channels.push_back(c);
  }
  void start() {
    source_ = std::make_unique<MqttSource>(
        options_, clock_, [this]() -> Result<std::unique_ptr<bus::Bus>> {
          if (refusals_-- > 0) return fail(Errc::kConfig, "others may read the key file");
          return hub_.connect();
        });
    thread_ = std::thread([this] { EXPECT_TRUE(source_->run(heard_)); });
  }
  void say(const std::string& topic, const std::string& payload, bool retain = false) {
    EXPECT_TRUE(other_->publish(topic, as_bytes(payload), retain, {}));
  }
  // All that was said before has reached who listened then.
  void settle() {
    std::promise<void> told;
    EXPECT_TRUE(other_->publish("settled", {}, false, [&](bool) { told.set_value(); }));
    told.get_future().wait();
  }
  // Says it until it is heard: the source may not listen yet.
  bool says(const std::string& topic, const std::string& payload, const std::string& channel,
            const std::string& what) {
    for (int i = 0; i < 200 && !heard_.has(channel, what); ++i) {
      say(topic, payload);
      std::this_thread::sleep_for(Millis(50));
    }
    return heard_.has(channel, what);
  }
  bool hears(const std::string& channel, const std::string& what) {
    for (int i = 0; i < 400 && !heard_.has(channel, what); ++i)
      std::this_thread::sleep_for(Millis(50));
    return heard_.has(channel, what);
  }

  bus::MemoryHub hub_;
  std::unique_ptr<bus::Bus> other_;
  SystemClock clock_;
  MqttOptions options_;
  std::atomic<int> refusals_ = 0;  // so often there is no connection to be made
  test::Heard heard_;
  std::unique_ptr<MqttSource> source_;
  std::thread thread_;
};

TEST_F(MqttSourceTest, NumbersJsonAndSenmlBecomeReadings) {
  add("plain/+", std::nullopt, "plain");
  add("json/x", "/t", "temp");
  add("json/x", "/id", "id", true);
  options_.senml_topics = {"senml/#"};
  start();
  EXPECT_TRUE(says("plain/a", "4.5", "plain", "45"));
  EXPECT_TRUE(says("json/x", R"({"t":-1.5,"id":"A7","more":[1]})", "temp", "-15"));
  EXPECT_TRUE(hears("id", "A7"));
  EXPECT_TRUE(says("senml/a/b", R"([{"n":"h","u":"%RH","v":41}])", "h", "41000"));
  say("json/x", R"({"id":"B8"})");  // says nothing of t
  EXPECT_TRUE(hears("id", "B8"));
  EXPECT_FALSE(heard_.has("temp", "gap 0"));
  say("json/x", "{broken");
  EXPECT_TRUE(hears("temp", "gap 0"));
}

TEST_F(MqttSourceTest, WhatTheBrokerKeptIsPassedOverUnlessTold) {
  for (const bool retained : {false, true}) {
    say("plain/old", "1", true);
    settle();
    options_.retained = retained;
    options_.channels.clear();
    add("plain/+", std::nullopt, "plain");
    start();
    EXPECT_TRUE(says("plain/new", retained ? "3" : "2", "plain", retained ? "30" : "20"));
    EXPECT_EQ(heard_.has("plain", "10"), retained);
    source_->stop();
    thread_.join();
  }
}

TEST_F(MqttSourceTest, LargeMessagesAndFloodsAreCutAndDeclared) {
  options_.max_bytes = 8;
  options_.max_rate = 5;
  add("plain", std::nullopt, "plain");
  start();
  EXPECT_TRUE(says("plain", "2", "plain", "20"));
  say("plain", "0.000000003");
  EXPECT_TRUE(hears("plain", "gap 0"));
  for (int i = 0; i < 100; ++i) say("plain", "3");
  EXPECT_TRUE(hears("plain", "gap 3"));
  const auto all = heard_.of("plain");
  EXPECT_LT(std::ranges::count(all, "30"), 100);
}

// The source ended for good, until the agent was started anew.
TEST_F(MqttSourceTest, AKeyFileThatIsMendedLaterLosesNoMoreThanTheTimeUntilThen) {
  refusals_ = 2;
  add("plain", std::nullopt, "plain");
  start();
  EXPECT_TRUE(says("plain", "2", "plain", "20"));
  const auto all = heard_.of("plain");
  EXPECT_EQ(all.front(), "gap 1");
  EXPECT_EQ(std::ranges::count(all, "gap 0"), 0);
}

TEST_F(MqttSourceTest, WaitingForAConnectionEndsWhenStopped) {
  refusals_ = 1000;
  add("plain", std::nullopt, "plain");
  start();
  EXPECT_TRUE(hears("plain", "gap 1"));
  const auto begin = std::chrono::steady_clock::now();
  source_->stop();
  thread_.join();
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(1));
}

TEST_F(MqttSourceTest, ADeviceWhoseLastWillSaysSoIsLostUntilItIsBack) {
  options_.offline_topic = "dev/status";
  add("dev/t", std::nullopt, "t");
  start();
  EXPECT_TRUE(says("dev/t", "2", "t", "20"));
  EXPECT_FALSE(heard_.has("t", "gap 1"));
  say("dev/status", "offline", true);
  EXPECT_TRUE(hears("t", "gap 1"));
  say("dev/status", "online", true);
  EXPECT_TRUE(says("dev/t", "3", "t", "30"));
}

}  // namespace
}  // namespace lotmark::agent
