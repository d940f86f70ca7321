#include "ledger-node/replicate/submitter.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "core/wire/public_level.h"
#include "tests/scenario/consortium.h"
#include "tests/unit/chain/temp_folder.h"

namespace lotmark {
namespace {

class Submitting : public testing::Test {
 protected:
  Submitting() {
    const Recall recall{test::Consortium::gtin(), LotNumber{"A-1"}, true, "glass in vials", 1};
    const auto object = seal(recall, *c.supervisors[0].signer, c.chain);
    EXPECT_TRUE(object && submitter->submit(object->bytes, c.clock.now()));
  }
  // What is sent within so many seconds, each answered by `reply`.
  int sent(int seconds, const node::Reply& reply) {
    int calls = 0;
    for (int i = 0; i < seconds * 4; ++i) {
      for (auto& call : submitter->tick(c.clock.now())) {
        ++calls;
        call.done(reply);
      }
      c.clock.advance(Millis{250});
    }
    return calls;
  }
  std::string field(const char* name) {
    const auto call = node::Call{"GET", "/control/v1/submissions", {}, ""};
    const auto reply = submitter->control(*node::parse_route(call.path), call, {}, c.clock.now());
    return nlohmann::json::parse(reply->body)[0][name];
  }

  test::Consortium c;
  test::TempFolder folder;
  std::size_t primary = 1;
  chain::PublicChain chain = *chain::PublicChain::open(folder / "chain.db", c.anchor);
  std::unique_ptr<node::Submitter> submitter = *node::Submitter::open(
      folder / "submissions.db", chain, *c.supervisors[0].signer,
      [this] { return std::optional(c.supervisors[primary].kid()); },
      [](const node::Route&, const node::Call&, Time) { return std::optional<node::Reply>(); });
};

// A primary that lies, or that knows a rule less, would end what an operator asked for: the node's own check says what is
// refused for good.
TEST_F(Submitting, WhatThePrimaryAloneRefusesWaitsAndIsAskedAgainOnceAMinute) {
  const node::Reply lie{400, "", {}, fail(Errc::kFieldType, "no recall")};
  EXPECT_EQ(sent(30, lie), 1);
  EXPECT_EQ(field("state"), "waiting");
  EXPECT_NE(field("error").find("no recall"), std::string::npos) << field("error");
  EXPECT_EQ(sent(60, lie), 1);
  EXPECT_GT(sent(60, {}), 1) << "as often as ever, once it is taken";
  EXPECT_EQ(field("state"), "promised");
  EXPECT_EQ(field("error"), "");
}

TEST_F(Submitting, AnotherPrimaryIsAskedAtOnce) {
  EXPECT_EQ(sent(5, {400, "", {}, fail(Errc::kFieldType, "no recall")}), 1);
  primary = 2;
  EXPECT_EQ(sent(1, {}), 1);
}

}  // namespace
}  // namespace lotmark
