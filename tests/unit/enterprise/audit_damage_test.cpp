// What a thief deletes whole, numbers that lead nowhere, tables that are none, and files that must stay as
// they are.
#include <fstream>

#include "core/base/hex.h"
#include "tests/unit/enterprise/released_plant.h"

namespace lotmark::test {
namespace {

namespace fs = std::filesystem;
using Strings = std::vector<std::string>;

std::string start_is(const Digest& start) { return "start = x'" + to_hex(start) + "'"; }

// The statements that delete a lot as if it had never been.
std::string without_lot(const Digest& start) {
  const std::string of = " WHERE " + start_is(start);
  return "DELETE FROM answer WHERE object IN (SELECT id FROM tx" + of +
         " UNION SELECT opening_id FROM batch" + of + " UNION SELECT application_id FROM batch" +
         of + ") OR length(reply) < 64;DELETE FROM record" + of + ";DELETE FROM tx" + of +
         ";DELETE FROM waiting" + of + ";DELETE FROM batch" + of;
}

constexpr const char* kAllLots =
    "DELETE FROM record;DELETE FROM answer;DELETE FROM tx;DELETE FROM batch;DELETE FROM waiting";
constexpr const char* kEverything =
    ";DELETE FROM received;DELETE FROM intake;DELETE FROM intake_wire;DELETE FROM life;DELETE FROM "
    "evidence;DELETE FROM intake_clock;DELETE FROM review";

class AuditDamage : public testing::Test {
 protected:
  // The audit after `sql` on a copy of private.db and `chain_sql` on one of chain.db.
  chain::AuditReport after(const std::string& sql, const std::string& chain_sql = "") {
    file_ = r.copy();
    chain_ = r.plant.file("chain-copy.db");
    for (const char* tail : {"", "-wal", "-shm"}) fs::remove(chain_.string() + tail);
    fs::copy_file(r.plant.file("chain.db"), chain_);
    if (!sql.empty()) spoil(file_, sql);
    if (!chain_sql.empty()) spoil(chain_, chain_sql);
    auto report = chain::audit(file_, chain_, r.plant.c.anchor);
    EXPECT_TRUE(report) << sql << chain_sql << ": " << report.error().message();
    return report ? *report : chain::AuditReport{};
  }
  void named(const std::string& sql, const std::string& line, const std::string& chain_sql = "") {
    const auto report = after(sql, chain_sql);
    EXPECT_TRUE(says(report, line)) << sql << chain_sql << lines(report);
  }

