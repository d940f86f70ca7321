// What is kept of evidence, how often, and what is not.
#include "core/proof/evidence_writer.h"
#include "ledger-node/evidence/evidence_store.h"
#include "tests/unit/chain/chain_fixture.h"

namespace lotmark::node {
namespace {

class Keeping : public chain::ChainTest {
 protected:
  EvidenceStore store = *EvidenceStore::open(folder / "", c.anchor);
  // Each time another pair of blocks.
  Bytes fork() {
    test::BlockMaker other = maker;
    const Bytes a = maker.period_block();
    c.clock.advance(Millis{1});
    return *proof::make_block_fork(a, other.period_block(), {});
  }
  Result<bool> keep(const Bytes& file) { return store.keep(file, {}, c.clock.now()); }
};

TEST_F(Keeping, TheSameAccusationIsKeptOnce) {
  const Bytes file = fork();
  EXPECT_TRUE(*keep(file));
  EXPECT_FALSE(*keep(file));
  EXPECT_EQ(store.size(), 1u);
  EXPECT_TRUE(store.against(c.supervisors[0].kid(), EvidenceKind::kBlockFork));
  EXPECT_FALSE(store.against(c.supervisors[0].kid(), EvidenceKind::kTurnFork));
  EXPECT_FALSE(store.against(c.supervisors[1].kid(), EvidenceKind::kBlockFork));
}

TEST_F(Keeping, NoSingleChangedByteIsKept) {
  const Bytes file = fork();
  for (std::size_t i = 0; i < file.size(); i += 3) {
    Bytes bad = file;
    bad[i] = static_cast<std::uint8_t>(bad[i] ^ 1);
    EXPECT_FALSE(keep(bad)) << i;
  }
  EXPECT_EQ(store.size(), 0u);
}

TEST_F(Keeping, OneCulpritCannotFillIt) {
  for (std::uint64_t i = 0; i < EvidenceStore::kFilesOfOne; ++i) EXPECT_TRUE(*keep(fork()));
  EXPECT_EQ(keep(fork()).code(), Errc::kTooLarge);
  EXPECT_EQ(store.turned_away(), 1u);
  EXPECT_EQ(store.size(), EvidenceStore::kFilesOfOne);
}

TEST_F(Keeping, FilesAreReadOnlyByTheirOwnerAndServedInOrder) {
  const Bytes one = fork();
  const Bytes two = fork();
  EXPECT_TRUE(*keep(one));
  EXPECT_TRUE(*keep(two));
  EXPECT_EQ(*store.files(1, 1), std::vector<Bytes>{one});
  EXPECT_EQ(*store.files(1, 1 << 20), (std::vector<Bytes>{one, two}));
  EXPECT_EQ(*store.file(2), two);
  EXPECT_EQ(store.file(3).code(), Errc::kNotFound);
  const auto list = store.list();
  ASSERT_EQ(list->size(), 2u);
  for (const auto& e : *list) {
    const auto rights = std::filesystem::status(folder / "evidence" / e.file).permissions();
    EXPECT_EQ(rights, std::filesystem::perms(0600));
  }
}

}  // namespace
}  // namespace lotmark::node
