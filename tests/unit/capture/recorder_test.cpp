// The organisation's period chain: what is captured stands in a record, whose transaction a period block logs.
#include "ledger-node/capture/period_recorder.h"

#include "ledger-node/capture/access_store.h"
#include "ledger-node/chain/private/batch_store.h"
#include "ledger-node/chain/private/private_store.h"
#include "tests/scenario/block_maker.h"
#include "tests/unit/capture/access_entries.h"
#include "tests/unit/capture/events.h"

namespace lotmark::node::test {
namespace {

using lotmark::test::BlockMaker;
using lotmark::test::Consortium;

class Recorder : public Events {
 protected:
  Recorder() { open(); }
  void open() {
    PeriodRecorderConfig config;
    config.organisation = "yunhe";
    config.submit = [this](ByteView tx, Time) -> Status {
      submitted.push_back(to_bytes(tx));
      return refuse ? Status(fail(Errc::kNetwork, "nobody")) : Status();
    };
    config.rows_held = rows_held;
    recorder = *PeriodRecorder::open(db, chain, *c.enterprise.signer, std::move(config));
  }
  void tick() {
    c.clock.advance(Millis{6000});
    recorder->tick(c.clock.now());
  }
  void log(const std::vector<Bytes>& transactions) {
    const auto block = maker.period_block({}, {}, {}, transactions);
    ASSERT_TRUE(chain.append(block, c.clock.now()));
  }
  std::int64_t number(const std::string& sql) {
    auto q = *db.prepare(sql);
    EXPECT_TRUE(*q.step());
    return q.integer(0);
  }

  Consortium c;
  BlockMaker maker{c};
  std::filesystem::path chain_db = folder.private_db().parent_path() / "chain.db";
  chain::PublicChain chain = std::move(*chain::PublicChain::open(chain_db, c.anchor));
  store::Database db = std::move(*chain::open_private(folder.private_db()));
  void log_accesses(std::uint64_t first, std::uint64_t last) {
    for (auto n = first; n <= last; n += kAccessBatchMax) {
      const auto batch = accesses(n, std::min(last, n + kAccessBatchMax - 1));
      ASSERT_TRUE(access_log->keep(batch, c.enterprise.kid(), c.clock.now()));
    }
  }
  // The newest record's segments, each checked against the rows it was made of.
  std::vector<Segment> newest_segments(std::uint64_t& accesses_in_it) {
    auto q =
        *db.prepare("SELECT commitment, segments FROM period_record ORDER BY period DESC LIMIT 1");
    EXPECT_TRUE(*q.step());
    const Digest commitment = *q.fixed<Digest>(0);
    std::vector<Segment> out;
    const auto encoded = chain::decode_segments(q.blob(1));
    const chain::AccessSets sets(db);
    for (std::size_t i = 0; i < encoded->size(); ++i) {
      out.push_back(*decode<Segment>((*encoded)[i]));
      if (out.back().name != chain::kAccessName) continue;
      merkle::CompactRange again;
      const auto leaves = sets.leaves(commitment, i);
      EXPECT_TRUE(leaves);
      for (const auto& leaf : *leaves)
        again.append(merkle::leaf_hash(chain::access_leaf_entry(leaf)));
      EXPECT_EQ(out.back().content, chain::encode_event_tree(again));
      EXPECT_EQ(out.back().media, chain::kAccessMedia);
      accesses_in_it += leaves->size();
    }
    return out;
  }

