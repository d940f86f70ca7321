// Thieves who know the format: whatever they recompute, a signature or the chain they do not hold
// names the row.
#include "core/base/hex.h"
#include "core/wire/cbor_reader.h"
#include "ledger-node/chain/private/batch_store.h"
#include "tests/unit/enterprise/released_plant.h"

namespace lotmark::test {
namespace {

// private.db in the hands of somebody who can write every row.
class Thief {
 public:
  Thief()
      : r_(ReleasedPlant::get()),
        file_(r_.copy()),
        db_(*store::Database::open(file_)),
        store_(db_, r_.plant.c.chain) {}

  std::vector<chain::RecordRow> rows(const Digest& start) { return *store_.records(start); }

  // Puts the record into row n, with everything that can be computed computed.
  void put(const Digest& start, chain::RecordRow row) {
    auto& d = row.record;
    d.head.segments = d.segments.size();
    d.commitment = commitment(r_.plant.c.chain, start, d.head, segments_root(d.segments));
    row.hash = row_hash(d.commitment, row.time, row.previous);
    auto q = *db_.prepare(
        "UPDATE record SET commitment = ?, head = ?, segments = ?, object = ?, evidence = ?, time "
        "= ?, "
        "previous = ?, hash = ? WHERE start = ? AND n = ?");
    q.bind(1, d.commitment)
        .bind(2, encode(d.head))
        .bind(3, chain::encode_segments(d.segments))
        .bind(4, *d.object);
    q.bind(5, d.evidence)
        .bind(6, row.time)
        .bind(7, row.previous)
        .bind(8, row.hash)
        .bind(9, start)
        .bind(10, row.n);
    ASSERT_TRUE(q.run());
  }
  // All hashes of the private chain from row n on anew.
  void rehash(const Digest& start, std::uint64_t from) {
    auto list = rows(start);
    for (std::uint64_t n = from; n < list.size(); ++n) {
      if (n > 0) list[n].previous = rows(start)[n - 1].hash;
      put(start, list[n]);
    }
  }
  // Another value in the step's note.
  chain::RecordRow falsified(std::uint64_t n) {
    auto row = rows(r_.start)[n];
    auto& last = row.record.segments.back();
    auto s = *decode<Segment>(last);
    s.content = to_bytes(as_bytes("all fine"));
    last = encode(s);
    return row;
  }
  store::Database& db() { return db_; }
  ReleasedPlant& plant() { return r_; }
  chain::AuditReport audit() { return r_.audit(file_); }

