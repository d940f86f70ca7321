// Ids that come again after the blocks that had them were cut.
#include "ledger-node/chain/public/check.h"
#include "tests/unit/cut/cut_fixture.h"

namespace lotmark::chain {
namespace {

using CutIds = CutTest;
using test::Consortium;

TEST_F(CutIds, AnIdThatCameAgainIsForgottenWithItsBlock) {
  two_days();
  const Digest applied = (*chain.find_lot(Consortium::gtin(), {"A-0"}))->application;
  grow(maker.cut_block(claim(1, 8)));
  finish();
  test::BlockMaker theirs = maker;
  grow(maker.refusal_block(applied));
  ASSERT_TRUE(chain.adopt({theirs.term_block(1)}, c.clock.now()));
  maker = theirs;
  grow(maker.refusal_block(applied));
  EXPECT_EQ(**chain.block_of(applied), 12u);
}

TEST_F(CutIds, IdsOfCutBlocksCountNoMoreWhetherOrNotTheyAreDropped) {
  two_days();
  const Digest applied = (*chain.find_lot(Consortium::gtin(), {"A-0"}))->application;
  const CutPlan p = plan();
  test::BlockMaker uncut = maker;
  EXPECT_EQ(append(uncut.refusal_block(applied)).code(), Errc::kListDuplicate);
  grow(maker.cut_block(claim(p.first, p.last)));
  grow(maker.refusal_block(applied));
  test::BlockMaker twice = maker;
  EXPECT_EQ(append(twice.refusal_block(applied)).code(), Errc::kListDuplicate);
  finish();
  ASSERT_TRUE(chain.drop_bodies(100));
  twice = maker;
  EXPECT_EQ(append(twice.refusal_block(applied)).code(), Errc::kListDuplicate);
  EXPECT_EQ(**chain.block_of(applied), chain.size() - 1);
}

// A node that dropped the first two blocks takes it: so does one that did not yet.
TEST_F(CutIds, AnIdThatComesAThirdTimeIsTakenDroppedOrNot) {
  two_days();
  const Digest applied = (*chain.find_lot(Consortium::gtin(), {"A-0"}))->application;
  grow(maker.cut_block(claim(1, 8)));
  grow(maker.refusal_block(applied));
  const std::uint64_t second = chain.size() - 1;
  pass(3 * kDay);
  grow(maker.period_block());
  finish();
  const CutPlan p = plan();
  ASSERT_GE(p.last, second);
  test::BlockMaker uncut = maker;
  EXPECT_EQ(append(uncut.refusal_block(applied)).code(), Errc::kListDuplicate);
  grow(maker.cut_block(claim(p.first, p.last)));
  finish();
  test::BlockMaker theirs = maker;
  grow(maker.refusal_block(applied));
  EXPECT_EQ(**chain.block_of(applied), chain.size() - 1);
  test::BlockMaker fourth = maker;
  EXPECT_EQ(append(fourth.refusal_block(applied)).code(), Errc::kListDuplicate);
  ASSERT_TRUE(chain.adopt({theirs.term_block(1)}, c.clock.now()));
  maker = theirs;
  EXPECT_EQ(**chain.block_of(applied), second) << "the third was taken back";
  grow(maker.refusal_block(applied));
  auto check = *ChainCheck::begin(chain.database(), c.anchor);
  std::vector<Fault> found;
  ASSERT_TRUE(check.step(chain.size(), found));
  EXPECT_TRUE(found.empty()) << found.front().text();
  while (*chain.drop_bodies(3) > 0) {
    EXPECT_EQ(**chain.block_of(applied), chain.size() - 1);
  }
  fourth = maker;
  EXPECT_EQ(append(fourth.refusal_block(applied)).code(), Errc::kListDuplicate);
}

}  // namespace
}  // namespace lotmark::chain
