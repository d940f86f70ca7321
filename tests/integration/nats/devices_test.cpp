// The account DEVICES, over MQTT as the bus speaks it: each device under its own name, and none near the ledger.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "tests/integration/nats/client.h"

namespace lotmark::test {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

// Everything that comes to the given filters.
class Hearing {
 public:
  Hearing(const bus::PahoOptions& options, const std::vector<std::string>& filters) {
    auto made = bus::make_paho(options);
    EXPECT_TRUE(made);
    bus_ = std::move(*made);
    for (const auto& f : filters) {
      bus_->subscribe(f, [this](const bus::Message& m) {
        std::lock_guard lock(mutex_);
        heard_.push_back(m.topic + " " + std::string(as_text(m.payload)));
      });
    }
    EXPECT_TRUE(bus_->start());
  }
  bool connected(std::chrono::milliseconds limit = 15s) {
    return eventually([this] { return bus_->connected(); }, limit);
  }
  // Whether the broker took it, which MQTT 3.1.1 says of a refused message as well.
  bool publish(const std::string& topic, const std::string& text, bool retain = false) {
    std::atomic<int> taken{-1};
    if (!bus_->publish(topic, as_bytes(text), retain, [&](bool ok) { taken = ok ? 1 : 0; }))
      return false;
    EXPECT_TRUE(eventually([&] { return taken >= 0; }));
    return taken == 1;
  }
  std::vector<std::string> heard() {
    std::lock_guard lock(mutex_);
    return heard_;
  }

 private:
  std::mutex mutex_;
  std::vector<std::string> heard_;
  std::unique_ptr<bus::Bus> bus_;
};

class NatsDevices : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    servers_ = std::make_unique<NatsServers>();
    ASSERT_TRUE(servers_->start_all());
  }
  static void TearDownTestSuite() { servers_.reset(); }
  static bus::PahoOptions as(const std::string& who, int server = 0) {
    return servers_->mqtt(who, server);
  }
  static bus::PahoOptions as(const std::string& who, const std::string& id) {
    auto o = servers_->mqtt(who);
    o.client_id = id;
    return o;
  }
  static std::string tls(const std::string& who) {
    const auto o = as(who);
    return "-q 1 -h 127.0.0.1 -p " + std::to_string(servers_->ports(0).mqtt) + " --cafile " +
           o.ca_file + " --cert " + o.cert_file + " --key " + o.key_file;
  }
  static std::unique_ptr<NatsServers> servers_;
};
std::unique_ptr<NatsServers> NatsDevices::servers_;

TEST_F(NatsDevices, BundleReachesTheNodeAndItsAckTheDeviceAcrossServers) {
  Hearing node(as("members/hualin-node", 1), {"lotmark/v1/hualin/+/bundle"});
  Hearing device(as("devices/fridge-1", 0), {"lotmark/v1/hualin/fridge-1/ack"});
  ASSERT_TRUE(node.connected() && device.connected());
  EXPECT_TRUE(device.publish("lotmark/v1/hualin/fridge-1/bundle", "b1"));
  EXPECT_TRUE(eventually([&] { return !node.heard().empty(); }));
  EXPECT_THAT(node.heard(), ElementsAre("lotmark/v1/hualin/fridge-1/bundle b1"));
  EXPECT_TRUE(node.publish("lotmark/v1/hualin/fridge-1/ack", "a1"));
  EXPECT_TRUE(eventually([&] { return !device.heard().empty(); }));
  EXPECT_THAT(device.heard(), ElementsAre("lotmark/v1/hualin/fridge-1/ack a1"));
}

// Refused ones are lost without a word, so one that passes is sent after them: it comes alone.
TEST_F(NatsDevices, OnlyItsOwnTopicsPass) {
  Hearing node(
      as("members/hualin-node"),
      {"lotmark/v1/hualin/+/bundle", "lotmark/v1/hualin/+/start", "lotmark/v1/hualin/+/state"});
  Hearing second(as("devices/fridge-2"), {"lotmark/v1/hualin/fridge-2/ack"});
  Hearing device(as("devices/fridge-1"), {});
  ASSERT_TRUE(node.connected() && second.connected() && device.connected());
  for (const char* topic : {"fridge-2/bundle", "fridge-2/state", "filler-2/start",
                            "filler-1/bundle", "fridge-2/ack", "fridge-1/ack"}) {
    (void)device.publish("lotmark/v1/hualin/" + std::string(topic), "forged", true);
  }
  EXPECT_TRUE(device.publish("lotmark/v1/hualin/filler-1/start", "s"));
  EXPECT_TRUE(eventually([&] { return !node.heard().empty(); }));
  std::this_thread::sleep_for(300ms);
  EXPECT_THAT(node.heard(), ElementsAre("lotmark/v1/hualin/filler-1/start s"));
  EXPECT_THAT(second.heard(), IsEmpty());
  Hearing later(as("members/hualin-node", "later"), {"lotmark/v1/hualin/+/bundle"});
  ASSERT_TRUE(later.connected());
  std::this_thread::sleep_for(300ms);
  EXPECT_THAT(later.heard(), IsEmpty()) << "a refused message was retained";
}

