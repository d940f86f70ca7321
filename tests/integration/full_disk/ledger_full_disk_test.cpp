// A disk that fills up while the ledger commits: a clear error, no damage, nothing acknowledged lost, and it goes on when
// there is room.
#include <gtest/gtest.h>

#include "ledger-node/chain/public/check.h"
#include "ledger-node/order/primary.h"
#include "tests/integration/full_disk/small_disk.h"
#include "tests/scenario/block_maker.h"

namespace lotmark::node {
namespace {

class FullDisk : public testing::Test {
 protected:
  void SetUp() override {
    if (disk.missing() != nullptr) {
      ASSERT_FALSE(disk.as_root()) << disk.missing();
      GTEST_SKIP() << "NOT RUN: " << disk.missing();
    }
    chain.emplace(open_chain());
  }
  void TearDown() override { chain.reset(); }

  test::SmallDisk disk;
  test::Consortium c;
  test::BlockMaker maker{c};
  std::optional<chain::PublicChain> chain;

  chain::PublicChain open_chain() {
    auto opened = chain::PublicChain::open(disk.path() / "chain.db", c.anchor);
    EXPECT_TRUE(opened) << opened.error().message();
    return std::move(*opened);
  }
  std::vector<Bytes> page(std::size_t blocks) {
    std::vector<Bytes> out;
    for (std::size_t i = 0; i < blocks; ++i) out.push_back(maker.period_block());
    return out;
  }
  Bytes release(const std::string& lot) {
    Application a = c.application(lot);
    a.product = std::string(200, 'v');
    const Bytes application = seal(a, *c.enterprise.signer, c.chain)->bytes;
    return seal(Release{{application}, "CN-1", Digest{{3}}, {}}, *c.east.signer, c.chain)->bytes;
  }
  void no_damage() {
    auto check = chain::ChainCheck::begin(chain->database(), c.anchor);
    ASSERT_TRUE(check);
    std::vector<chain::Fault> faults;
    for (bool over = false; !over;) {
      auto step = check->step(1000, faults);
      ASSERT_TRUE(step);
      over = *step;
    }
    for (const auto& f : faults) ADD_FAILURE() << f.text();
  }
};

TEST_F(FullDisk, AReplicaKeepsWholePagesAndGoesOn) {
  ASSERT_TRUE(chain->adopt(page(100), c.clock.now()));
  unsigned refused = 0;
  for (std::uint64_t free = 0; free < 400000; free += 40000) {
    const auto next = page(200);
    disk.fill(free);
    const std::uint64_t size = chain->size();
    const Digest root = chain->root();
    const Status done = chain->adopt(next, c.clock.now());
    if (!done) {
      ++refused;
      EXPECT_EQ(done.code(), Errc::kDiskFull) << done.error().message();
      ASSERT_TRUE(chain->write_failure());
      EXPECT_EQ(chain->write_failure()->code, Errc::kDiskFull);
      EXPECT_EQ(chain->size(), size);
      EXPECT_EQ(chain->root(), root);
    }
    disk.make_room();
    ASSERT_TRUE(chain->adopt(next, c.clock.now()));
    EXPECT_FALSE(chain->write_failure());
    EXPECT_EQ(chain->root(), maker.root());
  }
  EXPECT_GE(refused, 3u);
  no_damage();
  chain.reset();
  chain.emplace(open_chain());
  EXPECT_EQ(chain->root(), maker.root());
}

TEST_F(FullDisk, APrimaryOrdersWhatItPromisedOnceThereIsRoom) {
  ASSERT_TRUE(chain->store_standing({}));
  TurnGiver turns{*chain, *c.supervisors[0].signer, true};
  const auto open = [&] {
    return Primary::open(disk.path() / "order.db", *chain, *c.supervisors[0].signer, turns,
                         {.period = std::chrono::hours(1), .first = c.supervisors[0].kid()});
  };
  auto primary = open();
  ASSERT_TRUE(primary);
  std::set<std::string> promised;
  unsigned refused = 0;
  unsigned stuck = 0;
  const auto submit = [&](const std::string& lot) {
    const Call call{"POST", "/peer/v1/releases", release(lot), {}};
    const auto reply = (*primary)->peer(*parse_route(call.path), call, *chain->member(c.east.kid()),
                                        c.clock.now());
    if (reply && reply->ok()) promised.insert(lot);
    else if (reply && reply->error && reply->error->code == Errc::kDiskFull) ++refused;
    else ADD_FAILURE() << lot << " " << (reply && reply->error ? reply->error->message() : "");
  };
  for (unsigned round = 0; round < 8; ++round) {
    for (unsigned i = 0; i < 4; ++i) submit("K-" + std::to_string(round) + "-" + std::to_string(i));
    disk.fill(round * 12000);
    for (unsigned i = 0; i < 6; ++i) submit("F-" + std::to_string(round) + "-" + std::to_string(i));
    (*primary)->tick(c.clock.now());
    stuck += chain->write_failure() ? 1 : 0;
    disk.make_room();
    if (round % 2 == 1) primary = open();  // as after a restart
    (*primary)->tick(c.clock.now());
    EXPECT_FALSE(chain->write_failure());
  }
  EXPECT_GT(refused, 0u);
  EXPECT_GT(stuck, 0u);
  EXPECT_EQ(chain->size(), promised.size() + 1) << "each promised lot once";
  for (const auto& lot : promised)
    EXPECT_TRUE(*chain->find_lot(test::Consortium::gtin(), {lot})) << lot;
  no_damage();
}

}  // namespace
}  // namespace lotmark::node