 private:
  ReleasedPlant& r_;
  std::filesystem::path file_;
  store::Database db_;
  chain::BatchStore store_;
};

TEST(AuditThief, WhoRecomputesAllLaterHashesIsNamedByTheTransaction) {
  Thief t;
  t.put(t.plant().start, t.falsified(1));
  t.rehash(t.plant().start, 1);
  const auto report = t.audit();
  EXPECT_TRUE(says(report,
                   "record row 1 (step filling) of lot A-2026/01: commitment differs from its "
                   "transaction (block 2)"))
      << lines(report);
  for (const auto& f : report.faults)
    EXPECT_EQ(f.row, 1u) << chain::to_line(f);  // and no other row
}

TEST(AuditThief, WhoHasTheAuthorsKeyTooIsNamedByTheTransaction) {
  Thief t;
  auto row = t.falsified(1);
  row.record.object = seal(Record{commitment(t.plant().plant.c.chain, t.plant().start,
                                             row.record.head, segments_root(row.record.segments)),
                                  {}},
                           *t.plant().plant.c.qa.signer, t.plant().plant.c.chain)
                          ->bytes;
  t.put(t.plant().start, row);
  t.rehash(t.plant().start, 1);
  const auto report = t.audit();
  ASSERT_EQ(report.faults.size(), 1u) << lines(report);
  EXPECT_EQ(chain::to_line(report.faults[0]),
            "record row 1 (step filling) of lot A-2026/01: commitment differs from its transaction "
            "(block 2)");
}

TEST(AuditThief, WhoPutsAnotherLotsRecordInIsNamed) {
  Thief t;
  auto row = t.rows(t.plant().start)[2];
  const auto foreign = t.rows(t.plant().other)[2];
  row.record = foreign.record;  // a decoy, properly signed, of another lot
  row.time = foreign.time;
  t.put(t.plant().start, row);
  t.rehash(t.plant().start, 2);
  const auto report = t.audit();
  EXPECT_TRUE(says(
      report,
      "record row 2 (decoy) of lot A-2026/01: commitment differs from its transaction (block 2)"))
      << lines(report);
  EXPECT_TRUE(
      says(report,
           "record row 2 (decoy) of lot A-2026/01: its author signed another commitment (block 2)"))
      << lines(report);
}

TEST(AuditThief, WhoPutsAnotherLotsTransactionInIsNamed) {
  Thief t;
  auto& r = t.plant();
  auto take = *t.db().prepare("SELECT id, object FROM tx WHERE start = ? AND n = 2");
  ASSERT_TRUE(*take.bind(1, r.other).step());
  const Digest id = *take.fixed<Digest>(0);
  const Bytes object = to_bytes(take.blob(1));
  take.reset();
  auto drop = *t.db().prepare("DELETE FROM tx WHERE start = ? AND n = 2");
  ASSERT_TRUE(drop.bind(1, r.other).run());
  auto put = *t.db().prepare("UPDATE tx SET id = ?, object = ? WHERE start = ? AND n = 2");
  ASSERT_TRUE(put.bind(1, id).bind(2, object).bind(3, r.start).run());
  // and its record with it, so that the two agree
  auto row = t.rows(r.start)[2];
  row.record = t.rows(r.other)[2].record;
  t.put(r.start, row);
  t.rehash(r.start, 2);
  const auto report = t.audit();
  EXPECT_TRUE(
      says(report,
           "tx row 2 (decoy) of lot A-2026/01: does not follow the transaction before (block 2)"))
      << lines(report);
  EXPECT_TRUE(says(
      report, "tx of lot A-2026/01: the transactions do not give the application's root (block 2)"))
      << lines(report);
}

// The enterprise itself, with every key it has: all later transactions and the application signed
// anew.
TEST(AuditThief, TheEnterpriseItselfIsNamedByItsReviewersArrivals) {
  Thief t;
  auto& r = t.plant();
  const Consortium& c = r.plant.c;
  auto row = t.falsified(1);
  row.record.object =
      seal(Record{commitment(c.chain, r.start, row.record.head, segments_root(row.record.segments)),
                  {}},
           *c.qa.signer, c.chain)
          ->bytes;
  t.put(r.start, row);
  t.rehash(r.start, 1);
  merkle::CompactRange tree;
  Digest prev = r.start;
  const auto list = t.rows(r.start);
  for (const auto& record : list) {
    auto q = *t.db().prepare("SELECT object FROM tx WHERE start = ? AND n = ?");
    ASSERT_TRUE(*q.bind(1, r.start).bind(2, record.n).step());
    const auto old = *open<Transaction>(q.blob(0), c.chain);
    q.reset();
    const auto made = *seal(Transaction{record.record.commitment, prev, old.body.time},
                            *c.enterprise.signer, c.chain);
    auto put = *t.db().prepare("UPDATE tx SET id = ?, object = ? WHERE start = ? AND n = ?");
    ASSERT_TRUE(put.bind(1, made.id).bind(2, made.bytes).bind(3, r.start).bind(4, record.n).run());
    tree.append(merkle::leaf_hash(made.id.view()));
    prev = made.id;
  }
  auto a = open<Application>(r.application, c.chain)->body;
  a.tx_root = tree.root();
  const auto application = *seal(a, *c.enterprise.signer, c.chain);
  auto put =
      *t.db().prepare("UPDATE batch SET application = ?, application_id = ? WHERE start = ?");
  ASSERT_TRUE(put.bind(1, application.bytes).bind(2, application.id).bind(3, r.start).run());
  const auto report = t.audit();
  EXPECT_TRUE(says(report,
                   "tx row 1 (step filling) of lot A-2026/01: no arrival of drug-east names this "
                   "transaction (block 2)"))
      << lines(report);
  EXPECT_TRUE(
      says(report,
           "tx of lot A-2026/01: the transactions do not give the application's root (block 2)"));
  EXPECT_TRUE(
      says(report,
           "batch of lot A-2026/01: its application is not the one that was released (block 2)"));
  // Row 0 was signed over the same words: it keeps its id and is not accused. (The rows of
  // `answer` are numbered by the ids they answer, another order.)
  for (const auto& f : report.faults) {
    if (f.table == "answer") continue;
    EXPECT_NE(f.row, std::optional<std::uint64_t>(0)) << chain::to_line(f);
  }
}

// A device's own key measures the past again, and everything in the intake log is made to fit.
TEST(AuditThief, ANewPastOfADeviceIsNotTheOneTheChainLogged) {
  Thief t;
  auto& r = t.plant();
  const Consortium& c = r.plant.c;
  auto q = *t.db().prepare(
      "SELECT w.idx, w.wire FROM intake i JOIN intake_wire w USING(idx) ORDER BY i.idx");
  std::optional<Digest> prev;
  while (*q.step()) {
    const std::uint64_t idx = q.u64(0);
    auto wire = *open_wire(q.blob(1), c.chain, [](const auto&) { return Errc::kOk; });
    if (wire.bundle.kid != c.fridge.kid()) continue;
    Bundle b = wire.bundle.body;
    wire.channels[0].quantity[0] -= 1;
    const auto root = *quantity_root(wire.salt, 0, wire.channels[0]);
    b.channels[0].annotation = root.annotation;
    b.channels[0].root = root.hash;
    b.prev = prev;
    const auto sealed = *seal(b, *c.fridge.signer, c.chain);
    prev = sealed.id;
    auto put = *t.db().prepare("UPDATE intake SET id = ? WHERE idx = ?");
    ASSERT_TRUE(put.bind(1, sealed.id).bind(2, idx).run());
    auto body = *t.db().prepare("UPDATE intake_wire SET wire = ? WHERE idx = ?");
    ASSERT_TRUE(body.bind(1, encode_wire({sealed.bytes, wire.salt, wire.channels}, b.channels))
                    .bind(2, idx)
                    .run());
  }
  auto life = *t.db().prepare("UPDATE life SET id = ? WHERE device = ?");
  ASSERT_TRUE(life.bind(1, *prev).bind(2, c.fridge.kid()).run());
  const auto report = t.audit();
  EXPECT_TRUE(says(report, "intake: rows 0 to 3 are not the ones the chain logged (block 1)"))
      << lines(report);
}

}  // namespace
}  // namespace lotmark::test