// The bus takes a subscription that is refused for a failed connection.
TEST_F(NatsDevices, SubscribingToOthersTopicsIsRefused) {
  for (const char* filter :
       {"lotmark/v1/hualin/fridge-2/ack", "lotmark/v1/hualin/+/ack", "lotmark/v1/hualin/+/bundle",
        "#", "lotmark/#", "$MQTT/sub/+", "$MQTT/sub/#", "$MQTT/#", "$JS/API/#", "$SYS/#"}) {
    const std::string out = servers_->conf(0).string() + ".sub";
    (void)shell("timeout 15 mosquitto_sub -d -W 5 -i sub -t '" + std::string(filter) + "' " +
                tls("devices/fridge-1") + " > " + out + " 2>&1");
    EXPECT_TRUE(shell("grep -q 'Subscribed (mid: 1): 128' " + out)) << filter;
  }
}

TEST_F(NatsDevices, LastWillOnAnothersTopicIsRefusedAndOnItsOwnIsLeft) {
  Hearing node(as("members/hualin-node"), {"lotmark/v1/hualin/+/state"});
  ASSERT_TRUE(node.connected());
  // Killed while it is connected. (A client that is replaced by one of its name leaves no will here.)
  const auto vanish = [&](const std::string& topic) {
    (void)shell(
        "timeout -s KILL 2 mosquitto_sub -i will -t lotmark/v1/hualin/fridge-1/ack --will-topic " +
        topic + " --will-payload gone --will-qos 1 --will-retain " + tls("devices/fridge-1"));
  };
  vanish("lotmark/v1/hualin/fridge-2/state");
  EXPECT_THAT(node.heard(), IsEmpty());
  EXPECT_TRUE(eventually([&] {
    // It may not have been connected when it was killed.
    vanish("lotmark/v1/hualin/fridge-1/state");
    return !node.heard().empty();
  }));
  EXPECT_EQ(node.heard().front(), "lotmark/v1/hualin/fridge-1/state gone");
}

TEST_F(NatsDevices, RetainedStateComesToANodeThatConnectsLater) {
  Hearing device(as("devices/fridge-2"), {});
  ASSERT_TRUE(device.connected());
  EXPECT_TRUE(device.publish("lotmark/v1/hualin/fridge-2/state", "born", true));
  Hearing node(as("members/hualin-node", 2), {"lotmark/v1/hualin/fridge-2/state"});
  EXPECT_TRUE(eventually([&] { return !node.heard().empty(); }));
}

TEST_F(NatsDevices, NoDeviceReachesTheOrder) {
  NatsClient ledger(*servers_, "members/agency-1", "_INBOX_lotmark.agency-1");
  ASSERT_TRUE(ledger.connected());
  ASSERT_TRUE(ledger.make_stream("LOTMARK_ORDER", "lotmark.order.block", 3, false));
  ASSERT_TRUE(ledger.append("lotmark.order.block", "block 1", 0));
  const auto before = ledger.state("LOTMARK_ORDER");
  for (const char* who : {"devices/fridge-1", "members/hualin-node"}) {
    Hearing device(as(who, "order"), {});
    ASSERT_TRUE(device.connected());
    for (const char* topic :
         {"lotmark/order/block", "lotmark/order/lease", "$JS/API/STREAM/PURGE/LOTMARK_ORDER",
          "$JS/API/STREAM/DELETE/LOTMARK_ORDER", "$JS/API/STREAM/MSG/DELETE/LOTMARK_ORDER",
          "$JS/API/STREAM/DELETE/$MQTT_msgs", "$MQTT/msgs/lotmark/v1/hualin/fridge-2/bundle",
          "$SYS/REQ/SERVER/PING"}) {
      (void)device.publish(topic, "{}");
    }
  }
  EXPECT_EQ(ledger.state("LOTMARK_ORDER"), before);
  EXPECT_EQ(ledger.read("LOTMARK_ORDER", 1), "block 1");
  EXPECT_TRUE(ledger.append("lotmark.order.block", "block 2", 1));
}

TEST_F(NatsDevices, OthersCertificatesDoNotConnect) {
  auto none = as("devices/fridge-1");
  none.cert_file.clear();
  none.key_file.clear();
  EXPECT_FALSE(Hearing(none, {}).connected(1s));
  for (const char* who :
       {"members/agency-1", "nats-admins/agency-1", "nats/nats-1", "apis/api-1"}) {
    EXPECT_FALSE(Hearing(as(who), {}).connected(1s)) << who;
  }
  const NatsServers others;
  auto foreign = as("devices/fridge-1");
  foreign.cert_file = others / "devices/fridge-1/tls.crt";
  foreign.key_file = others / "devices/fridge-1/tls.key";
  EXPECT_FALSE(Hearing(foreign, {}).connected(1s));
}

}  // namespace
}  // namespace lotmark::test
