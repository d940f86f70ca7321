// Noticed while nodes' files were read for what an attacker, or an administrator who clears a disk, might take away: a
// node whose order.db, statements.db, evidence.db, submissions.db or private.db was gone beside its chain.db made an
// empty one and went on, though it had forgotten promises, approvals, turns it had seen, or all its records.
#include <gtest/gtest.h>

#include <fstream>

#include "ledger-node/backup/backup.h"
#include "ledger-node/node_core.h"
#include "tests/scenario/consortium.h"
#include "tests/unit/chain/temp_folder.h"

namespace lotmark::test {
namespace {

namespace fs = std::filesystem;

class LostStore : public testing::Test {
 protected:
  LostStore() {
    std::ofstream(folder / "anchor.cbor", std::ios::binary)
        .write(reinterpret_cast<const char*>(c.anchor.data()),
               static_cast<std::streamsize>(c.anchor.size()));
  }
  Status start(const Party& who, std::uint8_t scalar, const fs::path& data) {
    node::NodeConfig config;
    config.name = who.name;
    config.organisation = who.organisation;
    config.anchor = folder / "anchor.cbor";
    config.data_dir = data;
    config.primary = c.supervisors[0].kid();
    auto core = node::NodeCore::open(config, *signer_openssl(party_scalar(scalar)), c.clock.now());
    return core ? Status() : Status(core.error());
  }
  Status supervisor() {
    return start(c.supervisors[0], Consortium::supervisor_scalar(0), folder / "prov-1");
  }
  void lose(const fs::path& file) {
    for (const char* end : {"", "-wal", "-shm"}) fs::remove(file.string() + end);
  }
  Consortium c{{.agency = true}};
  TempFolder folder;
};

TEST_F(LostStore, IsNotBegunAnewBesideAChainThatNotesIt) {
  for (const char* name : {"order.db", "statements.db", "evidence.db", "submissions.db"}) {
    ASSERT_TRUE(supervisor()) << name;
    const auto file = folder / "prov-1" / name;
    fs::rename(file, folder / "kept");
    const Status gone = supervisor();
    EXPECT_EQ(gone.code(), Errc::kCorrupt) << name;
    EXPECT_NE(gone.error().text.find(file.string()), std::string::npos) << gone.error().text;
    EXPECT_FALSE(fs::exists(file)) << "and nothing is made in its place";
    std::ofstream(file).close();
    EXPECT_EQ(supervisor().code(), Errc::kCorrupt) << name << " is empty";
    lose(file);
    fs::rename(folder / "kept", file);
  }
  EXPECT_TRUE(supervisor());
}

TEST_F(LostStore, OfPrivateRowsIsNoNewBeginning) {
  const auto reviewer = [&] { return start(c.east, 3, folder / "east"); };
  ASSERT_TRUE(reviewer());
  lose(folder / "east" / "private.db");
  const Status gone = reviewer();
  EXPECT_EQ(gone.code(), Errc::kCorrupt);
  EXPECT_NE(gone.error().text.find("lotmark restore"), std::string::npos) << gone.error().text;
}

TEST_F(LostStore, OfMarksOfUseIsNoNewBeginningButByABackup) {
  const auto agency = [&](const char* data) { return start(c.west, 4, folder / data); };
  ASSERT_TRUE(agency("west"));
  ASSERT_TRUE(backup::take_backup(folder / "west", folder / "backup", c.clock.now()));
  lose(folder / "west" / "marks.db");
  EXPECT_EQ(agency("west").code(), Errc::kCorrupt);
  EXPECT_FALSE(fs::exists(folder / "west" / "marks.db"));
  fs::rename(folder / "backup" / "marks.db", folder / "west" / "marks.db");
  EXPECT_TRUE(agency("west"));
}

// What is left of the folder, by way of a backup: the node asks the others before it signs.
TEST_F(LostStore, IsLeftBehindByBackupAndRestore) {
  ASSERT_TRUE(supervisor());
  {
    auto chain = chain::PublicChain::open(folder / "prov-1" / "chain.db", c.anchor);
    ASSERT_TRUE(chain && chain->store_standing({}));
  }
  lose(folder / "prov-1" / "order.db");
  lose(folder / "prov-1" / "evidence.db");
  ASSERT_EQ(supervisor().code(), Errc::kCorrupt);
  ASSERT_TRUE(backup::take_backup(folder / "prov-1", folder / "backup", c.clock.now()));
  const auto restored =
      backup::restore(folder / "backup", folder / "anew", c.anchor, c.clock.now());
  ASSERT_TRUE(restored) << restored.error().message();
  EXPECT_TRUE(start(c.supervisors[0], Consortium::supervisor_scalar(0), folder / "anew"));
  auto chain = chain::PublicChain::open(folder / "anew" / "chain.db", c.anchor);
  ASSERT_TRUE(chain);
  EXPECT_FALSE(*chain->standing());
}

}  // namespace
}  // namespace lotmark::test