  std::unique_ptr<AccessStore> access_log = *AccessStore::open(folder.private_db());
  std::function<std::uint64_t()> rows_held;
  std::unique_ptr<PeriodRecorder> recorder;
  std::vector<Bytes> submitted;
  bool refuse = false;
};

TEST_F(Recorder, NothingCapturedIsNoRecord) {
  tick();
  EXPECT_TRUE(submitted.empty());
}

TEST_F(Recorder, EventsStandInOneRecordAPeriodAndChainOn) {
  capture({observed("urn:x:1", 1, 0), observed("urn:x:2", 2, 0)});
  tick();
  ASSERT_EQ(submitted.size(), 1u);
  const auto first = lotmark::open<Transaction>(submitted[0], c.chain);
  ASSERT_TRUE(first);
  EXPECT_EQ(first->body.prev, c.chain) << "of the first, the chain's id";
  capture({observed("urn:x:3", 3, 0)});
  tick();
  EXPECT_EQ(submitted.size(), 1u) << "one at a time";
  log({submitted[0]});
  EXPECT_EQ(number("SELECT count(*) FROM event_pending"), 1);
  tick();
  ASSERT_EQ(submitted.size(), 2u);
  const auto second = lotmark::open<Transaction>(submitted[1], c.chain);
  EXPECT_EQ(second->body.prev, first->id);
  EXPECT_EQ(number("SELECT count(*) FROM event_pending"), 0);
  EXPECT_EQ(number("SELECT count(*) FROM period_record"), 2);

  const auto record = reader->record_of(1);
  ASSERT_TRUE(record && *record);
  EXPECT_EQ((*record)->transaction, first->id);
  EXPECT_EQ((*record)->commitment, first->body.commitment);
  EXPECT_EQ((*reader->record_of(2))->at, 1u);
  EXPECT_EQ((*reader->record_of(3))->transaction, second->id);
  EXPECT_FALSE(*reader->record_of(4));
  const auto parts = reader->records_of(2, 3);
  ASSERT_EQ(parts->size(), 2u);
  EXPECT_EQ((*parts)[0].count + (*parts)[1].count, 2u);
}

TEST_F(Recorder, WhatTheRecordHoldsFollowsFromTheRows) {
  std::vector<epcis::Json> many;
  for (int i = 0; i < 4100; ++i) many.push_back(observed("urn:x:" + std::to_string(i), i, i % 60));
  capture(many);
  tick();
  tick();
  tick();
  log({});
  auto q = *db.prepare(
      "SELECT period, commitment, head, segments, previous, hash, time FROM "
      "period_record ORDER BY period DESC LIMIT 1");
  ASSERT_TRUE(*q.step());
  const auto head = decode<RecordHead>(q.blob(2));
  const auto segments = chain::decode_segments(q.blob(3));
  ASSERT_TRUE(head && segments);
  EXPECT_EQ(head->kind, RecordKind::kPeriod);
  EXPECT_EQ(head->author, c.enterprise.kid());
  const Digest commitment = *q.fixed<Digest>(1);
  EXPECT_EQ(
      lotmark::commitment(c.chain, PeriodScope{"yunhe", q.u64(0)}, *head, segments_root(*segments)),
      commitment);
  EXPECT_EQ(row_hash(commitment, q.u64(6), *q.fixed<Digest>(4)), *q.fixed<Digest>(5));
  const chain::EventSets sets(db);
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < segments->size(); ++i) {
    const auto segment = *decode<Segment>((*segments)[i]);
    EXPECT_EQ(segment.name, chain::kEventsName);
    const auto tree = chain::read_event_tree(segment.content);
    ASSERT_TRUE(tree);
    const auto leaves = sets.leaves(commitment, i);
    ASSERT_TRUE(leaves);
    merkle::CompactRange again;
    for (const auto& leaf : *leaves) again.append(merkle::leaf_hash(chain::event_entry(leaf)));
    EXPECT_EQ(tree->count, leaves->size());
    EXPECT_EQ(tree->root, again.root());
    sum += tree->count;
  }
  EXPECT_GT(sum, 0u);
}

TEST_F(Recorder, AccessesStandInARecordBesideEventsOrAlone) {
  log_accesses(1, 3);
  tick();
  ASSERT_EQ(submitted.size(), 1u) << "no event was captured";
  std::uint64_t count = 0;
  EXPECT_EQ(newest_segments(count).size(), 1u);
  EXPECT_EQ(count, 3u);
  log({submitted[0]});
  capture({observed("urn:x:1", 1, 0)});
  log_accesses(4, 5);
  tick();
  ASSERT_EQ(submitted.size(), 2u);
  count = 0;
  const auto segments = newest_segments(count);
  ASSERT_EQ(segments.size(), 2u);
  EXPECT_EQ(segments[0].name, chain::kEventsName);
  EXPECT_EQ(segments[1].name, chain::kAccessName);
  EXPECT_EQ(count, 2u);
  const chain::AccessSets sets(db);
  EXPECT_EQ(*sets.placed(), 5u);
  EXPECT_EQ((*sets.place_of(5))->segment, 1u);
  EXPECT_EQ((*sets.place_of(5))->at, 1u);
  EXPECT_FALSE(*sets.place_of(6));
  log({submitted[1]});
  tick();
  EXPECT_EQ(submitted.size(), 2u) << "nothing new, no record";
}

TEST_F(Recorder, ManyAccessesFillSegmentsAndTheRestWaits) {
  log_accesses(1, 1);
  tick();
  log_accesses(2, 9001);
  for (int i = 0; i < 4; ++i) tick();
  log({submitted[0]});
  tick();
  ASSERT_EQ(submitted.size(), 2u);
  std::uint64_t count = 0;
  EXPECT_EQ(newest_segments(count).size(), 3u);
  EXPECT_EQ(count, 9000u);
}

TEST_F(Recorder, EveryAccessStandsInOneRecordWhateverIsKilled) {
  std::uint64_t sum = 0;
  for (std::uint64_t round = 0; round < 6; ++round) {
    log_accesses(round * 50 + 1, round * 50 + 50);
    refuse = round % 2 == 0;
    tick();
    open();  // as after a crash: what was gathered is gathered anew
    refuse = false;
    tick();
    log({submitted.back()});
    newest_segments(sum);
  }
  EXPECT_EQ(sum, 300u);
  EXPECT_EQ(number("SELECT count(*) FROM access_span"), 6);
}

// Lost when its turn came, and brought back out of a copy behind later ones.
TEST_F(Recorder, AnAccessThatCameBackGoesIntoTheNextRecord) {
  log_accesses(1, 6);
  ASSERT_TRUE(
      db.exec("CREATE TEMP TABLE kept AS SELECT * FROM access WHERE n IN (2, 3, 5); DELETE "
              "FROM access WHERE n IN (2, 3, 5)"));
  tick();
  EXPECT_EQ(number("SELECT count(*) FROM access_span"), 3) << "1, 4 and 6";
  log({submitted.back()});
  ASSERT_TRUE(db.exec("INSERT OR REPLACE INTO access SELECT * FROM kept"));
  open();
  log_accesses(7, 8);
  tick();
  std::uint64_t in_it = 0;
  EXPECT_EQ(newest_segments(in_it).size(), 3u);
  EXPECT_EQ(in_it, 5u);
  for (const char* span :
       {"first = 2 AND last = 3", "first = 5 AND last = 5", "first = 7 AND last = 8"})
    EXPECT_EQ(number(std::string("SELECT count(*) FROM access_span WHERE ") + span), 1) << span;
  log({submitted.back()});
  log_accesses(9, 9);
  tick();
  EXPECT_EQ(number("SELECT sum(last - first + 1) FROM access_span"), 9) << "each once";
  EXPECT_TRUE(chain::AccessSets(db).left_behind(10)->empty());
}

TEST_F(Recorder, AccessesOutOfOrderAreNotPlaced) {
  log_accesses(1, 9);
  const chain::AccessSets sets(db);
  EXPECT_EQ(sets.place(Digest{{1}}, {{0, 2, 9}}).code(), Errc::kConflict);
  EXPECT_EQ(sets.place(Digest{{1}}, {{0, 1, 0}}).code(), Errc::kConflict);
  EXPECT_TRUE(sets.place(Digest{{1}}, {{0, 1, 5}, {1, 6, 9}}));
  EXPECT_EQ(sets.place(Digest{{2}}, {{0, 4, 6}}).code(), Errc::kConflict) << "in two";
  EXPECT_EQ(sets.place(Digest{{2}}, {{0, 9, 9}}).code(), Errc::kConflict);
  ASSERT_TRUE(db.exec("DELETE FROM access WHERE n = 7"));
  EXPECT_EQ(sets.leaves(Digest{{1}}, 1).code(), Errc::kCorrupt);
  EXPECT_EQ(sets.leaves(Digest{{1}}, 0)->size(), 5u);
  EXPECT_TRUE(sets.leaves(Digest{{2}}, 0)->empty());
}

TEST_F(Recorder, ARestartBringsTheSameTransactionAgain) {
  refuse = true;
  capture({observed("urn:x:1", 1, 0)});
  tick();
  ASSERT_EQ(submitted.size(), 1u);
  refuse = false;
  open();
  tick();
  ASSERT_EQ(submitted.size(), 2u);
  EXPECT_EQ(submitted[0], submitted[1]);
  tick();
  EXPECT_EQ(submitted.size(), 2u) << "taken: no more";
}

// Who brings it on may have been refused meanwhile: it forgets then, and takes the same again.
TEST_F(Recorder, WhatStandsOnNoBlockIsBroughtAgain) {
  capture({observed("urn:x:1", 1, 0)});
  for (int i = 0; i < 5; ++i) tick();
  EXPECT_EQ(submitted.size(), 1u) << "24 s behind the first";
  tick();
  ASSERT_EQ(submitted.size(), 2u);
  EXPECT_EQ(submitted[1], submitted[0]);
  for (int i = 0; i < 4; ++i) tick();
  EXPECT_EQ(submitted.size(), 2u);
  log({submitted[0]});
  for (int i = 0; i < 10; ++i) tick();
  EXPECT_EQ(submitted.size(), 2u) << "a block holds it";
}

TEST_F(Recorder, NothingLeavesBeforeStandbysHoldIt) {
  std::uint64_t held = 0;
  rows_held = [&held] { return held; };
  open();
  capture({observed("urn:x:1", 1, 0)});
  tick();
  tick();
  EXPECT_TRUE(submitted.empty());
  held = 1000;
  tick();
  EXPECT_EQ(submitted.size(), 1u);
}

TEST_F(Recorder, PendingRowsCanBeMadeAnew) {
  capture({observed("urn:x:1", 1, 0), observed("urn:x:2", 2, 0)});
  tick();
  capture({observed("urn:x:3", 3, 0), observed("urn:x:4", 4, 0)});
  ASSERT_TRUE(db.exec("DELETE FROM event_pending; INSERT INTO event_pending(n) VALUES(1)"));
  ASSERT_TRUE(rebuild_pending(db));
  EXPECT_EQ(number("SELECT count(*) FROM event_pending"), 2);
  EXPECT_EQ(number("SELECT min(n) FROM event_pending"), 3);
}

// What is damaged is the audit's to name: it keeps no other event from its record.
TEST_F(Recorder, PendingRowsAreMadeAnewBesideADamagedContext) {
  ASSERT_TRUE(db.exec(
      "INSERT INTO batch(start, opening, opening_id, programme, line, gtin, lot, state, made) "
      "VALUES(x'01', x'', x'', 'p', x'', '06901234567892', 'A', 'open', 1)"));
  capture({observed("urn:x:1", 1, 0), observed("urn:x:2", 2, 0)});
  for (const char* json : {"'damaged'", "'[7]'", "NULL"}) {
    ASSERT_TRUE(db.exec(json == std::string_view("NULL")
                            ? std::string("DELETE FROM event_context")
                            : "UPDATE event_context SET json = " + std::string(json)));
    const Status done = rebuild_pending(db);
    EXPECT_TRUE(done) << json << done.error().message();
    EXPECT_EQ(number("SELECT count(*) FROM event_pending"), 2) << json;
  }
}

}  // namespace
}  // namespace lotmark::node::test
