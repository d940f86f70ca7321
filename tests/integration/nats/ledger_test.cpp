// The account LEDGER: a supervising node orders and reads, and cannot take anything away again.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "ledger-node/order/jetstream_log.h"
#include "tests/integration/nats/client.h"

namespace lotmark::test {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

constexpr const char* kOrder = "LOTMARK_ORDER";
constexpr const char* kLease = "LOTMARK_LEASE";
constexpr const char* kBlock = "lotmark.order.block";

class NatsLedger : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    servers_ = std::make_unique<NatsServers>();
    ASSERT_TRUE(servers_->start_all());
  }
  static void TearDownTestSuite() { servers_.reset(); }
  void SetUp() override {
    ASSERT_TRUE(admin_.connected());
    ASSERT_TRUE(node_.connected());
    for (const char* stream : {kOrder, kLease}) {
      ASSERT_TRUE(!admin_.state(stream) || admin_.remove(stream));
    }
  }
  // Both streams as an engine makes them, and three entries.
  void make_both() {
    ASSERT_TRUE(node_.make_stream(kOrder, kBlock));
    ASSERT_TRUE(node_.make_stream(kLease, "lotmark.order.lease"));
    for (std::uint64_t i = 0; i < 3; ++i)
      ASSERT_TRUE(node_.append(kBlock, "block " + std::to_string(i + 1), i));
  }

  static std::unique_ptr<NatsServers> servers_;
  NatsClient node_{*servers_, "members/agency-1", "_INBOX_lotmark.agency-1"};
  NatsClient admin_{*servers_, "nats-admins/agency-2"};
};
std::unique_ptr<NatsServers> NatsLedger::servers_;

TEST_F(NatsLedger, NodeMakesBothStreamsAppendsInOrderAndReads) {
  make_both();
  EXPECT_FALSE(node_.append(kBlock, "behind", 2));
  EXPECT_FALSE(node_.append(kBlock, "ahead", 9));
  EXPECT_EQ(node_.state(kOrder), (StreamState{3, 1, 3}));
  EXPECT_EQ(node_.read(kOrder, 2), "block 2");
  EXPECT_TRUE(node_.append("lotmark.order.lease", "agency-1", 0));
  NatsClient other(*servers_, "members/agency-3", "_INBOX_lotmark.agency-3");
  EXPECT_EQ(other.read(kOrder, 3), "block 3");
  EXPECT_TRUE(other.append(kBlock, "block 4", 3));
  EXPECT_THAT(node_.refusals(), ::testing::IsEmpty());
}

// The product's own engine, with the files and rights that ca init wrote for its node.
TEST_F(NatsLedger, TheEngineNeedsNoMoreThanItsNodeMayDo) {
  node::JetStreamOptions o;
  o.servers = servers_->client_urls();
  o.name = "agency-1";
  o.ca_file = *servers_ / "ca/ca.crt";
  o.cert_file = *servers_ / "members/agency-1/tls.crt";
  o.key_file = *servers_ / "members/agency-1/tls.key";
  auto log = node::open_jetstream(o);
  ASSERT_TRUE(log) << log.error().message();
  const std::string big(1u << 20, 'b');
  std::size_t seen = 0;
  bool found = false;
  bool leased = false;
  for (int i = 0; i < 600 && (seen < 2 || !leased); ++i) {
    for (const auto& event : (*log)->poll()) {
      if (std::holds_alternative<node::LogFound>(event) && !std::exchange(found, true)) {
        (*log)->append(1, 0, as_bytes(big));
        (*log)->append(2, 1, as_bytes("block 2"));
        (*log)->put_lease(3, 0, {KeyId{}, 1, 1});
      }
      seen += std::holds_alternative<node::EntrySeen>(event) ? 1 : 0;
      if (const auto* l = std::get_if<node::LeaseSeen>(&event)) leased = l->lease.has_value();
    }
    std::this_thread::sleep_for(50ms);
  }
  EXPECT_EQ(seen, 2u);
  EXPECT_TRUE(leased);
}

TEST_F(NatsLedger, NodeMakesNoConsumer) {
  make_both();
  for (const char* verb :
       {"CONSUMER.CREATE.LOTMARK_ORDER", "CONSUMER.DURABLE.CREATE.LOTMARK_ORDER.x",
        "CONSUMER.LIST.LOTMARK_ORDER"}) {
    const std::string subject = std::string("$JS.API.") + verb;
    EXPECT_EQ(node_.request(subject, "{}"), "");
    EXPECT_TRUE(node_.refused("Publish to \"" + subject)) << verb;
  }
}

