// What core/store promises about files: whose they are, and who may read them.
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>

#include "core/store/database.h"
#include "core/store/folder_lock.h"
#include "tests/unit/chain/temp_folder.h"

namespace lotmark::store {
namespace {

unsigned mode_of(const std::filesystem::path& file) {
  struct stat st {};
  EXPECT_EQ(::stat(file.c_str(), &st), 0) << file;
  return st.st_mode & 0777u;
}

TEST(Database, RightsThatAreTooWideAreTakenBackAtOpening) {
  test::TempFolder folder;
  const auto file = folder / "private.db";
  {
    auto db = Database::open(file);
    ASSERT_TRUE(db);
    EXPECT_EQ(mode_of(file), 0600u);
    ASSERT_EQ(::chmod(file.c_str(), 0644), 0);
  }
  auto db = Database::open(file);
  ASSERT_TRUE(db);
  ASSERT_TRUE(db->exec("CREATE TABLE t(x)"));
  EXPECT_EQ(mode_of(file), 0600u);
  EXPECT_EQ(mode_of(file.string() + "-wal"), 0600u);
  ASSERT_EQ(::chmod((file.string() + "-wal").c_str(), 0640), 0);
  ASSERT_TRUE(Database::open(file));
  EXPECT_EQ(mode_of(file.string() + "-wal"), 0600u);
}

TEST(Database, APublicOneStaysReadable) {
  test::TempFolder folder;
  ASSERT_TRUE(Database::open(folder / "chain.db", {.mode = 0644}));
  ASSERT_EQ(::chmod((folder / "chain.db").c_str(), 0666), 0);
  ASSERT_TRUE(Database::open(folder / "chain.db", {.mode = 0644}));
  EXPECT_EQ(mode_of(folder / "chain.db"), 0644u);
}

// The operator's tools run as root on a folder of the node's own user.
TEST(FolderLock, IsNoLinkToAnotherFile) {
  test::TempFolder folder;
  std::ofstream(folder / "other") << "kept";
  std::filesystem::create_symlink(folder / "other", folder / "lock");
  EXPECT_EQ(FolderLock::take(folder / "").code(), Errc::kIo);
  EXPECT_EQ(std::filesystem::file_size(folder / "other"), 4u);
}

TEST(FolderLock, OneProcessAFolderUntilItLetsGo) {
  test::TempFolder folder;
  {
    auto first = FolderLock::take(folder / "node");
    ASSERT_TRUE(first) << first.error().message();
    auto second = FolderLock::take(folder / "node");
    ASSERT_FALSE(second);
    EXPECT_EQ(second.code(), Errc::kStore);
    EXPECT_NE(second.error().text.find("process " + std::to_string(::getpid())), std::string::npos)
        << second.error().text;
    EXPECT_TRUE(FolderLock::take(folder / "other"));
  }
  EXPECT_TRUE(FolderLock::take(folder / "node"));
}

}  // namespace
}  // namespace lotmark::store
