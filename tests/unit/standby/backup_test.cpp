// Backup, restore and promotion, on files.
#include <sys/stat.h>

#include <fstream>

#include "tests/unit/standby/copied_plant.h"

namespace lotmark::test {

namespace {

namespace fs = std::filesystem;

class Backup : public testing::Test {
 protected:
  Backup() {
    run_lot(plant);
    plant.log_intake();
    taken = backup::take_backup(plant.file(""), out, plant.c.clock.now());
  }
  chain::AuditReport audit(const fs::path& dir) {
    auto report = chain::audit(dir / "private.db", dir / "chain.db", plant.c.anchor);
    EXPECT_TRUE(report) << report.error().message();
    return report ? *report : chain::AuditReport{};
  }
  std::string restore_error() {
    const auto done = backup::restore(out, into, plant.c.anchor, plant.c.clock.now());
    return done ? "" : done.error().message();
  }
  std::int64_t count(const fs::path& file, const std::string& sql) {
    auto db = store::Database::open(file, {.read_only = true});
    auto q = db->prepare(sql);
    EXPECT_TRUE(q && q->step());
    return q->integer(0);
  }
  // The backup as a program made it that knew fewer tables of chain.db.
  void make_older() {
    spoil(out / "chain.db",
          "DROP TABLE used_serial; DROP TABLE serials_due; DROP TABLE store; "
          "PRAGMA user_version=10");
    spoil(out / "chain.db", "PRAGMA wal_checkpoint(TRUNCATE); PRAGMA journal_mode=DELETE");
    auto manifest = *taken;
    for (auto& f : manifest.files) f = *backup::seal_file(out, f.name);
    fs::remove(out / "manifest.json");
    ASSERT_TRUE(backup::write_manifest(out, manifest));
  }

