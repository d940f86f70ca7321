// A node opened private.db for its engines, then for its intake, then for the look through all rows. Each time the
// file itself was opened and closed beside SQLite, and with that close the kernel let go of all POSIX locks that the
// process held on it. The next program that wrote to the file and ended took itself for the last one, folded the
// log into the file and deleted it; the node went on writing to a file without a name. Its rows were acked and gone.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ledger-node/chain/private/audit_files.h"
#include "tests/unit/chain/temp_folder.h"

namespace lotmark::test {

namespace {

// What another process would see.
bool is_locked(const std::filesystem::path& file) {
  const pid_t child = ::fork();
  if (child == 0) {
    struct flock lock {};
    lock.l_type = F_WRLCK;
    lock.l_whence = SEEK_SET;
    const int fd = ::open(file.c_str(), O_RDWR);
    ::_exit(fd >= 0 && ::fcntl(fd, F_GETLK, &lock) == 0 && lock.l_type != F_UNLCK ? 0 : 1);
  }
  int status = 1;
  ::waitpid(child, &status, 0);
  return status == 0;
}

class LocksLetGo : public testing::Test {
 protected:
  LocksLetGo() {
    auto opened = store::Database::open(file);
    EXPECT_TRUE(opened);
    db.emplace(*std::move(opened));
    EXPECT_TRUE(db->exec("CREATE TABLE t(n); INSERT INTO t VALUES(1)"));
    EXPECT_TRUE(is_locked(file));
  }
  TempFolder folder;
  std::filesystem::path file = folder / "private.db";
  std::optional<store::Database> db;
};

TEST_F(LocksLetGo, NotByASecondConnection) {
  auto second = store::Database::open(file);
  ASSERT_TRUE(second);
  EXPECT_TRUE(is_locked(file));
  second = Errc::kInternal;  // closed
  EXPECT_TRUE(is_locked(file));
}

TEST_F(LocksLetGo, NotByAnAuditOfTheFile) {
  {
    auto audited = chain::AuditFile::open(file);
    ASSERT_TRUE(audited);
    EXPECT_TRUE(audited->follows());
  }
  EXPECT_TRUE(is_locked(file));
}

}  // namespace

}  // namespace lotmark::test
