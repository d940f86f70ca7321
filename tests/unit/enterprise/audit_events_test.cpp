// The audit down to each captured event: what it says of records, segments, numbers and bodies that do not hold.
#include "ledger-node/chain/private/batch_store.h"
#include "tests/unit/enterprise/captured_files.h"

namespace lotmark::test {
namespace {

TEST(AuditEvents, AnUntouchedFileIsFine) {
  const auto report = Captured::get().after("");
  EXPECT_TRUE(report.ok()) << lines(report);
  EXPECT_EQ(report.events, 50u);
  EXPECT_EQ(report.period_records, 2u);
}

TEST(AuditEvents, EveryThreadCountSaysTheSame) {
  auto& c = Captured::many();
  c.after("UPDATE event SET salt = zeroblob(16) WHERE n = 9; DELETE FROM event WHERE n = 4000");
  auto o = c.options();
  o.threads = 3;
  const auto three = chain::audit(o);
  o.threads = 1;
  const auto one = chain::audit(o);
  ASSERT_TRUE(three && one);
  EXPECT_EQ(lines(three->report), lines(one->report));
  EXPECT_FALSE(one->report.ok());
}

TEST(AuditEvents, AFaultSaysWhatWhichAndWhere) {
  expect_line("UPDATE event SET salt = zeroblob(16) WHERE n = 3",
              "event row 1: sha, hash or salt of events 1 to 5 do not give the root of segment 0 "
              "of period record 0");
  expect_line("UPDATE event SET salt = zeroblob(16) WHERE n = 7",
              "event row 6: sha, hash or salt of events 6 to 7 do not give the root of segment 1 "
              "of record 0 of lot A-2026/01");
  expect_line("UPDATE event SET sha = zeroblob(32) WHERE n = 3",
              "event row 3: its sha is not that of its body");
  expect_line("UPDATE event SET hash = zeroblob(32) WHERE n = 3",
              "event row 3: its hash is not the one that its body and context give");
  expect_line("DELETE FROM event WHERE n = 3", "event row 3: is missing");
  expect_line("DELETE FROM event WHERE n BETWEEN 3 AND 5",
              "event row 3: is missing, and so is all up to row 5");
  expect_line("DELETE FROM event_pending WHERE n = 48",
              "event row 48: stands in no record, and does not wait for one");
  expect_line("INSERT INTO event_pending(n) VALUES(3)",
              "event_pending row 3: waits for a record, and stands in one");
}

TEST(AuditEvents, ARecordThatTheChainLoggedAndNobodyHasAnyMoreIsNamedByItsBlock) {
  const auto report = Captured::get().after("DELETE FROM period_record");
  EXPECT_TRUE(std::ranges::any_of(report.faults, [](const auto& f) {
    return f.table == "period_record" && f.block && f.text.ends_with("is missing");
  })) << lines(report);
}

// The first record's transaction is on the chain, the second's is not yet: no fault. The other way round is one.
TEST(AuditEvents, ATransactionIsMissingOnTheChainOnlyIfALaterOneIsThere) {
  Plant plant;
  EventPlant events(plant);
  plant.open_batch();
  events.capture(1);
  events.tick();
  ASSERT_EQ(events.submitted.size(), 1u);
  const auto audited = [&] {
    auto report = chain::audit(plant.file("private.db"), plant.file("chain.db"), plant.c.anchor);
    EXPECT_TRUE(report) << report.error().message();
    return report ? *report : chain::AuditReport{};
  };
  EXPECT_TRUE(audited().ok()) << lines(audited());
  // Somebody orders the second alone, which a node would not make before the first is logged.
  const auto first = *open<Transaction>(events.submitted[0], plant.c.chain);
  auto db = *chain::open_private(plant.file("private.db"));
  RecordHead head;
  head.kind = RecordKind::kPeriod;
  head.time = first.body.time;
  head.author = plant.c.enterprise.kid();
  auto before = *db.prepare("SELECT hash, segments FROM period_record");
  ASSERT_TRUE(*before.step());
  const Digest previous = *before.fixed<Digest>(0);
  const auto segments = *chain::decode_segments(before.blob(1));
  head.segments = segments.size();
  const Digest commitment =
      lotmark::commitment(plant.c.chain, PeriodScope{"yunhe", 5}, head, segments_root(segments));
  const auto second = *seal(Transaction{commitment, first.id, head.time},
                            *plant.c.enterprise.signer, plant.c.chain);
  auto q = *db.prepare(
      "INSERT INTO period_record SELECT 5, ?, ?, ?, ?, time, hash, ?, ?, ? FROM period_record");
  q.bind(1, commitment).bind(2, encode(head)).bind(3, chain::encode_segments(segments));
  q.bind(4, seal(Record{commitment, {}}, *plant.c.enterprise.signer, plant.c.chain)->bytes);
  q.bind(5, row_hash(commitment, head.time, previous)).bind(6, second.id).bind(7, second.bytes);
  ASSERT_TRUE(q.run());
  plant.add_block(plant.blocks.period_block({}, {}, {}, {second.bytes}));
  const auto report = audited();
  EXPECT_TRUE(std::ranges::any_of(report.faults, [](const auto& f) {
    return f.table == "period_record" && f.row == 0 &&
           f.text == "its transaction is not on the chain, that of record 5 is";
  })) << lines(report);
}

TEST(AuditEvents, ANodeThatCapturedAndDidNothingElseIsKnownByItsRecords) {
  Plant plant;
  EventPlant events(plant);
  events.capture(3);
  events.tick();
  events.log_newest();
  const auto report =
      chain::audit(plant.file("private.db"), plant.file("chain.db"), plant.c.anchor);
  ASSERT_TRUE(report) << report.error().message();
  EXPECT_TRUE(report->ok()) << lines(*report);
  EXPECT_EQ(report->node, "yunhe");
}

TEST(AuditEvents, NumbersThatLeadNowhereAreNamedAndNotFollowed) {
  for (const char* sql :
       {"UPDATE event SET n = 4611686018427387904 WHERE n = 50",
        "UPDATE event SET n = 9223372036854775807 WHERE n = 50",
        "UPDATE event SET n = -5 WHERE n = 50", "UPDATE event SET n = 0 WHERE n = 50",
        "UPDATE event_span SET last = 9223372036854775807 WHERE first = 6",
        "UPDATE event_span SET first = -9 WHERE first = 6",
        "UPDATE event_set SET spans = x'8184000001193fff'",
        "UPDATE event_set SET spans = x'8184000001"
        "1b001fffffffffffff'",
        "UPDATE event_set SET spans = x'9affffffff'",
        "UPDATE period_record SET period = -3 WHERE period = 0",
        "UPDATE capture_job SET first = -1, last = 9223372036854775807",
        "UPDATE event_pending SET n = -7 WHERE n = 48"}) {
    EXPECT_FALSE(Captured::get().after(sql).ok()) << sql;
  }
}

// A document of parts: its last events were kept 5 ms behind its first.
TEST(AuditEvents, AJobInPartsBeginsAndEndsWithItsEvents) {
  const std::string parts =
      "UPDATE event SET recorded = recorded + 5 WHERE n BETWEEN 30 AND 47; UPDATE capture_job SET "
      "proceed = 1, finished = finished + 5 WHERE first = 8";
  const auto whole = Captured::get().after(parts);
  EXPECT_TRUE(whole.ok()) << lines(whole);
  for (const char* sql : {"proceed = 0", "created = created - 1", "created = created + 1",
                          "finished = finished - 1", "finished = finished + 1"}) {
    const auto report =
        Captured::get().after(parts + "; UPDATE capture_job SET " + sql + " WHERE first = 8");
    EXPECT_TRUE(names(report, "capture_job", 3)) << sql << lines(report);
  }
}

TEST(AuditEvents, ValuesOfAnotherTypeAreNamed) {
  for (const char* sql :
       {"UPDATE event SET body = 7 WHERE n = 3", "UPDATE event SET hash = 'x'",
        "UPDATE event SET recorded = 'later' WHERE n = 3",
        "UPDATE event SET context = x'00' WHERE n = 3", "UPDATE event_set SET spans = 'x'",
        "UPDATE event_span SET last = 'x'", "UPDATE period_record SET head = 5",
        "UPDATE capture_job SET errors = 5"}) {
    EXPECT_FALSE(Captured::get().after(sql).ok()) << sql;
  }
}

// A body of the deepest JSON, and one that is no UTF-8: named, not followed.
TEST(AuditEvents, AHostileBodyIsNamed) {
  std::string deep;
  for (int i = 0; i < 30000; ++i) deep += "5b";
  for (const std::string& body : {deep, std::string("ff00fe"), std::string("")}) {
    const auto report =
        Captured::get().after("UPDATE event SET body = x'" + body + "' WHERE n = 3");
    EXPECT_TRUE(names(report, "event", 3)) << lines(report);
  }
}

TEST(AuditEvents, ARecordOfManyEventsHasASegmentForEach4096) {
  auto& c = Captured::many();
  const auto clean = c.after("");
  EXPECT_TRUE(clean.ok()) << lines(clean);
  EXPECT_EQ(clean.events, 4201u);
  const auto report = c.after("UPDATE event SET salt = zeroblob(16) WHERE n = 4150");
  EXPECT_TRUE(says(report,
                   "event row 4098: sha, hash or salt of events 4098 to 4201 do not give the root "
                   "of segment 1 of period record 1"))
      << lines(report);
}

// One changed context makes a fault of every event: they leave room for others.
TEST(AuditEvents, FaultsThatAreAlikeAreCounted) {
  const auto report = Captured::many().after(
      "UPDATE event_context SET json = replace(json, 'yunhe', 'yanhe'); UPDATE period_record SET "
      "time = time + 1 WHERE period = 1; DELETE FROM event WHERE n % 3 = 0 AND n < 3000");
  EXPECT_LT(report.faults.size(), 300u);
  EXPECT_EQ(report.more, 0u);
  EXPECT_TRUE(std::ranges::any_of(
      report.faults, [](const auto& f) { return f.text.find(" more like it") != f.text.npos; }));
  EXPECT_TRUE(names(report, "period_record", 1)) << lines(report);
  EXPECT_TRUE(chain::names_its_lots(report));
}

TEST(AuditEvents, AWaitingStepsEventsAreLookedAtToo) {
  Plant plant;
  EventPlant events(plant);
  plant.open_batch();
  plant.c.clock.set(plant.at(9));
  plant.measure(0, 8);
  events.capture(3, "A-2026/01");
  plant.record("filling", 1, 7, plant.c.qa);
  events.shut();
  plant.shut();
  const auto audited = [&] {
    return *chain::audit(plant.file("private.db"), plant.file("chain.db"), plant.c.anchor);
  };
  EXPECT_TRUE(audited().ok()) << lines(audited());
  spoil(plant.file("private.db"), "UPDATE event SET salt = zeroblob(16) WHERE n = 2");
  EXPECT_TRUE(says(audited(),
                   "event row 1: sha, hash or salt of events 1 to 3 do not give the root of "
                   "segment 1 of waiting step filling of lot A-2026/01"))
      << lines(audited());
}

TEST(AuditEvents, AResumedAuditSaysTheSame) {
  auto& c = Captured::many();
  c.after(
      "UPDATE event SET sha = zeroblob(32) WHERE n = 4000; UPDATE event SET recorded = 1 WHERE n = "
      "1025");
  auto o = c.options();
  const auto whole = chain::audit(o);
  ASSERT_TRUE(whole);
  o.state = c.plant.file("state.db");
  o.resume = true;
  int ended = 0;
  for (int rounds = 0; rounds < 40; ++rounds) {
    bool first = true;
    const auto done = chain::audit(o, [&](std::string_view what, std::uint64_t, std::uint64_t) {
      return what != "event" || std::exchange(first, false);
    });
    if (done) {
      EXPECT_EQ(lines(done->report), lines(whole->report));
      EXPECT_EQ(done->report.events, whole->report.events);
      EXPECT_GT(ended, 1);
      return;
    }
    ++ended;
  }
  FAIL() << "never came to its end";
}

}  // namespace
}  // namespace lotmark::test
