// Who may open a term, and who signs in it.
#include "ledger-node/chain/public/term_reach.h"
#include "tests/unit/chain/chain_fixture.h"

namespace lotmark::chain {
namespace {

class Terms : public ChainTest {
 protected:
  // To the second supervisor for term 1, by `by`.
  Bytes delegation(const test::Party& by, std::uint64_t term = 1, std::uint64_t from = 1) {
    const Delegation d{term, c.supervisors[1].kid(), from, 0};
    return seal(d, *by.signer, c.chain)->bytes;
  }
  Errc opened_with(ByteView delegation) {
    test::BlockMaker other = maker;
    return append(other.delegated_term_block(1, delegation));
  }
};

TEST_F(Terms, ATermBlockOpensAHigherTermAndItsSignerHoldsIt) {
  EXPECT_EQ(append(maker.period_block()), Errc::kOk);
  EXPECT_EQ(append(maker.term_block(1)), Errc::kOk);
  EXPECT_EQ(append(maker.period_block()), Errc::kOk);
  EXPECT_EQ(*chain.holder(0), c.supervisors[0].kid());
  EXPECT_EQ(*chain.holder(1), c.supervisors[1].kid());
  EXPECT_EQ(append(maker.term_block(2, 3)), Errc::kOk) << "attempts that failed used numbers up";
  EXPECT_EQ(*chain.holder(5), c.supervisors[2].kid());
}

// Numbers end at 2^53-1: who opens the last term leaves none for anybody after it.
TEST_F(Terms, NoBlockLeapsToTheLastTerms) {
  EXPECT_EQ(append(maker.term_block(1)), Errc::kOk);
  test::BlockMaker far = maker;
  EXPECT_EQ(append(far.term_block(2, kTermLeap)), Errc::kBlockTerm);
  EXPECT_EQ(append(maker.term_block(2, kTermLeap - 1)), Errc::kOk);
}

TEST_F(Terms, AnotherMembersBlockIsNotOfTheTerm) {
  EXPECT_EQ(append(maker.term_block(1)), Errc::kOk);
  Block b;
  b.kind = BlockKind::kPeriod;
  b.term = 1;
  b.number = 2;
  b.prev = maker.tip();
  b.time = static_cast<std::uint64_t>(to_ms(c.clock.now()));
  b.body = PeriodBody{};
  EXPECT_EQ(append(seal(b, *c.supervisors[0].signer, c.chain)->bytes), Errc::kBlockSigner);
}

TEST_F(Terms, ADelegationIsSignedByASupervisorOrItsOperatorForThatTermAndMember) {
  EXPECT_EQ(opened_with(delegation(c.qa)), Errc::kBlockSigner) << "an enterprise's operator";
  EXPECT_EQ(opened_with(delegation(c.east)), Errc::kBlockSigner);
  EXPECT_EQ(opened_with(delegation(c.stranger)), Errc::kBlockSigner);
  EXPECT_EQ(opened_with(delegation(c.regulator, 2)), Errc::kBlockTerm);
  EXPECT_EQ(opened_with(delegation(c.regulator, 1, 2)), Errc::kBlockTerm);
  Bytes forged = delegation(c.regulator);
  forged.back() = static_cast<std::uint8_t>(forged.back() ^ 1);
  EXPECT_EQ(opened_with(forged), Errc::kCoseSignature);
  EXPECT_EQ(append(maker.delegated_term_block(2, delegation(c.regulator))), Errc::kBlockTerm)
      << "it names the second, not the third";
  EXPECT_EQ(chain.size(), 1u);
  maker = test::BlockMaker(c);
  EXPECT_EQ(append(maker.delegated_term_block(1, delegation(c.regulator))), Errc::kOk);
}

TEST_F(Terms, WhatANodePromisedIsRememberedAndTheLastCounts) {
  EXPECT_FALSE(*chain.standing());
  ASSERT_TRUE(chain.store_standing({3, c.supervisors[1].kid(), {1, 2}}));
  ASSERT_TRUE(chain.store_standing({4, {}, {}}));
  chain = open_chain();
  const auto standing = chain.standing();
  ASSERT_TRUE(standing && *standing);
  EXPECT_EQ((*standing)->term, 4u);
  EXPECT_EQ((*standing)->asker, std::nullopt);
  EXPECT_FALSE(chain.may_sign_in(3));
  EXPECT_TRUE(chain.may_sign_in(4));
}

}  // namespace
}  // namespace lotmark::chain
