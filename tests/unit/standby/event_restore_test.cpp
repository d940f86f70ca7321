// Captured events in backups: whole, of a standby, and by rows.
#include "tests/must.h"
#include "tests/unit/enterprise/event_plant.h"
#include "tests/unit/standby/copied_plant.h"

namespace lotmark::test {

namespace {

namespace fs = std::filesystem;

struct EventBackup : testing::Test {
  EventBackup() { events.run(); }

  std::int64_t number(const fs::path& file, const std::string& sql) {
    const auto db = must(store::Database::open(file, {.read_only = true}));
    auto q = must(db.prepare(sql));
    EXPECT_TRUE(must(q.step())) << sql;
    return q.integer(0);
  }
  Time later(std::int64_t ms) {
    p.plant.c.clock.advance(Millis{ms});
    return p.plant.c.clock.now();
  }
  // Rows out of a backup taken before `sql` spoils the node's file.
  backup::RestoredRows after(const std::string& sql) {
    EXPECT_TRUE(backup::take_backup(p.plant.file(""), out, p.plant.c.clock.now()));
    events.shut();
    p.plant.shut();
    spoil(p.plant.file("private.db"), sql);
    auto done =
        backup::restore_rows(out, p.plant.file(""), p.plant.c.anchor, p.plant.c.clock.now());
    EXPECT_TRUE(done) << done.error().message();
    return done ? *std::move(done) : backup::RestoredRows{};
  }

