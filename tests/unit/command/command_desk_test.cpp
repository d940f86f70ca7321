// What an operator may ask of gateways, and what the node signs for it.
#include "ledger-node/command/command_desk.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "core/base/hex.h"
#include "tests/scenario/consortium.h"
#include "tests/unit/chain/temp_folder.h"

namespace lotmark::node {
namespace {

using Json = nlohmann::json;
constexpr std::uint64_t kMost = (std::uint64_t{1} << 53) - 1;

class CommandDeskTest : public testing::Test {
 protected:
  Reply ask(const std::string& body, Time now) {
    const Route route = *parse_route("/control/v1/commands");
    const auto& by = chain_.all_enrolled().at(c_.qa.kid());
    auto reply = desk_.control(
        route, {"POST", "/control/v1/commands", to_bytes(as_bytes(body)), ""}, by, now);
    EXPECT_TRUE(reply) << "the route is not the desk's";
    return reply ? std::move(*reply) : Reply();
  }
  Reply ask(const Json& body) { return ask(body.dump(), c_.clock.now()); }
  Command sent(const Reply& reply) {
    EXPECT_EQ(reply.status, 200) << as_text(reply.body);
    EXPECT_EQ(reply.messages.size(), 1u);
    if (reply.messages.size() != 1) return {};
    auto object = open<Command>(reply.messages[0].payload, c_.chain);
    EXPECT_TRUE(object && object->verified_by(c_.enterprise.key()));
    return object ? object->body : Command{};
  }
  std::string why(const Reply& reply) {
    EXPECT_EQ(reply.status, 400);
    EXPECT_TRUE(reply.messages.empty());
    return std::string(as_text(reply.body));
  }

  test::Consortium c_;
  test::TempFolder folder_;
  chain::PublicChain chain_ = std::move(*chain::PublicChain::open(folder_ / "chain.db", c_.anchor));
  CommandDesk desk_{chain_, *c_.enterprise.signer, "yunhe"};
};

TEST_F(CommandDeskTest, ACommandIsSignedForTheDevicesKeyAndGoesToItsTopic) {
  const Reply reply = ask({{"device", "fridge-1"}, {"command", "resend"}, {"from", kMost}});
  const Command c = sent(reply);
  EXPECT_EQ(c.device, c_.fridge.kid());
  EXPECT_EQ(c.command, CommandKind::kResend);
  EXPECT_EQ(c.from, kMost);
  const auto now = static_cast<std::uint64_t>(to_ms(c_.clock.now()));
  EXPECT_EQ(c.counter, now);
  EXPECT_EQ(c.expiry, now + 600000);
  EXPECT_EQ(reply.messages[0].topic, "lotmark/v1/yunhe/fridge-1/command");
  const Json said = Json::parse(as_text(reply.body));
  EXPECT_EQ(said["kid"], to_hex(c_.fridge.kid()));
  EXPECT_EQ(said["counter"], now);
}

TEST_F(CommandDeskTest, ResendWithoutAPlaceBeginsAtTheFirst) {
  EXPECT_EQ(sent(ask({{"device", "fridge-1"}, {"command", "resend"}})).from, 1u);
}

TEST_F(CommandDeskTest, CountersRiseWithinAMillisecondAndWhenTheClockIsSetBack) {
  const std::string body = R"({"device": "fridge-1", "command": "check"})";
  const auto first = sent(ask(body, c_.clock.now())).counter;
  EXPECT_EQ(sent(ask(body, c_.clock.now())).counter, first + 1);
  EXPECT_EQ(sent(ask(body, c_.clock.now() - Millis{3600000})).counter, first + 2);
}

TEST_F(CommandDeskTest, WhatCannotBeMeantIsRefusedByItsKey) {
  const Json good = {{"device", "fridge-1"}, {"command", "resend"}};
  const std::pair<const char*, Json> bad[] = {
      {"from", 0},    {"from", kMost + 1}, {"from", -1},       {"from", "7"},
      {"from", 1.5},  {"valid_s", 0},      {"valid_s", 86401}, {"command", "boot"},
      {"command", 1}, {"device", Json()},  {"counter", 100},   {"command", "Check"},
  };
  for (const auto& [key, value] : bad) {
    Json body = good;
    body[key] = value;
    EXPECT_NE(why(ask(body)).find(key), std::string::npos) << body;
  }
  EXPECT_NE(why(ask({{"device", "fridge-1"}, {"command", "check"}, {"from", 7}})).find("resend"),
            std::string::npos);
  for (const char* text : {"", "{", "[]", "7"}) {
    EXPECT_NE(why(ask(text, c_.clock.now())).find("JSON"), std::string::npos) << text;
  }
  EXPECT_NE(ask(std::string(5000, ' '), c_.clock.now()).status, 200);
}

TEST_F(CommandDeskTest, OnlyDevicesOfTheNodesOwnMemberAreCommanded) {
  EXPECT_EQ(ask({{"device", "qa-1"}, {"command", "check"}}).status, 404);  // an operator
  EXPECT_EQ(ask({{"device", "nobody"}, {"command", "check"}}).status, 404);
  CommandDesk other(chain_, *c_.east.signer, "drug-east");
  const auto& by = chain_.all_enrolled().at(c_.examiner.kid());
  const std::string body = R"({"device": "fridge-1", "command": "check"})";
  const auto reply = other.control(*parse_route("/control/v1/commands"),
                                   {"POST", "", to_bytes(as_bytes(body)), ""}, by, c_.clock.now());
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->status, 404);
  EXPECT_EQ(ask({{"device", to_hex(c_.fridge.kid())}, {"command", "check"}}).status, 200);
}

}  // namespace
}  // namespace lotmark::node
