// Captured events at a standby: it answers the same queries, and promoted it goes on where the source was.
#include "tests/unit/standby/copied_events.h"

namespace lotmark::test {

namespace {

namespace fs = std::filesystem;
using Query = std::vector<std::pair<std::string, std::string>>;

TEST_F(Copied, EveryRowOfEventsIsThereAndWhatFollowsFromThem) {
  events.run();
  p.follow();
  for (const auto& [columns, table] : kEventTables)
    EXPECT_EQ(dump(p.rows(), columns, table), dump(p.plant.file("private.db"), columns, table))
        << table;
  EXPECT_EQ(dump(p.rows(), "n, 0", "event_pending"),
            dump(p.plant.file("private.db"), "n, 0", "event_pending"));
}

// A capture that comes in parts: the standby may have had it as it was between two.
TEST_F(Copied, AJobThatWentOnIsCopiedAnew) {
  events.run();
  p.follow();
  ASSERT_EQ(spoil(p.plant.file("private.db"), "UPDATE capture_job SET success = 0 WHERE k = 2"), 1);
  p.follow();
  const auto& [columns, table] = kEventTables[5];
  EXPECT_EQ(dump(p.rows(), columns, table), dump(p.plant.file("private.db"), columns, table));
}

TEST_F(Copied, TheSameQueriesAnswer) {
  events.run();
  p.follow();
  const std::string item = "https://id.gs1.org/01/" + Consortium::gtin().text;
  for (const Query& query :
       {Query{}, Query{{"EQ_bizStep", "shipping"}}, Query{{"MATCH_epc", item + "/21/3"}},
        Query{{"MATCH_epcClass", item + "/10/A-2026%2F01"}}, Query{{"EQ_eventID", "urn:x:9"}},
        Query{{"EQ_yh:shelf", "B3"}, {"EQ_bizStep", "storing"}}}) {
    const auto here = found_events(p.plant.file("private.db"), query);
    EXPECT_FALSE(here.empty());
    EXPECT_EQ(found_events(p.rows(), query), here);
  }
}

TEST_F(Copied, ACopyIsAuditedAsItsSourceIs) {
  events.run();
  p.follow();
  p.copy_chain();
  p.shut();
  const auto report = p.audit();
  EXPECT_TRUE(report.ok()) << lines(report);
  EXPECT_EQ(report.events, 50u);
}

TEST_F(Copied, PromotedItBringsTheSameTransactionAndGoesOnBehindIt) {
  events.run();
  p.follow();
  const auto done = promote();
  ASSERT_TRUE(done) << done.error().message();
  EXPECT_TRUE(done->report.ok()) << lines(done->report);
  auto db = must(chain::open_private(p.rows()));
  EXPECT_EQ(number(db, "SELECT count(*) FROM event_pending"), 3);
  EXPECT_EQ(number(db, "SELECT count(*) FROM event_pending WHERE start IS NOT NULL"), 1)
      << "the one that names the open lot waits for it";
  auto chain = must(chain::PublicChain::open(p.folder / "chain.db", p.plant.c.anchor));
  std::vector<Bytes> submitted;
  const auto recorder = recorder_over(db, chain, *p.plant.c.enterprise.signer, submitted);
  auto now = p.plant.c.clock.now();
  recorder->tick(now += Millis{10'000});
  ASSERT_EQ(submitted.size(), 1u);
  EXPECT_EQ(submitted[0], events.submitted.back());
  ASSERT_TRUE(chain.append(p.plant.blocks.period_block({}, {}, {}, {submitted[0]}), now));
  recorder->tick(now += Millis{10'000});
  ASSERT_EQ(submitted.size(), 2u);
  EXPECT_EQ(open<Transaction>(submitted[1], p.plant.c.chain)->body.prev,
            open<Transaction>(submitted[0], p.plant.c.chain)->id);
  EXPECT_EQ(number(db, "SELECT count(*) FROM event_pending"), 1);
  const auto report = chain::audit(p.rows(), p.folder / "chain.db", p.plant.c.anchor);
  ASSERT_TRUE(report);
  EXPECT_TRUE(report->ok()) << lines(*report);
}

// The step was prepared and signed and waits for its slot: its events must not go into a period record as well.
TEST_F(Copied, EventsOfAStepThatWaitsForItsSlotStayWithIt) {
  p.plant.open_batch();
  p.plant.c.clock.set(p.plant.at(9));
  p.plant.measure(0, 8);
  events.capture(3, "A-2026/01");
  events.capture(2);
  p.plant.record("filling", 1, 7, p.plant.c.qa);
  p.follow();
  ASSERT_TRUE(promote());
  auto db = must(chain::open_private(p.rows()));
  EXPECT_EQ(number(db, "SELECT count(*) FROM event_pending WHERE start IS NOT NULL"), 3);
  auto chain = must(chain::PublicChain::open(p.folder / "chain.db", p.plant.c.anchor));
  std::vector<Bytes> submitted;
  const auto recorder = recorder_over(db, chain, *p.plant.c.enterprise.signer, submitted);
  recorder->tick(p.plant.c.clock.now() + Millis{10'000});
  EXPECT_EQ(submitted.size(), 1u);
  EXPECT_EQ(number(db, "SELECT count(*) FROM event_pending"), 3);
}

// The source dies after any row: what it had not told a standby of had not left it.
TEST_F(Copied, KilledAfterAnyRowNothingIsRecordedTwice) {
  events.log_accesses(3);
  events.capture(12);
  events.capture(3);
  events.tick();
  ASSERT_EQ(events.submitted.size(), 1u);
  events.capture(2);
  events.log_accesses(1);
  p.copy_chain();
  const auto source = must(store::Database::open(p.plant.file("private.db"), {.read_only = true}));
  int promoted = 0, with_record = 0;
  for (bool more = true; more;) {
    const auto state = must(node::read_copy_state(p.copy()));
    auto page = must(node::read_copy_page(
        source, state->moved, state->tree.size(), p.plant.intake().size(),
        [&](std::uint64_t n) { return p.plant.intake().root_at(n); }, 1));
    more = !page.rows.empty();
    ASSERT_TRUE(p.follower().take(page));
    const fs::path there = p.folder / ("promoted" + std::to_string(promoted++));
    fs::create_directory(there);
    fs::copy_file(p.folder / "chain.db", there / "chain.db");
    if (fs::exists(p.folder / "chain.db-wal"))
      fs::copy_file(p.folder / "chain.db-wal", there / "chain.db-wal");
    {
      auto q = must(p.copy().prepare("VACUUM INTO ?"));
      ASSERT_TRUE(q.bind(1, (there / "private.db").string()).run());
    }
    const auto done = backup::promote(there, p.plant.c.anchor, p.plant.c.clock.now());
    ASSERT_TRUE(done) << promoted << ": " << done.error().message();
    EXPECT_TRUE(done->report.ok()) << promoted << ": " << lines(done->report);
    auto db = must(chain::open_private(there / "private.db"));
    auto chain = must(chain::PublicChain::open(there / "chain.db", p.plant.c.anchor));
    std::vector<Bytes> submitted;
    const auto recorder = recorder_over(db, chain, *p.plant.c.enterprise.signer, submitted);
    const bool had = number(db, "SELECT count(*) FROM period_record") == 1;
    with_record += had ? 1 : 0;
    recorder->tick(p.plant.c.clock.now() + Millis{10'000});
    EXPECT_TRUE(!had || submitted == events.submitted);
    EXPECT_EQ(number(db, "SELECT count(*) FROM period_record"), submitted.size());
    EXPECT_EQ(number(db,
                     "SELECT coalesce(sum(last - first + 1), 0) + (SELECT count(*) FROM "
                     "event_pending) FROM event_span"),
              number(db, "SELECT count(*) FROM event"));
    EXPECT_EQ(number(db,
                     "SELECT count(*) FROM access_span WHERE commitment NOT IN (SELECT commitment "
                     "FROM period_record)"),
              0)
        << promoted;
    EXPECT_EQ(number(db, "SELECT coalesce(sum(last - first + 1), 0) FROM access_span"),
              number(db, "SELECT coalesce(max(last), 0) FROM access_span"));
    const auto after =
        must(chain::audit(there / "private.db", there / "chain.db", p.plant.c.anchor));
    const bool any = number(db, "SELECT count(*) FROM event") != 0;
    EXPECT_TRUE(!any || after.ok()) << promoted << lines(after);
    fs::remove_all(there);
  }
  EXPECT_GT(promoted, 20);
  EXPECT_GT(with_record, 3);
}

// More rows of records in succession than a page takes: as a restore makes them.
TEST_F(Copied, APageOfNothingButRowsOfRecordsTakesTheCopyOn) {
  auto db = must(chain::open_private(p.plant.file("private.db")));
  ASSERT_TRUE(
      db.exec("WITH RECURSIVE i(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM i WHERE n < 10000) "
              "INSERT INTO access_span SELECT n, n, randomblob(32), 0 FROM i"));
  EXPECT_LT(p.follow(), 10);
  EXPECT_EQ(number(p.copy(), "SELECT count(*) FROM access_span"), 10'000);
}

}  // namespace

}  // namespace lotmark::test
