#include "tests/sim/disk.h"

#include <gtest/gtest.h>

#include "core/store/database.h"
#include "tests/unit/chain/temp_folder.h"

namespace lotmark::sim {
namespace {

using store::Database;

// A database of numbers on a disk whose power goes.
class CutPower : public testing::TestWithParam<std::uint64_t> {
 protected:
  test::TempFolder folder;
  Disk disk{folder / "node", GetParam()};
  std::optional<Database> db;

  void SetUp() override { std::filesystem::create_directories(folder / "node"); }
  Status open(std::string_view synchronous = "FULL") {
    auto opened = Database::open(folder / "node" / "n.db");
    if (!opened) return opened.error();
    db.emplace(std::move(*opened));
    LM_TRY(db->exec("PRAGMA synchronous=" + std::string(synchronous)));
    return db->migrate({"CREATE TABLE n(n INTEGER PRIMARY KEY, filler BLOB)"});
  }
  Status add(std::uint64_t n) const {
    LM_ASSIGN(auto q, db->prepare("INSERT INTO n VALUES(?, zeroblob(3000))"));
    return q.bind(1, n).run();
  }
  void restart() {
    disk.cut_power();
    db.reset();
    disk.power_on();
  }
  std::uint64_t count() const {
    auto q = db->prepare("SELECT count(*) FROM n");
    EXPECT_TRUE(q && *q->step());
    return q->u64(0);
  }
  std::string integrity() const {
    auto q = db->prepare("PRAGMA integrity_check");
    EXPECT_TRUE(q && *q->step());
    return q->text(0);
  }
};

TEST_P(CutPower, LeavesEveryCommittedRow) {
  ASSERT_TRUE(open());
  for (std::uint64_t n = 0; n < 40; ++n) ASSERT_TRUE(add(n));
  restart();
  ASSERT_TRUE(open());
  EXPECT_EQ(count(), 40u);
  EXPECT_EQ(integrity(), "ok");
}

TEST_P(CutPower, InTheMidstOfAnyWriteLosesNothingAcknowledged) {
  ASSERT_TRUE(open());
  std::uint64_t acknowledged = 0;
  for (std::uint64_t round = 1; round < 12; ++round) {
    disk.cut_power_after(1 + (GetParam() * 7 + round * 13) % 60);
    while (disk.has_power() && add(acknowledged)) ++acknowledged;
    restart();
    ASSERT_TRUE(open());
    ASSERT_GE(count(), acknowledged);
    ASSERT_LE(count(), acknowledged + 1) << "one may have been kept without an answer";
    acknowledged = count();
    ASSERT_EQ(integrity(), "ok");
  }
}

TEST_P(CutPower, RollsBackAnOpenTransaction) {
  ASSERT_TRUE(open());
  ASSERT_TRUE(add(0));
  ASSERT_TRUE(db->exec("PRAGMA cache_size=10; BEGIN IMMEDIATE"));
  for (std::uint64_t n = 1; n < 400; ++n) ASSERT_TRUE(add(n));  // spills into the WAL
  restart();
  ASSERT_TRUE(open());
  EXPECT_EQ(count(), 1u);
  EXPECT_EQ(integrity(), "ok");
}

TEST_P(CutPower, BetweenTheCheckpointsOfACleanCloseIsHarmless) {
  ASSERT_TRUE(open());
  for (std::uint64_t n = 0; n < 20; ++n) ASSERT_TRUE(add(n));
  db.reset();  // checkpoints and deletes the WAL; the deletion is not synced
  restart();
  ASSERT_TRUE(open());
  EXPECT_EQ(count(), 20u);
  EXPECT_EQ(integrity(), "ok");
}

INSTANTIATE_TEST_SUITE_P(Seeds, CutPower, testing::Range<std::uint64_t>(1, 41));

class OneDisk : public CutPower {};
INSTANTIATE_TEST_SUITE_P(Once, OneDisk, testing::Values(1));

TEST_P(OneDisk, CanLoseWhatWasCommittedWithoutASync) {
  unsigned lost = 0;
  for (unsigned round = 0; round < 40; ++round) {
    ASSERT_TRUE(open());
    db.reset();
    ASSERT_TRUE(open("OFF"));
    const std::uint64_t before = count();
    for (std::uint64_t n = 0; n < 5; ++n) ASSERT_TRUE(add(before + n));
    restart();
    if (!open()) {
      disk.cut_power();
      disk.wipe();
      disk.power_on();
      ++lost;
    } else if (count() < before + 5) {
      ++lost;
    }
    if (db && integrity() != "ok") db.reset();
  }
  EXPECT_GT(lost, 5u);
}

TEST_P(OneDisk, FailsEveryUseWithoutPower) {
  ASSERT_TRUE(open());
  disk.cut_power();
  EXPECT_FALSE(add(1));
  EXPECT_FALSE(Database::open(folder / "node" / "other.db"));
}

TEST_P(OneDisk, FullRefusesAndDamagesNothing) {
  ASSERT_TRUE(open());
  ASSERT_TRUE(add(0));
  disk.set_full(true);
  EXPECT_EQ(add(1).code(), Errc::kDiskFull);
  disk.set_full(false);
  EXPECT_TRUE(add(1));
  restart();
  ASSERT_TRUE(open());
  EXPECT_EQ(count(), 2u);
}

TEST_P(OneDisk, WipedIsEmpty) {
  ASSERT_TRUE(open());
  ASSERT_TRUE(add(0));
  restart();
  disk.wipe();
  EXPECT_EQ(disk.size(), 0u);
  ASSERT_TRUE(open());
  EXPECT_EQ(count(), 0u);
}

TEST_P(OneDisk, LetsTwoConnectionsSeeOneAnothersCommits) {
  ASSERT_TRUE(open());
  auto second = Database::open(folder / "node" / "n.db");
  ASSERT_TRUE(second);
  ASSERT_TRUE(add(7));
  auto q = second->prepare("SELECT n FROM n");
  ASSERT_TRUE(q && *q->step());
  EXPECT_EQ(q->u64(0), 7u);
}

}  // namespace
}  // namespace lotmark::sim
