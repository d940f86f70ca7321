#include "ledger-node/peer/token.h"

#include <gtest/gtest.h>

namespace lotmark::node {
namespace {

class Tokens : public testing::Test {
 protected:
  std::unique_ptr<Signer> caller = std::move(*signer_openssl(Bytes(32, 1)));
  std::unique_ptr<Signer> callee = std::move(*signer_openssl(Bytes(32, 2)));
  Digest chain{{7}};
  Time now = from_ms(1767600000000);
  Call call{"POST", "/peer/v1/votes?x=1", {1, 2, 3}, {}};
  TokenGate gate{chain, callee->kid()};

  void SetUp() override {
    call.authorization = *make_authorization(*caller, chain, callee->kid(), call, now);
  }
  Errc pass(const Call& c, Time at) {
    auto token = gate.read(c);
    return token ? gate.admit(*token, c, caller->public_key(), at).code() : token.code();
  }
};

TEST_F(Tokens, OneIsGoodOnceForItsOwnCall) {
  EXPECT_EQ(pass(call, now), Errc::kOk);
  EXPECT_EQ(pass(call, now), Errc::kTokenReplayed);
}

TEST_F(Tokens, AnyOtherCallIsAMismatch) {
  Call other = call;
  other.body.push_back(4);
  EXPECT_EQ(pass(other, now), Errc::kTokenMismatch);
  other = call;
  other.path = "/peer/v1/votes?x=2";
  EXPECT_EQ(pass(other, now), Errc::kTokenMismatch);
  other = call;
  other.method = "GET";
  EXPECT_EQ(pass(other, now), Errc::kTokenMismatch);
  TokenGate elsewhere(chain, caller->kid());
  auto token = elsewhere.read(call);
  ASSERT_TRUE(token);
  EXPECT_EQ(elsewhere.admit(*token, call, caller->public_key(), now).code(), Errc::kTokenMismatch);
}

TEST_F(Tokens, LastAMinuteEitherWay) {
  EXPECT_EQ(pass(call, now + Millis{60001}), Errc::kTokenExpired);
  EXPECT_EQ(pass(call, now - Millis{60001}), Errc::kTokenExpired);
  EXPECT_EQ(pass(call, now + Millis{60000}), Errc::kOk);
}

TEST_F(Tokens, AreNotGoodAgainAfterARestart) {
  EXPECT_EQ(pass(call, now), Errc::kOk);
  const Time started = now + Millis{5};
  gate = TokenGate(chain, callee->kid(), started);
  EXPECT_EQ(pass(call, now + Millis{6}), Errc::kTokenExpired);
  call.authorization = *make_authorization(*caller, chain, callee->kid(), call, started);
  EXPECT_EQ(pass(call, now + Millis{6}), Errc::kOk);
}

// A machine that started by a clock far ahead: once that is set right it takes tokens again, though none from before.
TEST_F(Tokens, AreGoodAgainAfterTheClockWasSetBack) {
  gate = TokenGate(chain, callee->kid(), now + Millis{3'600'000});
  const Time right = now + Millis{10};
  EXPECT_EQ(pass(call, right), Errc::kTokenExpired) << "it may have been used before the start";
  call.authorization = *make_authorization(*caller, chain, callee->kid(), call, right);
  EXPECT_EQ(pass(call, right), Errc::kOk);
  EXPECT_EQ(pass(call, right + Millis{1}), Errc::kTokenReplayed);
  call.authorization = *make_authorization(*caller, chain, callee->kid(), call, now);
  EXPECT_EQ(pass(call, right + Millis{2}), Errc::kTokenExpired);
}

TEST_F(Tokens, AnothersKeyAnotherChainAndNoTokenAreRefused) {
  auto token = gate.read(call);
  ASSERT_TRUE(token);
  EXPECT_EQ(gate.admit(*token, call, callee->public_key(), now).code(), Errc::kCoseSignature);
  TokenGate other_chain(Digest{{8}}, callee->kid());
  EXPECT_EQ(other_chain.read(call).code(), Errc::kCoseChain);
  call.authorization = "";
  EXPECT_EQ(pass(call, now), Errc::kDenied);
  call.authorization = "Lotmark zz";
  EXPECT_EQ(pass(call, now), Errc::kTokenMismatch);
}

}  // namespace
}  // namespace lotmark::node
