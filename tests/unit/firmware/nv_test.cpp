// The non-volatile page: no damage passes, no boot count comes twice.
#include "firmware/app/nv.h"

#include <gtest/gtest.h>

#include <algorithm>
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

// The page's two places of a block: where, how far apart, how long.
struct Block {
  std::size_t at;
  std::size_t stride;
  std::size_t size;
};
constexpr Block kIdentity{0, 160, 140};
constexpr Block kChainBlock{320, 64, 40};

void flip(FakeBoard& board, std::size_t at, std::size_t bit) {
  board.page[at + bit / 8] = static_cast<std::uint8_t>(board.page[at + bit / 8] ^ (1u << bit % 8));
}

TEST(Page, EveryFlippedBitOfTheIdentityIsSeenAndMadeGood) {
  const auto good = factory_page("filler-3", kChain.data());
  for (std::size_t place = 0; place < 2; place++) {
    for (std::size_t bit = 0; bit < kIdentity.size * 8; bit++) {
      FakeBoard board;
      board.page = good;
      flip(board, place * kIdentity.stride, bit);
      lm_nv_identity identity{};
      ASSERT_EQ(lm_nv_read_identity(&board.hal, &identity), kLmNvOk) << bit;
      ASSERT_EQ(identity.key[31], 32) << bit;
      ASSERT_EQ(board.page, good) << bit;
    }
  }
}

