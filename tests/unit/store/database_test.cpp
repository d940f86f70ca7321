#include "core/store/database.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>

#include "tests/unit/chain/temp_folder.h"

namespace lotmark::store {
namespace {

class Prepared : public testing::Test {
 protected:
  Prepared() { EXPECT_TRUE(db.exec("CREATE TABLE t(n); INSERT INTO t VALUES(1), (2), (3)")); }
  Query select() { return std::move(*db.prepare("SELECT n FROM t WHERE n >= ? ORDER BY n")); }

  Database db = std::move(*Database::open(":memory:"));
};

TEST_F(Prepared, AStatementLeftInTheMiddleBeginsAnewAndWithoutItsValues) {
  {
    auto q = select();
    ASSERT_TRUE(*q.bind(1, 2).step());
  }
  auto q = select();
  EXPECT_FALSE(*q.step()) << "nothing is bound";
  ASSERT_TRUE(*q.bind(1, 3).step());
  EXPECT_EQ(q.integer(0), 3);
}

TEST_F(Prepared, TwoWithOneTextRunBesideEachOther) {
  for (int round = 0; round < 2; ++round) {
    auto one = select();
    auto two = select();
    ASSERT_TRUE(*one.bind(1, 1).step());
    ASSERT_TRUE(*two.bind(1, 2).step());
    ASSERT_TRUE(*one.step());
    EXPECT_EQ(one.integer(0), 2);
    ASSERT_TRUE(*two.step());
    EXPECT_EQ(two.integer(0), 3);
  }
}

TEST_F(Prepared, OneThatFailedRunsAgain) {
  ASSERT_TRUE(db.exec("CREATE TABLE u(n UNIQUE)"));
  const auto insert = [&](int n) {
    return db.prepare("INSERT INTO u VALUES(?)")->bind(1, n).run();
  };
  ASSERT_TRUE(insert(1));
  EXPECT_EQ(insert(1).code(), Errc::kConflict);
  EXPECT_TRUE(insert(2));
}

TEST_F(Prepared, ATableThatChangedIsReadAsItIs) {
  ASSERT_TRUE(db.prepare("SELECT * FROM t"));
  ASSERT_TRUE(db.exec("ALTER TABLE t ADD COLUMN m DEFAULT 7"));
  auto q = *db.prepare("SELECT * FROM t");
  ASSERT_TRUE(*q.step());
  EXPECT_EQ(q.columns(), 2);
}

TEST_F(Prepared, AQueryMayOutliveItsDatabase) {
  auto q = select();
  db = std::move(*Database::open(":memory:"));
  ASSERT_TRUE(*q.bind(1, 3).step());
  EXPECT_EQ(q.integer(0), 3);
}

TEST(Files, ALinksTargetKeepsItsRights) {
  const test::TempFolder folder;
  const auto target = folder / "passwd";
  std::ofstream(target) << "root";
  ASSERT_EQ(::chmod(target.c_str(), 0644), 0);
  std::filesystem::create_symlink(target, folder / "order.db");
  EXPECT_EQ(Database::open(folder / "order.db").code(), Errc::kDenied);
  EXPECT_EQ(std::filesystem::status(target).permissions(), std::filesystem::perms{0644});
}

}  // namespace
}  // namespace lotmark::store
