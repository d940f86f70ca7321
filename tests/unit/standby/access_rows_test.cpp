// The access log's rows where an enterprise's files are audited, copied and brought back.
#include "core/base/hex.h"
#include "core/crypto/sha256.h"
#include "tests/must.h"
#include "tests/unit/capture/access_entries.h"
#include "tests/unit/enterprise/event_plant.h"
#include "tests/unit/standby/copied_plant.h"

namespace lotmark::test {

namespace {

namespace fs = std::filesystem;

// Two period records, the first with accesses 1 to 4, the second with 5 to 7; 8 and 9 wait.
struct AccessRows : testing::Test {
  AccessRows() {
    events.log_accesses(4);
    events.capture(3);
    events.tick();
    events.log_newest();
    events.log_accesses(3);
    events.tick();
    events.log_accesses(2);
  }

  fs::path file() { return p.plant.file("private.db"); }
  std::int64_t number(const std::string& sql) {
    const auto db = must(store::Database::open(file(), {.read_only = true}));
    auto q = must(db.prepare(sql));
    EXPECT_TRUE(must(q.step())) << sql;
    return q.integer(0);
  }
  void shut() {
    events.shut();
    p.plant.shut();
  }
  chain::AuditReport audit() {
    return must(chain::audit(file(), p.plant.file("chain.db"), p.plant.c.anchor));
  }
  // What an audit says of the files after `sql`.
  std::string after(const std::string& sql) {
    shut();
    spoil(file(), sql);
    return lines(audit());
  }
  static bool says(const std::string& all, const std::string& part) {
    return all.find(part) != std::string::npos;
  }

