// The non-volatile page: no damage passes, no boot count comes twice.
#include "firmware/app/nv.h"

#include <gtest/gtest.h>

#include <cstring>
#include <set>

#include "tests/unit/firmware/fake_hal.h"

namespace lotmark::test {
namespace {

const std::array<std::uint8_t, LM_DIGEST_BYTES> kChain = [] {
  std::array<std::uint8_t, LM_DIGEST_BYTES> c{};
  c.fill(0xc4);
  return c;
}();

TEST(Page, HoldsWhatTheFactoryWrote) {
  FakeBoard board;
  board.page = factory_page("filler-3", kChain.data());
  lm_nv_identity identity{};
  ASSERT_EQ(lm_nv_read_identity(&board.hal, &identity), kLmNvOk);
  EXPECT_EQ(std::string(identity.machine, identity.machine_size), "filler-3");
  EXPECT_EQ(identity.key[31], 32);
  std::array<std::uint8_t, LM_DIGEST_BYTES> chain{};
  ASSERT_EQ(lm_nv_read_chain(&board.hal, chain.data()), kLmNvOk);
  EXPECT_EQ(chain, kChain);
}

TEST(Page, EveryFlippedBitOfABlockIsSeen) {
  const auto good = factory_page("filler-3", kChain.data());
  for (std::size_t bit = 0; bit < 168 * 8; bit++) {
    if (bit >= 108 * 8 && bit < 128 * 8) continue;  // between the blocks
    FakeBoard board;
    board.page = good;
    board.page[bit / 8] = static_cast<std::uint8_t>(board.page[bit / 8] ^ (1u << bit % 8));
    lm_nv_identity identity{};
    std::uint8_t chain[LM_DIGEST_BYTES];
    const bool in_identity = bit < 108 * 8;
    EXPECT_EQ(lm_nv_read_identity(&board.hal, &identity), in_identity ? kLmNvMissing : kLmNvOk)
        << bit;
    EXPECT_EQ(lm_nv_read_chain(&board.hal, chain), in_identity ? kLmNvOk : kLmNvMissing) << bit;
  }
}

TEST(Page, ErasedOrZeroedIsNoPage) {
  for (const auto fill : {std::uint8_t{0x00}, std::uint8_t{0xff}}) {
    FakeBoard board;
    board.page.fill(fill);
    lm_nv_identity identity{};
    std::uint8_t chain[LM_DIGEST_BYTES];
    std::uint64_t boot = 0;
    EXPECT_EQ(lm_nv_read_identity(&board.hal, &identity), kLmNvMissing);
    EXPECT_EQ(lm_nv_read_chain(&board.hal, chain), kLmNvMissing);
    EXPECT_EQ(lm_nv_count_boot(&board.hal, &boot), kLmNvMissing);
    EXPECT_EQ(board.nv_writes, 0);
  }
}

TEST(Page, MachineOutOfRangeIsRefused) {
  const auto refused = [](const std::string& m) { return factory_page(m, nullptr)[0] == 0xff; };
  EXPECT_TRUE(refused(""));
  EXPECT_TRUE(refused("a\x01"));
  EXPECT_FALSE(refused(std::string(64, 'm')));
}

TEST(BootCount, RisesByOneAPowerUp) {
  FakeBoard board;
  board.page = factory_page("m", nullptr);
  for (std::uint64_t expected = 1; expected <= 600; expected++) {
    std::uint64_t boot = 0;
    ASSERT_EQ(lm_nv_count_boot(&board.hal, &boot), kLmNvOk);
    ASSERT_EQ(boot, expected);
  }
}

// Cuts the power at every byte of the write, from many counts, so that carries and both slots come
// up.
TEST(BootCount, TornWriteNeitherRepeatsNorLosesACount) {
  for (int before : {0, 1, 2, 3, 254, 255, 256, 257}) {
    for (std::size_t cut = 0; cut <= 16; cut++) {
      FakeBoard board;
      board.page = factory_page("m", nullptr);
      std::uint64_t last = 0;
      for (int i = 0; i < before; i++) ASSERT_EQ(lm_nv_count_boot(&board.hal, &last), kLmNvOk);
      board.cut_after = cut;
      std::uint64_t never = 77;
      ASSERT_EQ(lm_nv_count_boot(&board.hal, &never), kLmNvIo);
      ASSERT_EQ(never, 77u) << "a count was given out that may not have been stored";
      board.cut_after.reset();
      board.nv_fails = false;
      std::uint64_t next = 0;
      ASSERT_EQ(lm_nv_count_boot(&board.hal, &next), kLmNvOk);
      // The torn count was never used: it may come now, or be skipped if all of it was written.
      ASSERT_GT(next, last);
      ASSERT_LE(next, last + 2);
    }
  }
}

TEST(BootCount, TornAgainAndAgainStillRises) {
  FakeBoard board;
  board.page = factory_page("m", nullptr);
  std::set<std::uint64_t> used;
  std::uint64_t last = 0;
  for (std::size_t i = 0; i < 2000; i++) {
    board.nv_fails = false;
    board.cut_after.reset();
    if (i % 3 != 0) board.cut_after = (i * 7) % 17;
    std::uint64_t boot = 0;
    if (lm_nv_count_boot(&board.hal, &boot) != kLmNvOk) continue;
    ASSERT_GT(boot, last);
    ASSERT_TRUE(used.insert(boot).second);
    last = boot;
  }
  EXPECT_GE(used.size(), 600u);
}

// A cell between old and new can read as anything: the half-written slot holds rubbish in any one
// byte.
TEST(BootCount, RubbishInTheOlderSlotDoesNotMatter) {
  FakeBoard board;
  board.page = factory_page("m", nullptr);
  std::uint64_t boot = 0;
  for (int i = 0; i < 5; i++) ASSERT_EQ(lm_nv_count_boot(&board.hal, &boot), kLmNvOk);
  const auto good = board.page;  // 5 in slot B, 4 in slot A
  for (std::size_t at = 192; at < 208; at++) {
    for (unsigned value = 0; value < 256; value++) {
      board.page = good;
      board.page[at] = static_cast<std::uint8_t>(value);
      ASSERT_EQ(lm_nv_count_boot(&board.hal, &boot), kLmNvOk);
      ASSERT_EQ(boot, 6u);
    }
  }
}

TEST(BootCount, BothSlotsLostIsNoCount) {
  FakeBoard board;
  board.page = factory_page("m", nullptr);
  std::memset(board.page.data() + 192, 0xff, 64);
  std::uint64_t boot = 0;
  EXPECT_EQ(lm_nv_count_boot(&board.hal, &boot), kLmNvMissing);
}

TEST(Chain, TornEnrolmentLeavesNoneAndCanBeRepeated) {
  for (std::size_t cut = 0; cut < 40; cut++) {
    FakeBoard board;
    board.page = factory_page("m", nullptr);
    board.cut_after = cut;
    EXPECT_EQ(lm_nv_write_chain(&board.hal, kChain.data()), kLmNvIo);
    board.cut_after.reset();
    board.nv_fails = false;
    std::uint8_t chain[LM_DIGEST_BYTES];
    EXPECT_EQ(lm_nv_read_chain(&board.hal, chain), kLmNvMissing) << cut;
    EXPECT_EQ(lm_nv_write_chain(&board.hal, kChain.data()), kLmNvOk);
    EXPECT_EQ(lm_nv_read_chain(&board.hal, chain), kLmNvOk);
    lm_nv_identity identity{};
    EXPECT_EQ(lm_nv_read_identity(&board.hal, &identity), kLmNvOk);
  }
}

}  // namespace
}  // namespace lotmark::test