  Plant plant;
  TempFolder folder;
  fs::path out = folder / "backup";
  fs::path into = folder / "node";
  Result<backup::Manifest> taken = Errc::kInternal;
};

TEST_F(Backup, OfANodeThatRunsIsWholeAndPrivate) {
  ASSERT_TRUE(taken) << taken.error().message();
  EXPECT_EQ(taken->intake_size, plant.intake().size());
  EXPECT_EQ(taken->intake_root, plant.intake().checkpoint().root);
  EXPECT_EQ(taken->chain, plant.c.chain);
  for (const auto& entry : fs::directory_iterator(out)) {
    struct stat s {};
    ASSERT_EQ(::stat(entry.path().c_str(), &s), 0);
    EXPECT_EQ(s.st_mode & 0777u, 0600u) << entry.path();
  }
  EXPECT_EQ(backup::take_backup(plant.file(""), out, {}).code(), Errc::kConflict);
}

TEST_F(Backup, ComesBackWholeAndAudited) {
  const auto done = backup::restore(out, into, plant.c.anchor, plant.c.clock.now());
  ASSERT_TRUE(done) << done.error().message();
  EXPECT_TRUE(audit(into).ok()) << lines(audit(into));
  EXPECT_EQ(count(into / "private.db", "SELECT count(*) FROM resumed"), 1);
  EXPECT_EQ(backup::restore(out, into, plant.c.anchor, {}).code(), Errc::kConflict);
}

TEST_F(Backup, WhatOperatorsSubmittedComesBackAndWhatIsForOnePlaceDoesNot) {
  for (const char* name : {"submissions.db", "order.db", "statements.db"})
    spoil(plant.file(name), "CREATE TABLE t(n); INSERT INTO t VALUES(7)");
  const auto second = folder / "second";
  ASSERT_TRUE(backup::take_backup(plant.file(""), second, {}));
  ASSERT_TRUE(backup::restore(second, into, plant.c.anchor, plant.c.clock.now()));
  EXPECT_EQ(count(into / "submissions.db", "SELECT n FROM t"), 7);
  EXPECT_FALSE(fs::exists(into / "order.db"));
  EXPECT_FALSE(fs::exists(into / "statements.db"));
}

// Rows without the mark would be signed on as if nothing newer had been signed: killed between the two, a second run
// found nothing to bring back and did not mark them either.
TEST_F(Backup, RowsComeBackWithTheirMarkOrNotAtAll) {
  plant.shut();
  const auto file = plant.file("private.db");
  spoil(file,
        "DELETE FROM intake WHERE idx = 1; CREATE TRIGGER torn BEFORE INSERT ON resumed BEGIN "
        "SELECT RAISE(ABORT, 'killed here'); END");
  EXPECT_FALSE(backup::restore_rows(out, plant.file(""), plant.c.anchor, plant.c.clock.now()));
  EXPECT_EQ(count(file, "SELECT count(*) FROM intake WHERE idx = 1"), 0);
  spoil(file, "DROP TRIGGER torn");
  ASSERT_TRUE(backup::restore_rows(out, plant.file(""), plant.c.anchor, plant.c.clock.now()));
  EXPECT_EQ(count(file, "SELECT count(*) FROM intake WHERE idx = 1"), 1);
  EXPECT_EQ(count(file, "SELECT count(*) FROM resumed"), 1);
}

TEST_F(Backup, RowsThatHoldLiftTheStopOfALot) {
  plant.engine().stop("A-2026/01", "tx row 2: is missing");
  plant.shut();
  const auto file = plant.file("private.db");
  ASSERT_EQ(count(file, "SELECT count(*) FROM stopped"), 1);
  ASSERT_EQ(spoil(file, "DELETE FROM tx WHERE n = 2"), 1);
  const auto done = backup::restore_rows(out, plant.file(""), plant.c.anchor, plant.c.clock.now());
  ASSERT_TRUE(done) << done.error().message();
  EXPECT_EQ(count(file, "SELECT count(*) FROM stopped"), 0);
}

TEST_F(Backup, AnotherOrganisationsChangesNothing) {
  const auto own = folder / "reviewer";
  fs::create_directory(own);
  ASSERT_TRUE(backup::restore(out, own / "data", plant.c.anchor, plant.c.clock.now()));
  const auto file = own / "data" / "private.db";
  {  // the same chain, with rows of a reviewer
    auto db = chain::open_private(file);
    ASSERT_TRUE(db);
    for (const char* table : {"life", "intake", "intake_wire", "received", "batch", "record", "tx",
                              "answer", "waiting"})
      ASSERT_TRUE(db->exec(std::string("DELETE FROM ") + table));
    auto log = chain::ReceivedLog::open(*db, *plant.c.east.signer, plant.c.chain);
    ASSERT_TRUE(log);
    const auto start = plant.c.start_signal();
    ASSERT_TRUE(
        log->log(start.id, "start", plant.c.starter.kid(), start.bytes, plant.c.clock.now()));
  }
  const auto done = backup::restore_rows(out, own / "data", plant.c.anchor, plant.c.clock.now());
  ASSERT_EQ(done.code(), Errc::kConflict);
  EXPECT_NE(done.error().text.find("yunhe"), std::string::npos) << done.error().text;
  EXPECT_EQ(count(file, "SELECT count(*) FROM intake"), 0);
}

TEST_F(Backup, WhatANodePromisedIsForgotten) {
  auto db = store::Database::open(plant.file("chain.db"));
  ASSERT_TRUE(
      db->exec("INSERT OR REPLACE INTO standing(only_one, term) VALUES(1, 4);"
               "INSERT OR REPLACE INTO own_vote(only_one, bytes) VALUES(1, x'00');"
               "INSERT OR REPLACE INTO starting VALUES(1)"));
  const auto second = folder / "second";
  ASSERT_TRUE(backup::take_backup(plant.file(""), second, {}));
  for (const char* table : {"standing", "own_vote", "starting"})
    EXPECT_EQ(count(second / "chain.db", std::string("SELECT count(*) FROM ") + table), 0) << table;
}

// Found when chain.db got its eleventh schema: backups made before could not be restored any more.
TEST_F(Backup, OneThatAnOlderProgramMadeComesBack) {
  make_older();
  EXPECT_EQ(restore_error(), "");
  EXPECT_TRUE(audit(into).ok()) << lines(audit(into));
}

TEST_F(Backup, RowsComeBackFromOneThatAnOlderProgramMade) {
  make_older();
  plant.shut();
  const auto file = plant.file("private.db");
  ASSERT_EQ(spoil(file, "DELETE FROM intake WHERE idx = 1"), 1);
  const auto done = backup::restore_rows(out, plant.file(""), plant.c.anchor, plant.c.clock.now());
  ASSERT_TRUE(done) << done.error().message();
  EXPECT_EQ(done->rows, std::vector<std::string>{"intake row 1"});
  EXPECT_TRUE(done->report.ok()) << lines(done->report);
  EXPECT_FALSE(fs::exists(fs::path(plant.file("")) / "restore-rows.part"));
  EXPECT_EQ(count(out / "chain.db", "PRAGMA user_version"), 10) << "the backup stays as it was";
}

TEST_F(Backup, OneChangedByteIsNamedAndNothingIsMade) {
  for (const char* name : {"chain.db", "private.db"}) {
    std::fstream file(out / name, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(5000);
    const int byte = file.peek();
    file.put(static_cast<char>(byte ^ 1));
    file.close();
    EXPECT_NE(restore_error().find(name), std::string::npos) << restore_error();
    EXPECT_FALSE(fs::exists(into));
    std::fstream back(out / name, std::ios::in | std::ios::out | std::ios::binary);
    back.seekp(5000);
    back.put(static_cast<char>(byte));
  }
  EXPECT_EQ(restore_error(), "");
}

TEST_F(Backup, AManifestOfAnotherFormIsNamed) {
  for (const char* text :
       {R"({"magic": 5})", R"({"magic": ["lotmark/backup/1"]})", "[]", "{", ""}) {
    std::ofstream(out / "manifest.json") << text;
    const auto done = backup::restore(out, into, plant.c.anchor, plant.c.clock.now());
    ASSERT_FALSE(done) << text;
    EXPECT_EQ(done.code(), Errc::kCorrupt) << text;
    EXPECT_NE(done.error().message().find("manifest.json"), std::string::npos) << text;
  }
}

TEST_F(Backup, AFileThatItsManifestNamesTwiceIsNamedAndNothingIsMade) {
  std::ifstream in(out / "manifest.json");
  std::string text{std::istreambuf_iterator<char>(in), {}};
  const auto begin = text.find('{', text.find("\"files\""));
  text.insert(begin, text.substr(begin, text.find('}', begin) + 1 - begin) + ",");
  std::ofstream(out / "manifest.json") << text;
  const auto done = backup::restore(out, into, plant.c.anchor, plant.c.clock.now());
  ASSERT_EQ(done.code(), Errc::kCorrupt) << done.error().message();
  EXPECT_NE(done.error().text.find("chain.db stands there twice"), std::string::npos)
      << done.error().text;
  EXPECT_FALSE(fs::exists(folder / "node.part"));
}

TEST_F(Backup, OfANodeWithoutRowsComesBack) {
  const fs::path young = folder / "young";
  fs::create_directory(young);
  ASSERT_TRUE(chain::PublicChain::open(young / "chain.db", plant.c.anchor));
  ASSERT_TRUE(chain::open_private(young / "private.db"));
  const fs::path second = folder / "second";
  ASSERT_TRUE(backup::take_backup(young, second, plant.c.clock.now()));
  const auto done = backup::restore(second, into, plant.c.anchor, plant.c.clock.now());
  EXPECT_TRUE(done) << done.error().message();
  EXPECT_TRUE(fs::exists(into / "private.db"));
}

TEST_F(Backup, WhatIsNoStandbysFolderIsLeftAsItWas) {
  const fs::path none = folder / "none";
  EXPECT_EQ(backup::promote(none, plant.c.anchor, plant.c.clock.now()).code(), Errc::kConflict);
  EXPECT_FALSE(fs::exists(none));
  const fs::path agency = folder / "agency";
  fs::create_directory(agency);
  EXPECT_EQ(backup::promote(agency, plant.c.anchor, plant.c.clock.now()).code(), Errc::kConflict);
  EXPECT_TRUE(fs::is_empty(agency));
}

// Somebody who can write a manifest too.
TEST_F(Backup, ARowThatDoesNotHoldAgainstTheChainIsNamed) {
  ASSERT_EQ(spoil(out / "private.db", "UPDATE intake SET t_to = t_to + 1 WHERE idx = 1"), 1);
  spoil(out / "private.db", "PRAGMA wal_checkpoint(TRUNCATE); PRAGMA journal_mode=DELETE");
  auto manifest = *taken;
  for (auto& f : manifest.files) f = *backup::seal_file(out, f.name);
  fs::remove(out / "manifest.json");
  ASSERT_TRUE(backup::write_manifest(out, manifest));
  EXPECT_NE(restore_error().find("intake row 1"), std::string::npos) << restore_error();
  EXPECT_FALSE(fs::exists(into));
  EXPECT_FALSE(fs::exists(folder / "node.part"));
}

TEST_F(Backup, AnUnfinishedOneIsNoBackupAndInNobodysWay) {
  fs::create_directory(folder / "torn.part");
  std::ofstream(folder / "torn.part/private.db") << "half";
  EXPECT_EQ(backup::restore(folder / "torn.part", into, plant.c.anchor, {}).code(), Errc::kIo);
  ASSERT_TRUE(backup::take_backup(plant.file(""), folder / "torn", {}));
  EXPECT_FALSE(fs::exists(folder / "torn.part"));
  fs::create_directory(folder / "node.part");
  std::ofstream(folder / "node.part/chain.db") << "half";
  EXPECT_EQ(restore_error(), "");
}

TEST_F(Backup, DamagedRowsComeBackByName) {
  plant.shut();
  const auto file = plant.file("private.db");
  ASSERT_EQ(spoil(file, "DELETE FROM intake_wire WHERE idx = 2"), 1);
  ASSERT_EQ(spoil(file, "DELETE FROM intake WHERE idx = 3"), 1);
  ASSERT_EQ(spoil(file, "UPDATE record SET time = time + 1 WHERE n = 1"), 1);
  ASSERT_EQ(spoil(file, "DELETE FROM tx WHERE n = 2"), 1);
  ASSERT_EQ(spoil(file, "UPDATE life SET seq = 1 WHERE n = 1"), 1);
  const auto done = backup::restore_rows(out, plant.file(""), plant.c.anchor, plant.c.clock.now());
  ASSERT_TRUE(done) << done.error().message();
  const std::vector<std::string> expected = {"intake row 2", "intake row 3",
                                             "record row 1 of lot A-2026/01",
                                             "tx row 2 of lot A-2026/01", "life row 1"};
  EXPECT_EQ(done->rows, expected);
  EXPECT_TRUE(done->report.ok()) << lines(done->report);
}

TEST_F(Backup, ABackupOlderThanTheDamageNamesWhatIsLeft) {
  const auto before = plant.intake().size();
  plant.measure(63, 70);
  plant.log_intake();
  const auto after = plant.intake().size();
  ASSERT_GT(after, before);
  plant.shut();
  const auto file = plant.file("private.db");
  ASSERT_EQ(spoil(file, "DELETE FROM intake WHERE idx = 0"), 1);
  ASSERT_EQ(spoil(file, "DELETE FROM intake WHERE idx = " + std::to_string(before)), 1);
  const auto done = backup::restore_rows(out, plant.file(""), plant.c.anchor, plant.c.clock.now());
  ASSERT_TRUE(done) << done.error().message();
  EXPECT_EQ(done->rows, std::vector<std::string>{"intake row 0"});
  EXPECT_FALSE(done->report.ok());
  EXPECT_NE(lines(done->report).find("intake row " + std::to_string(before) + ": is missing"),
            std::string::npos)
      << lines(done->report);
}

TEST(Promote, MakesACopyTheEnterprisesOwn) {
  CopiedPlant p;
  run_lot(p.plant);
  p.plant.log_intake();
  p.follow();
  p.copy_chain();
  p.shut();
  const auto done = backup::promote(p.folder / "", p.plant.c.anchor, p.plant.c.clock.now());
  ASSERT_TRUE(done) << done.error().message();
  EXPECT_TRUE(done->report.ok()) << lines(done->report);
  auto db = chain::open_private(p.rows());
  ASSERT_TRUE(db);
  const auto state = node::read_copy_state(*db);
  ASSERT_TRUE(state);
  EXPECT_FALSE(*state);
  EXPECT_EQ(backup::promote(p.folder / "", p.plant.c.anchor, {}).code(), Errc::kConflict);
}

TEST(Promote, ACopyWithoutRowsIsTheEnterprisesOwn) {
  CopiedPlant p;
  p.follow();
  p.copy_chain();
  p.shut();
  const auto done = backup::promote(p.folder / "", p.plant.c.anchor, p.plant.c.clock.now());
  EXPECT_TRUE(done) << done.error().message();
}

TEST_F(Backup, OneOfAnotherChainLeavesNothingAndIsNamed) {
  ConsortiumOptions later;
  later.begin = from_ms(1767700000000);
  const Consortium other(later);
  const auto done = backup::restore(out, into, other.anchor, plant.c.clock.now());
  ASSERT_FALSE(done);
  EXPECT_NE(done.error().text.find((out / "chain.db").string()), std::string::npos)
      << done.error().text;
  EXPECT_FALSE(fs::exists(into));
  EXPECT_FALSE(fs::exists(folder / "node.part"));
}

TEST_F(Backup, IsNotPromotedAndStaysAsItWas) {
  const auto done = backup::promote(out, plant.c.anchor, plant.c.clock.now());
  EXPECT_EQ(done.code(), Errc::kConflict);
  EXPECT_NE(done.error().text.find("is a backup"), std::string::npos) << done.error().text;
  EXPECT_EQ(restore_error(), "");
}

TEST(Promote, ACopyThatTheChainIsAheadOfIsNotPromoted) {
  CopiedPlant p;
  p.plant.measure(0, 12);
  p.follow();
  const auto held = p.follower().size();
  p.plant.measure(12, 20);
  p.plant.log_intake();
  p.copy_chain();
  p.shut();
  const auto done = backup::promote(p.folder / "", p.plant.c.anchor, p.plant.c.clock.now());
  EXPECT_EQ(done.code(), Errc::kCorrupt);
  EXPECT_NE(done.error().text.find("intake rows " + std::to_string(held)), std::string::npos)
      << done.error().text;
}

}  // namespace

}  // namespace lotmark::test