  CopiedPlant p;
  EventPlant events{p.plant};
  fs::path out = p.folder / "backup";
  fs::path into = p.folder / "node";
};

constexpr const char* kOfLot = "SELECT count(*) FROM event_pending WHERE start IS NOT NULL";

TEST_F(EventBackup, ComesBackWholeWithWhatWaits) {
  ASSERT_TRUE(backup::take_backup(p.plant.file(""), out, p.plant.c.clock.now()));
  const auto done = backup::restore(out, into, p.plant.c.anchor, p.plant.c.clock.now());
  ASSERT_TRUE(done) << done.error().message();
  EXPECT_EQ(found_events(into / "private.db", {}), found_events(p.plant.file("private.db"), {}));
  EXPECT_EQ(number(into / "private.db", "SELECT count(*) FROM event_pending"), 3);
  EXPECT_EQ(number(into / "private.db", kOfLot), 1);
}

TEST_F(EventBackup, OfAStandbyServesAsWell) {
  p.follow();
  p.copy_chain();
  ASSERT_TRUE(backup::take_backup(p.folder / "", out, p.plant.c.clock.now()));
  const auto done = backup::restore(out, into, p.plant.c.anchor, p.plant.c.clock.now());
  ASSERT_TRUE(done) << done.error().message();
  EXPECT_EQ(found_events(into / "private.db", {}), found_events(p.plant.file("private.db"), {}));
  EXPECT_EQ(number(into / "private.db", kOfLot), 1);
}

// Between two answers of its source a standby has a record and not all rows that say which events it holds.
TEST_F(EventBackup, OfAStandbyThatLacksWhatFollowsFromItsRowsIsMadeWhole) {
  p.follow();
  spoil(p.rows(), "DELETE FROM event_span WHERE first > 5; DELETE FROM event_term WHERE n > 7");
  p.copy_chain();
  ASSERT_TRUE(backup::take_backup(p.folder / "", out, p.plant.c.clock.now()));
  const auto report = chain::audit(out / "private.db", out / "chain.db", p.plant.c.anchor);
  ASSERT_TRUE(report);
  EXPECT_TRUE(report->ok()) << lines(*report);
}

TEST_F(EventBackup, DamagedRowsOfEventsComeBackByName) {
  const auto done = after(
      "UPDATE event SET body = x'7b7d' WHERE n = 2; UPDATE event SET salt = zeroblob(16) WHERE n = "
      "3; DELETE FROM event WHERE n = 8; DELETE FROM event_context; UPDATE event_set SET spans = "
      "x'00' WHERE start IS NULL; DELETE FROM period_record WHERE period = 0; UPDATE capture_job "
      "SET errors = 'x' WHERE k = 1");
  EXPECT_TRUE(done.report.ok()) << lines(done.report);
  for (const char* row : {"event row 2", "event row 3", "event row 8", "event_context row 1",
                          "period_record row 0", "capture_job row 1"})
    EXPECT_NE(std::ranges::find(done.rows, row), done.rows.end()) << row;
  EXPECT_EQ(done.rows.size(), 8u) << "and two sets";
}

TEST_F(EventBackup, WhatFollowsFromOtherRowsIsMadeAnew) {
  const auto done = after(
      "UPDATE event_span SET first = 5000 WHERE first = 6; DELETE FROM event_span WHERE first = 1; "
      "DELETE FROM event_pending; DELETE FROM event_term WHERE n = 32; UPDATE event_set SET "
      "commitment = zeroblob(32) WHERE start IS NOT NULL");
  EXPECT_TRUE(done.report.ok()) << lines(done.report);
  EXPECT_EQ(number(p.plant.file("private.db"), kOfLot), 1);
  EXPECT_EQ(number(p.plant.file("private.db"), "SELECT count(*) FROM event_set"), 3);
  EXPECT_EQ(found_events(p.plant.file("private.db"), {{"EQ_eventID", "urn:x:31"}}).size(), 1u);
}

// The chain holds a record that the backup is older than: a second one behind the same would be evidence against the member.
TEST_F(EventBackup, AnOlderOneDoesNotBranchThePeriodChain) {
  ASSERT_TRUE(backup::take_backup(p.plant.file(""), out, p.plant.c.clock.now()));
  events.log_newest();
  events.capture(1);
  events.tick();
  ASSERT_EQ(events.submitted.size(), 3u);
  ASSERT_TRUE(backup::restore(out, into, p.plant.c.anchor, p.plant.c.clock.now()));
  auto db = must(chain::open_private(into / "private.db"));
  const Time resumed = p.plant.c.clock.now();
  std::vector<Bytes> submitted;
  const auto recorder =
      recorder_over(db, p.plant.chain(), *p.plant.c.enterprise.signer, submitted, resumed);
  recorder->tick(later(10'000));
  EXPECT_TRUE(submitted.empty()) << "the lost one may be under way still";
  events.log_newest();
  recorder->tick(later(10'000));
  recorder->tick(later(10'000));
  EXPECT_TRUE(submitted.empty());
  EXPECT_EQ(number(into / "private.db", "SELECT count(*) FROM period_record"), 2);
  EXPECT_EQ(number(into / "private.db", "SELECT count(*) FROM event_pending"), 3);
}

TEST_F(EventBackup, ARestoredOneGoesOnOnceAPeriodBlockShowsThatNothingIsMissing) {
  ASSERT_TRUE(backup::take_backup(p.plant.file(""), out, p.plant.c.clock.now()));
  ASSERT_TRUE(backup::restore(out, into, p.plant.c.anchor, p.plant.c.clock.now()));
  events.log_newest();
  auto db = must(chain::open_private(into / "private.db"));
  std::vector<Bytes> submitted;
  const Time resumed = later(1000);
  const auto recorder =
      recorder_over(db, p.plant.chain(), *p.plant.c.enterprise.signer, submitted, resumed);
  recorder->tick(later(10'000));
  EXPECT_TRUE(submitted.empty());
  p.plant.add_block(p.plant.blocks.period_block());
  recorder->tick(later(10'000));
  ASSERT_EQ(submitted.size(), 1u);
  EXPECT_EQ(open<Transaction>(submitted[0], p.plant.c.chain)->body.prev,
            open<Transaction>(events.submitted.back(), p.plant.c.chain)->id);
}

// A node that came out of an older copy captured others in their places.
TEST_F(EventBackup, AnotherEventThatHoldsIsKept) {
  const auto done = after(
      "DELETE FROM event_term WHERE n = 50; UPDATE event SET (id, hash, sha, body) = (SELECT "
      "id, hash, sha, body FROM event WHERE n = 49) WHERE n = 50");
  EXPECT_EQ(done.kept, 1u);
  EXPECT_TRUE(done.report.ok()) << lines(done.report);
}

// A context that an event of the backup's own uses is damaged, whatever stands in its place.
TEST_F(EventBackup, AContextOfEventsThatTheBackupHasComesBack) {
  const auto done = after(
      R"(UPDATE event_context SET json = replace(json, '"yh"', '"sun"'); DELETE FROM event WHERE n < 49)");
  EXPECT_EQ(number(p.plant.file("private.db"), "SELECT count(*) FROM event"), 50);
  EXPECT_EQ(number(p.plant.file("private.db"), "SELECT count(*) FROM event_context"), 1);
  EXPECT_TRUE(done.report.ok()) << lines(done.report);
}

TEST_F(EventBackup, AContextOfNewerEventsIsKeptAndTheBackupsGetsANumberOfItsOwn) {
  const auto file = p.plant.file("private.db");
  ASSERT_TRUE(backup::take_backup(p.plant.file(""), out, p.plant.c.clock.now()));
  events.shut();
  p.plant.shut();
  spoil(
      file,
      "DELETE FROM event; DELETE FROM event_context; DELETE FROM event_pending; DELETE FROM moved "
      "WHERE tab IN (9, 10)");
  {
    const auto store = must(node::EventStore::open(file));
    node::CaptureRequest r;
    r.contexts = {
        R"(["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld",{"sun":"https://sun.example/"}])"};
    r.events = {
        {0,
         R"({"type":"ObjectEvent","eventTime":"2026-05-04T00:00:00Z","eventTimeZoneOffset":"+08:00","action":"OBSERVE","epcList":["https://id.gs1.org/01/06901234567892/21/77"],"sun:row":"4"})"}};
    const auto done = must(store->capture(r, p.plant.c.clock.now()));
    ASSERT_TRUE(done.success);
  }
  ASSERT_EQ(number(file, "SELECT context FROM event"), 1);
  spoil(file,
        "UPDATE event SET n = 51; UPDATE event_pending SET n = 51; UPDATE event_term SET n = 51 "
        "WHERE n = (SELECT max(n) FROM event_term) AND t = 1777852800000; UPDATE capture_job SET "
        "first = 51, last = 51 WHERE k = (SELECT max(k) FROM capture_job)");
  for (const std::uint64_t rows : {51u, 0u}) {
    const auto done =
        backup::restore_rows(out, p.plant.file(""), p.plant.c.anchor, p.plant.c.clock.now());
    ASSERT_TRUE(done) << done.error().message();
    EXPECT_EQ(done->rows.size(), rows) << (done->rows.empty() ? "" : done->rows.front());
    EXPECT_EQ(lines(done->report), "");
  }
  EXPECT_EQ(number(file, "SELECT context FROM event WHERE n = 51"), 1);
  EXPECT_EQ(number(file, "SELECT context FROM event WHERE n = 50"), 2);
  EXPECT_EQ(number(file, "SELECT count(*) FROM event_context"), 2);
}

TEST_F(EventBackup, AJobOfAnotherIdIsKept) {
  const auto done = after(
      "UPDATE capture_job SET id = iif(substr(id, 1, 1) = '0', '1', '0') || substr(id, 2) WHERE k "
      "= "
      "2; UPDATE capture_job SET id = 'x' WHERE k = 3");
  EXPECT_EQ(done.kept, 1u);
  EXPECT_TRUE(done.report.ok()) << lines(done.report);
  EXPECT_EQ(done.rows, std::vector<std::string>{"capture_job row 3"});
}

// The backup was taken between two parts of a capture.
TEST_F(EventBackup, AJobThatCameToItsEndSinceIsKept) {
  ASSERT_EQ(spoil(p.plant.file("private.db"),
                  "UPDATE capture_job SET proceed = 1, success = 0, errors = '" +
                      std::string(node::kUnendedErrors) + "' WHERE k = 2"),
            1);
  const auto done = after("UPDATE capture_job SET success = 1, errors = '[]' WHERE k = 2");
  EXPECT_EQ(done.kept, 1u);
  EXPECT_TRUE(done.rows.empty());
  EXPECT_EQ(number(p.plant.file("private.db"), "SELECT success FROM capture_job WHERE k = 2"), 1);
}

TEST_F(EventBackup, InterruptedItChangedNothing) {
  ASSERT_TRUE(backup::take_backup(p.plant.file(""), out, p.plant.c.clock.now()));
  events.shut();
  p.plant.shut();
  const auto file = p.plant.file("private.db");
  spoil(file,
        "DELETE FROM event WHERE n = 3; DELETE FROM event_span; CREATE TRIGGER torn BEFORE INSERT "
        "ON resumed BEGIN SELECT RAISE(ABORT, 'killed here'); END");
  EXPECT_FALSE(
      backup::restore_rows(out, p.plant.file(""), p.plant.c.anchor, p.plant.c.clock.now()));
  EXPECT_EQ(number(file, "SELECT count(*) FROM event WHERE n = 3"), 0);
  EXPECT_EQ(number(file, "SELECT count(*) FROM event_span"), 0);
  spoil(file, "DROP TRIGGER torn");
  const auto done =
      backup::restore_rows(out, p.plant.file(""), p.plant.c.anchor, p.plant.c.clock.now());
  ASSERT_TRUE(done) << done.error().message();
  EXPECT_TRUE(done->report.ok()) << lines(done->report);
}

}  // namespace

}  // namespace lotmark::test