TEST(Page, OneFlippedBitInEachPlaceIsNoBlock) {
  const auto good = factory_page("filler-3", kChain.data());
  for (std::size_t bit = 0; bit < kIdentity.size * 8; bit++) {
    FakeBoard board;
    board.page = good;
    flip(board, 0, bit);
    flip(board, kIdentity.stride, (bit * 31) % (kIdentity.size * 8));
    lm_nv_identity identity{};
    ASSERT_EQ(lm_nv_read_identity(&board.hal, &identity), kLmNvMissing) << bit;
    ASSERT_EQ(board.nv_writes, 0);
  }
  for (std::size_t bit = 0; bit < kChainBlock.size * 8; bit++) {
    FakeBoard board;
    board.page = good;
    std::uint8_t chain[LM_DIGEST_BYTES];
    flip(board, kChainBlock.at, bit);
    ASSERT_EQ(lm_nv_read_chain(&board.hal, chain), kLmNvOk) << bit;
    ASSERT_EQ(std::memcmp(chain, kChain.data(), sizeof chain), 0);
    flip(board, kChainBlock.at + kChainBlock.stride, bit);
    ASSERT_EQ(lm_nv_read_chain(&board.hal, chain), kLmNvMissing) << bit;
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
  for (std::size_t at = 448; at < 464; at++) {
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
  std::memset(board.page.data() + 448, 0xff, 64);
  std::uint64_t boot = 0;
  EXPECT_EQ(lm_nv_count_boot(&board.hal, &boot), kLmNvMissing);
}

TEST(Chain, TornEnrolmentLeavesNoneOrAllAndCanBeRepeated) {
  for (std::size_t write = 0; write < 2; write++) {
    for (std::size_t cut = 0; cut < 40; cut++) {
      FakeBoard board;
      board.page = factory_page("m", nullptr);
      board.cut_at(write, cut);
      EXPECT_EQ(lm_nv_write_chain(&board.hal, kChain.data()), kLmNvIo);
      board.power_on();
      std::uint8_t chain[LM_DIGEST_BYTES];
      EXPECT_EQ(lm_nv_read_chain(&board.hal, chain), write == 0 ? kLmNvMissing : kLmNvOk) << cut;
      EXPECT_EQ(lm_nv_write_chain(&board.hal, kChain.data()), kLmNvOk);
      EXPECT_EQ(lm_nv_read_chain(&board.hal, chain), kLmNvOk);
      lm_nv_identity identity{};
      EXPECT_EQ(lm_nv_read_identity(&board.hal, &identity), kLmNvOk);
    }
  }
}

class Seeded : public testing::Test {
 protected:
  Seeded() {
    for (std::size_t i = 0; i < sizeof seed; i++) seed[i] = static_cast<std::uint8_t>(0xa0 + i);
    std::memcpy(wanted.machine, "filler-3", 8);
    wanted.machine_size = 8;
    EXPECT_TRUE(lm_nv_make_seed_page(&wanted, seed, kChain.data(), fresh.data()));
    EXPECT_EQ(lm_nv_derive(seed, &wanted), 0);
  }
  bool seed_in(const std::array<std::uint8_t, LM_NV_PAGE_BYTES>& page) const {
    return std::search(page.begin(), page.end(), seed, seed + sizeof seed) != page.end();
  }
  void expect_settled(FakeBoard& board) {
    lm_nv_identity identity{};
    ASSERT_EQ(lm_nv_read_identity(&board.hal, &identity), kLmNvOk);
    EXPECT_EQ(std::memcmp(identity.key, wanted.key, LM_KEY_BYTES), 0);
    EXPECT_EQ(std::memcmp(identity.secret, wanted.secret, LM_SECRET_BYTES), 0);
    EXPECT_EQ(std::string(identity.machine, identity.machine_size), "filler-3");
    std::array<std::uint8_t, LM_NV_PAGE_BYTES> settled{};
    ASSERT_TRUE(lm_nv_make_page(&wanted, kChain.data(), settled.data()));
    EXPECT_EQ(board.page, settled);
  }

  std::uint8_t seed[LM_SEED_BYTES];
  lm_nv_identity wanted{};
  std::array<std::uint8_t, LM_NV_PAGE_BYTES> fresh{};
};

TEST_F(Seeded, FirstPowerUpMakesTheKeyAndWipesTheSeed) {
  FakeBoard board;
  board.page = fresh;
  EXPECT_TRUE(seed_in(board.page));
  expect_settled(board);
  EXPECT_FALSE(seed_in(board.page));
  board.nv_writes = 0;
  expect_settled(board);
  EXPECT_EQ(board.nv_writes, 0);
}

TEST_F(Seeded, EachSeedIsAnotherKeyAndNoKeyStandsInItsSeed) {
  lm_nv_identity other{};
  std::set<std::string> keys;
  for (unsigned bit = 0; bit < 8 * LM_SEED_BYTES; bit += 7) {
    std::uint8_t changed[LM_SEED_BYTES];
    std::memcpy(changed, seed, sizeof changed);
    changed[bit / 8] = static_cast<std::uint8_t>(changed[bit / 8] ^ (1u << bit % 8));
    ASSERT_EQ(lm_nv_derive(changed, &other), 0);
    keys.emplace(other.key, other.key + LM_KEY_BYTES);
    keys.emplace(other.secret, other.secret + LM_SECRET_BYTES);
  }
  EXPECT_EQ(keys.size(), 2u * ((8 * LM_SEED_BYTES + 6) / 7));
}

TEST_F(Seeded, PowerCutAtAnyByteOfTheFirstPowerUpEndsInTheSameKey) {
  for (std::size_t write = 0; write < 2; write++) {
    for (std::size_t cut = 0; cut <= kIdentity.size; cut++) {
      FakeBoard board;
      board.page = fresh;
      board.cut_at(write, cut);
      lm_nv_identity identity{};
      ASSERT_EQ(lm_nv_read_identity(&board.hal, &identity), kLmNvIo);
      board.power_on();
      expect_settled(board);
    }
  }
}

TEST_F(Seeded, DamagedSeedMakesNoKey) {
  for (std::size_t bit = 0; bit < 124 * 8; bit++) {
    FakeBoard board;
    board.page = fresh;
    flip(board, kIdentity.stride, bit);
    lm_nv_identity identity{};
    ASSERT_EQ(lm_nv_read_identity(&board.hal, &identity), kLmNvMissing) << bit;
  }
}

}  // namespace
}  // namespace lotmark::test