  ReleasedPlant& r = ReleasedPlant::get();
  fs::path file_, chain_;
};

TEST_F(AuditDamage, ADeletedLotIsNamedByItsBlock) {
  const std::string line = "batch of lot A-2026/01: is missing, the chain released it (block 2)";
  named(without_lot(r.start), line);
  named(kAllLots, line);
  const auto report = after(without_lot(r.start));
  EXPECT_EQ(report.faults.size(), 1u) << "and nothing else" << lines(report);
}

TEST_F(AuditDamage, AnEmptiedDatabaseIsNobodys) {
  named(std::string(kAllLots) + kEverything,
        "private.db: nothing in it says whose it is: no arrival, opening or device of a member");
}

TEST_F(AuditDamage, EveryBatchNeedsItsStartSignal) {
  named("DELETE FROM received",
        "batch of lot A-2026/01: its start signal is not in the received log (block 2)");
  named("DELETE FROM received WHERE idx = (SELECT max(idx) FROM received)",
        "batch of lot A-2026/01: its start signal is not in the received log (block 2)");
}

// The one undecided lot stands for a refused one: nothing on the chain names it.
TEST_F(AuditDamage, AnOpenLotHasATransactionForEverySlotBeforeANewerHead) {
  const std::string of = " WHERE " + start_is(r.other);
  const std::string unanswered = "DELETE FROM answer WHERE object IN (SELECT id FROM tx" + of +
                                 " AND n >= 4) OR object IN "
                                 "(SELECT application_id FROM batch" +
                                 of + ")";
  named(
      unanswered +
          ";UPDATE batch SET state = 'open', application = NULL, application_id = NULL, "
          "product = NULL, expires = NULL" +
          of + ";DELETE FROM record" + of + " AND n >= 4;DELETE FROM tx" + of + " AND n >= 4",
      "tx of lot A-2026/02: 4 transactions, 7 were due when this node signed the head in block 1");
}

// Only one member keeps lots here, so a refusal nobody else can have applied for is its own.
TEST_F(AuditDamage, ARefusedLotSetBackToOpenIsNamedByTheRefusal) {
  Plant p;
  run_lot(p);
  p.tick_until(63);
  p.log_intake();
  p.add_block(p.blocks.refusal_block(open<Application>(*p.application(), p.c.chain)->id));
  p.tick_until(66);
  p.shut();
  const auto clean = chain::audit(p.file("private.db"), p.file("chain.db"), p.c.anchor);
  ASSERT_TRUE(clean);
  EXPECT_TRUE(clean->ok()) << lines(*clean);
  spoil(
      p.file("private.db"),
      "DELETE FROM answer WHERE object = (SELECT application_id FROM batch);UPDATE batch SET state "
      "= 'open', application = NULL, application_id = NULL, block = NULL, product = NULL, "
      "expires = NULL");
  const auto report = chain::audit(p.file("private.db"), p.file("chain.db"), p.c.anchor);
  ASSERT_TRUE(report);
  ASSERT_EQ(report->faults.size(), 1u) << lines(*report);
  EXPECT_EQ(chain::to_line(report->faults[0]),
            "batch: none applied with what was refused, and no other member keeps lots (block 2)");
}

TEST_F(AuditDamage, AShorterLogIsNamedOnceByTheLargestHead) {
  const auto report =
      after("DELETE FROM intake WHERE idx = 3;DELETE FROM intake_wire WHERE idx = 3");
  EXPECT_TRUE(says(report, "intake: holds 3 rows, the chain logged 4 (block 1)")) << lines(report);
}

// ---- numbers ----------------------------------------------------------------------------------

TEST_F(AuditDamage, ANumberThatLeadsNowhereIsNamedAndNotFollowed) {
  const std::string lot = " AND " + start_is(r.start);
  named("UPDATE intake SET idx = 4611686018427387904 WHERE idx = 3",
        "intake row 3: is missing, and so is all up to row 4611686018427387903");
  named("UPDATE intake SET idx = -1 WHERE idx = 3", "intake: a row is numbered -1");
  named("UPDATE intake_wire SET idx = 4611686018427387904 WHERE idx = 3",
        "intake_wire: row 4611686018427387904 belongs to no row of intake");
  named("UPDATE intake_wire SET idx = -1 WHERE idx = 3",
        "intake_wire: row -1 belongs to no row of intake");
  named("UPDATE received SET idx = 4611686018427387904 WHERE idx = 1",
        "received row 1: is missing, and so is all up to row 4611686018427387903");
  named("UPDATE received SET idx = -1 WHERE idx = 1", "received: a row is numbered -1");
  named("UPDATE record SET n = 4611686018427387904 WHERE n = 5" + lot,
        "record row 5 of lot A-2026/01: is missing, its transaction is there (block 2)");
  named("UPDATE record SET n = -1 WHERE n = 5" + lot,
        "record of lot A-2026/01: a row is numbered -1 (block 2)");
  named("UPDATE tx SET n = -1 WHERE n = 5" + lot,
        "tx of lot A-2026/01: a row is numbered -1 (block 2)");
  EXPECT_FALSE(after("UPDATE tx SET n = 4611686018427387904 WHERE n = 5" + lot).ok());
  EXPECT_FALSE(after("UPDATE life SET n = 4611686018427387904 WHERE n = 1").ok());
}

// ---- tables -----------------------------------------------------------------------------------

TEST_F(AuditDamage, TablesThatAreNotANodesAreNamedAndNotRead) {
  named(
      "ALTER TABLE received RENAME TO received_;CREATE VIEW received AS WITH RECURSIVE c(x) AS "
      "(SELECT 0 UNION ALL SELECT x + 1 FROM c) SELECT x AS idx, r.id, r.type, r.signer, r.at, "
      "r.object, r.arrival FROM c, received_ r WHERE r.idx = 0",
      "received: is a view, not the table a node makes");
  for (const char* table : {"record", "intake", "answer", "evidence"})
    named(std::string("DROP TABLE ") + table, std::string(table) + ": the table is missing");
  named("CREATE TRIGGER t AFTER INSERT ON record BEGIN DELETE FROM record; END",
        "t: a trigger that no node makes");
  named("CREATE TABLE other(x)", "other: a table that no node makes");
  named("DROP INDEX batch_lot", "batch_lot: the index is missing");
  named("ALTER TABLE review ADD COLUMN more", "review: is another table than a node makes");
  const auto versions = after("PRAGMA user_version = 99");
  EXPECT_NE(lines(versions).find("private.db: is of version 99, this program knows "),
            std::string::npos)
      << lines(versions);
  named("", "chain once: the table is missing", "DROP TABLE once");
  named("", "chain lot: is a view, not the table a node makes",
        "ALTER TABLE lot RENAME TO l;CREATE VIEW lot AS SELECT * FROM l");
}

TEST_F(AuditDamage, AnEmptyFileIsNamed) {
  const auto empty = r.plant.file("empty.db");
  std::ofstream(empty).close();
  const auto report = chain::audit(empty, r.plant.file("chain.db"), r.plant.c.anchor);
  ASSERT_TRUE(report);
  EXPECT_TRUE(says(*report, "private.db: the file holds no table")) << lines(*report);
}

TEST_F(AuditDamage, WhatIsNoDatabaseIsNamedByItsFile) {
  const auto none = r.plant.file("none.db");
  std::ofstream(none) << std::string(4096, 'x');
  const auto report = chain::audit(none, r.plant.file("chain.db"), r.plant.c.anchor);
  ASSERT_FALSE(report);
  EXPECT_EQ(report.code(), Errc::kCorrupt);
  EXPECT_NE(report.error().text.find("none.db"), std::string::npos) << report.error().text;
}

TEST_F(AuditDamage, AnotherAnchorIsSaidToBeAnother) {
  const Consortium stranger;
  const auto report =
      chain::audit(r.plant.file("private.db"), r.plant.file("chain.db"), stranger.anchor);
  ASSERT_FALSE(report);
  EXPECT_NE(report.error().text.find("is not of this anchor"), std::string::npos)
      << report.error().text;
}

// ---- chain.db's own tables ------------------------------------------------------------------

TEST_F(AuditDamage, TheChainsTablesAreNotTrusted) {
  named("", "chain lot row 2 of lot A-2026/01: is missing (block 2)", "DELETE FROM lot");
  named("", "chain lot row 1 of lot A-2026/01: its block is no lot's", "UPDATE lot SET block = 1");
  named("", "chain lot row 2 of lot A-2026/01: is not what its block says (block 2)",
        "UPDATE lot SET lot = 'OTHER'");
  EXPECT_FALSE(after("", "DELETE FROM once").ok());
  EXPECT_FALSE(after("", "UPDATE once SET block = 1").ok());
  EXPECT_FALSE(after("", "UPDATE once SET id = randomblob(32) WHERE block = 2").ok());
  // The thief's batch is found all the same.
  named(
      "UPDATE batch SET state = 'open', application = NULL, application_id = NULL, block = NULL, "
      "disclosure = NULL, product = NULL, expires = NULL WHERE " +
          start_is(r.start),
      "batch of lot A-2026/01: is open, the chain released it (block 2)",
      "DELETE FROM lot;DELETE FROM once");
}

TEST_F(AuditDamage, AChainThatWasCutIsNamedByWhatWasLeft) {
  const auto report = after("", "DELETE FROM block WHERE number = 2");
  EXPECT_TRUE(says(report, "chain lot row 2 of lot A-2026/01: the chain does not hold its block"))
      << lines(report);
  EXPECT_TRUE(says(report, "batch of lot A-2026/01: is released, the chain knows nothing of it"))
      << lines(report);
  const bool vote = std::any_of(report.faults.begin(), report.faults.end(), [](const auto& f) {
    return f.table == "chain vote" && f.row == 3u;
  });
  EXPECT_TRUE(vote) << lines(report);
}

TEST_F(AuditDamage, AVoteThatCannotBeReadIsNamed) {
  const auto report = after("", "UPDATE vote SET bytes = x'00'");
  ASSERT_FALSE(report.ok());
  EXPECT_EQ(report.faults[0].table, "chain vote") << lines(report);
  EXPECT_FALSE(after("", "UPDATE vote SET root = randomblob(32)").ok());
}

// ---- what hangs beside ------------------------------------------------------------------------

TEST_F(AuditDamage, ForgedEvidenceAndLivesAreNamed) {
  named(
      "INSERT INTO evidence VALUES(1, 'seq-conflict', 1, zeroblob(16), zeroblob(32), x'00', x'00')",
      "evidence row 1: field-type");
  named("INSERT INTO evidence VALUES(1, 'theft', 1, zeroblob(16), zeroblob(32), x'00', x'00')",
        "evidence row 1: enum-unknown: of no kind a node keeps");
  named(
      "INSERT INTO evidence SELECT 1, 'seq-conflict', 1, l.device, i.id, w.wire, w.wire FROM "
      "intake "
      "i JOIN intake_wire w USING(idx) JOIN life l ON l.n = i.life WHERE idx = 0",
      "evidence row 1: corrupt: its two objects do not contradict each other");
  named("INSERT INTO life VALUES(99, zeroblob(16), zeroblob(8), 55, NULL, 0, NULL)",
        "life row 99: stands at 55, no row of intake is of it");
}

// ---- nothing is written -----------------------------------------------------------------------

Strings listing(const fs::path& folder) {
  Strings out;
  for (const auto& e : fs::directory_iterator(folder)) out.push_back(e.path().filename().string());
  std::sort(out.begin(), out.end());
  return out;
}

TEST_F(AuditDamage, NothingIsLeftBesideTheFiles) {
  const auto folder = r.plant.file("with # and % and ?");
  fs::remove_all(folder);
  fs::create_directory(folder);
  for (const char* name : {"private.db", "chain.db"})
    fs::copy_file(r.plant.file(name), folder / name);
  const auto before = fs::last_write_time(folder / "private.db");
  const auto report = chain::audit(folder / "private.db", folder / "chain.db", r.plant.c.anchor);
  ASSERT_TRUE(report) << report.error().message();
  EXPECT_TRUE(report->ok()) << lines(*report);
  EXPECT_EQ(listing(folder), (Strings{"chain.db", "private.db"}));
  EXPECT_EQ(fs::last_write_time(folder / "private.db"), before);
}

TEST_F(AuditDamage, ANodeThatRunsIsReadWithItsLog) {
  Plant p;
  p.open_batch();
  p.c.clock.set(p.at(9));
  p.measure(0, 8);
  const auto report = chain::audit(p.file("private.db"), p.file("chain.db"), p.c.anchor);
  ASSERT_TRUE(report) << report.error().message();
  EXPECT_TRUE(report->ok()) << lines(*report);
  EXPECT_GT(report->bundles, 0u) << "which are in the log only";
}

// What a crash and a copy leave: a log without its index.
TEST_F(AuditDamage, ALogWithoutItsIndexIsReadFromACopy) {
  Plant p;
  p.open_batch();
  p.c.clock.set(p.at(9));
  p.measure(0, 8);
  const auto folder = p.file("copies");
  fs::create_directory(folder);
  for (const char* name : {"private.db", "private.db-wal", "chain.db", "chain.db-wal"})
    fs::copy_file(p.file(name), folder / name);
  const auto before = listing(folder);
  const auto report = chain::audit(folder / "private.db", folder / "chain.db", p.c.anchor);
  ASSERT_TRUE(report) << report.error().message();
  EXPECT_TRUE(report->ok()) << lines(*report);
  EXPECT_GT(report->bundles, 0u);
  EXPECT_EQ(listing(folder), before);
}

}  // namespace
}  // namespace lotmark::test