TEST_F(NatsLedger, NodeTakesNothingAwayAndChangesNoStream) {
  ASSERT_TRUE(node_.make_stream(kOrder, kBlock, 3, false));  // what stops it is not the stream
  ASSERT_TRUE(node_.append(kBlock, "block 1", 0));
  const auto before = node_.state(kOrder);
  ASSERT_TRUE(before);
  EXPECT_FALSE(node_.purge(kOrder));
  EXPECT_FALSE(node_.remove_message(kOrder, 1));
  EXPECT_FALSE(node_.update(kOrder, kBlock));
  EXPECT_FALSE(node_.remove(kOrder));
  for (const char* verb :
       {"STREAM.PURGE.LOTMARK_ORDER", "STREAM.DELETE.LOTMARK_ORDER", "STREAM.UPDATE.LOTMARK_ORDER",
        "STREAM.MSG.DELETE.LOTMARK_ORDER", "STREAM.RESTORE.LOTMARK_ORDER",
        "STREAM.SNAPSHOT.LOTMARK_ORDER", "STREAM.PEER.REMOVE.LOTMARK_ORDER",
        "STREAM.LEADER.STEPDOWN.LOTMARK_ORDER", "META.LEADER.STEPDOWN", "SERVER.REMOVE",
        "ACCOUNT.PURGE.LEDGER", "STREAM.CREATE.OTHER", "STREAM.LIST", "STREAM.NAMES"}) {
    const std::string subject = std::string("$JS.API.") + verb;
    EXPECT_EQ(node_.request(subject, R"({"seq":1})"), "");
    EXPECT_TRUE(node_.refused("Publish to \"" + subject)) << verb;
  }
  EXPECT_EQ(node_.state(kOrder), before);
  EXPECT_EQ(node_.read(kOrder, 1), "block 1");
}

TEST_F(NatsLedger, NodeHearsAndSaysNothingElse) {
  make_both();
  for (const char* subject : {">", "lotmark.>", kBlock, "_INBOX_lotmark.agency-2.>", "_INBOX.>",
                              "$JS.API.>", "$SYS.>", "$MQTT.sub.>"}) {
    natsSubscription* subscription = nullptr;
    (void)natsConnection_SubscribeSync(&subscription, node_.connection(), subject);
    EXPECT_TRUE(node_.refused("Subscription to \"" + std::string(subject))) << subject;
    natsSubscription_Destroy(subscription);
  }
  for (const char* subject : {"lotmark.order.other", "lotmark.v1.hualin.fridge-1.bundle",
                              "_INBOX_lotmark.agency-2.x", "$SYS.REQ.SERVER.PING"}) {
    (void)natsConnection_PublishString(node_.connection(), subject, "x");
    EXPECT_TRUE(node_.refused("Publish to \"" + std::string(subject))) << subject;
  }
}

// Streams as an engine makes them refuse a purge from anybody: whoever administrates can only delete them whole.
TEST_F(NatsLedger, AdministratorDeletesAStreamAndANodeMakesItAgain) {
  make_both();
  EXPECT_FALSE(admin_.purge(kOrder));
  EXPECT_FALSE(admin_.remove_message(kOrder, 1));
  EXPECT_FALSE(admin_.append(kBlock, "an administrator's", 3));
  EXPECT_EQ(admin_.state(kOrder), (StreamState{3, 1, 3}));
  EXPECT_TRUE(admin_.remove(kOrder));
  EXPECT_EQ(node_.state(kOrder), std::nullopt);
  EXPECT_TRUE(node_.make_stream(kOrder, kBlock));
  EXPECT_TRUE(node_.append(kBlock, "block 1", 0));
}

TEST_F(NatsLedger, AdministratorPurgesAStreamThatAllowsIt) {
  ASSERT_TRUE(node_.make_stream(kOrder, kBlock, 3, false));
  for (std::uint64_t i = 0; i < 3; ++i) ASSERT_TRUE(node_.append(kBlock, "b", i));
  EXPECT_TRUE(admin_.purge(kOrder));
  EXPECT_EQ(node_.state(kOrder), (StreamState{0, 4, 3}));
  EXPECT_TRUE(node_.append(kBlock, "after", 3));
}

TEST_F(NatsLedger, SystemUserSeesTheServersAndNoStream) {
  make_both();
  NatsClient system(*servers_, "nats-admins/agency-1/system");
  ASSERT_TRUE(system.connected());
  EXPECT_THAT(system.request("$SYS.REQ.SERVER.PING", ""), HasSubstr("nats-"));
  EXPECT_FALSE(system.purge(kOrder));
  EXPECT_FALSE(system.append(kBlock, "x", 3));
  EXPECT_EQ(node_.state(kOrder), (StreamState{3, 1, 3}));
}

TEST_F(NatsLedger, OthersCertificatesDoNotConnect) {
  for (const char* who : {"", "members/hualin-node", "members/institute-a-node", "devices/fridge-1",
                          "apis/api-1", "nats/nats-1", "nats/nats-1/route"}) {
    EXPECT_FALSE(NatsClient(*servers_, who).connected()) << who;
  }
  const NatsServers others;  // a consortium of the same names, of another CA
  const std::string theirs = (others / "members/agency-1").string();
  const auto relative = std::filesystem::relative(theirs, *servers_ / "").string();
  EXPECT_FALSE(NatsClient(*servers_, relative).connected());
}

}  // namespace
}  // namespace lotmark::test