  CopiedPlant p;
  EventPlant events{p.plant};
  fs::path out = p.folder / "backup";
};

// ---- against the period records -------------------------------------------------------------

TEST_F(AccessRows, StandInPeriodRecordsAndTheAuditFindsThemThere) {
  EXPECT_EQ(number("SELECT count(*) FROM period_record"), 2);
  EXPECT_EQ(number("SELECT max(last) FROM access_span"), 7);
  const auto report = audit();
  EXPECT_TRUE(report.ok()) << lines(report);
}

TEST_F(AccessRows, ASaltThatWasChangedDoesNotGiveTheRoot) {
  const auto said = after("UPDATE access SET salt = zeroblob(16) WHERE n = 2");
  EXPECT_TRUE(says(said, "access row 1: salt, by or sha of accesses 1 to 4")) << said;
}

TEST_F(AccessRows, ASpanThatIsMissingOrWrongIsNamed) {
  const auto said = after("DELETE FROM access_span WHERE first = 5");
  EXPECT_TRUE(says(said, "access_span (period record")) << said;
  EXPECT_TRUE(says(said, "counts 3 accesses, its span names 0")) << said;
}

TEST_F(AccessRows, ASpanThatNamesMoreThanThereCanBeIsNotRead) {
  const auto said = after("UPDATE access_span SET last = 1152921504606846976 WHERE first = 5");
  EXPECT_TRUE(says(said, "a span of accesses goes from 5 to")) << said;
}

// ---- each row -------------------------------------------------------------------------------

TEST_F(AccessRows, ARowIsWhatItsEntrySays) {
  const auto said = after(
      "UPDATE access SET entry = x'80' WHERE n = 1; UPDATE access SET number = 900 WHERE n = 2; "
      "UPDATE access SET salt = x'00', by = x'00' WHERE n = 3; UPDATE access SET logged = 5 WHERE "
      "n = 8; UPDATE access SET run = zeroblob(8) WHERE n = 9");
  for (const char* part :
       {"access row 1: its sha is not that of its entry", "access row 1: its entry cannot be read",
        "access row 2: its run and number are not", "access row 3: its salt has another size",
        "access row 3: its by is no key's id", "access row 8: its logged is before",
        "access row 9: its run and number are not"})
    EXPECT_TRUE(says(said, part)) << part << " in " << said;
}

TEST_F(AccessRows, ARowThatIsMissingIsNamedWhereverItStood) {
  EXPECT_TRUE(says(after("DELETE FROM access WHERE n IN (3, 9)"), "access row 3: is missing"));
  EXPECT_TRUE(says(lines(audit()), "access row 9: is missing, and so is all up to row 9"))
      << lines(audit());
}

TEST_F(AccessRows, SpansFollowOneAnother) {
  EXPECT_TRUE(says(after("UPDATE access_span SET first = 6 WHERE first = 5"),
                   "access_span row 6: passes over access 5"));
  EXPECT_TRUE(says(after("UPDATE access_span SET first = 4 WHERE first = 6"),
                   "access_span row 4: goes from 4 to 7, the one before ends at 4"));
  EXPECT_TRUE(says(after("UPDATE access_span SET commitment = zeroblob(32) WHERE first = 4"),
                   "access_span row 4: its commitment is of no period record"));
}

TEST_F(AccessRows, ANumberThatARowHadIsNotGivenAgain) {
  events.shut();
  spoil(file(), "DELETE FROM access WHERE n = 9");
  const auto log = must(node::AccessStore::open(file()));
  EXPECT_EQ(must(log->keep(node::test::accesses(40, 41), p.plant.c.enterprise.kid(),
                           p.plant.c.clock.now()))
                .added,
            2u);
  EXPECT_EQ(number("SELECT max(n) FROM access"), 11);
}

// The period chain goes on over a row that is gone, and says nothing of it.
TEST_F(AccessRows, BehindOneThatIsMissingANewSegmentBegins) {
  events.log_newest();
  spoil(file(), "DELETE FROM access WHERE n = 8");
  events.log_accesses(2);
  events.tick();
  EXPECT_EQ(number("SELECT first FROM access_span WHERE last = 11"), 9);
  const auto said = lines(audit());
  EXPECT_EQ(said, "access row 8: is missing\n");
}

// ---- out of a backup ------------------------------------------------------------------------

struct AccessBackup : AccessRows {
  backup::RestoredRows restored(const std::string& sql) {
    EXPECT_TRUE(backup::take_backup(p.plant.file(""), out, p.plant.c.clock.now()));
    shut();
    spoil(file(), sql);
    return must(
        backup::restore_rows(out, p.plant.file(""), p.plant.c.anchor, p.plant.c.clock.now()));
  }
  static bool named(const backup::RestoredRows& done, const char* row) {
    return std::ranges::find(done.rows, row) != done.rows.end();
  }
};

TEST_F(AccessBackup, RowsAndSpansComeBackByName) {
  const auto done = restored(
      "DELETE FROM access WHERE n IN (2, 9); UPDATE access SET entry = x'80' WHERE n = 4; UPDATE "
      "access SET salt = zeroblob(16) WHERE n = 8; UPDATE access_span SET commitment = "
      "zeroblob(32) WHERE first = 1; UPDATE access_span SET first = 6 WHERE first = 5; INSERT INTO "
      "access_span VALUES(77, 78, zeroblob(31), 0)");
  EXPECT_TRUE(done.report.ok()) << lines(done.report);
  for (const char* row : {"access row 2", "access row 4", "access row 8", "access row 9",
                          "access_span row 1", "access_span row 5", "access_span row 77"})
    EXPECT_TRUE(named(done, row)) << row;
  EXPECT_EQ(done.rows.size(), 7u);
  EXPECT_EQ(number("SELECT count(*) FROM access_span"), 2);
}

TEST_F(AccessBackup, AnotherAccessThatHoldsIsKept) {
  const auto other = node::test::accesses(500, 500).front();
  const auto done = restored("UPDATE access SET number = 500, entry = x'" + to_hex(other) +
                             "', sha = x'" + to_hex(sha256(other)) + "' WHERE n = 9");
  EXPECT_EQ(done.kept, 1u);
  EXPECT_TRUE(done.report.ok()) << lines(done.report);
  EXPECT_EQ(number("SELECT number FROM access WHERE n = 9"), 500);
}

TEST_F(AccessBackup, OneThatWasBroughtAgainUnderAnotherNumberStandsOnce) {
  const auto done = restored("UPDATE access SET n = 10 WHERE n = 9");
  EXPECT_EQ(number("SELECT count(*) FROM access"), 9);
  EXPECT_EQ(number("SELECT max(n) FROM access"), 10);
}

}  // namespace

}  // namespace lotmark::test
