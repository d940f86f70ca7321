// Lots' serials at a standby, in a backup, and brought back by rows.
#include "ledger-node/chain/private/item_proofs.h"
#include "tests/unit/enterprise/serial_plant.h"
#include "tests/unit/standby/copied_plant.h"

namespace lotmark::test {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t kSerials = 9000;  // three pages

struct StandbySerials : testing::Test {
  StandbySerials() { run_lot(p.plant, false); }

  std::int64_t number(const fs::path& file, const std::string& sql) {
    const auto db = must(store::Database::open(file, {.read_only = true}));
    auto q = must(db.prepare(sql));
    EXPECT_TRUE(must(q.step())) << sql;
    return q.integer(0);
  }
  // Whether a file proves a serial under the root that the plant sealed.
  bool proves(const fs::path& file, const std::string& serial) {
    const auto proofs = must(chain::ItemProofs::open(file));
    const auto at = must(proofs.find(Consortium::gtin(), {"A-2026/01"}, serial));
    return at && to_hex(at->root) == p.plant.batch()["serials"]["root"];
  }
  void withdraw() {
    while (p.plant.json("POST", serials_path("/withdraw"), nlohmann::json::object(),
                        p.plant.c.qa)["state"] != "withdrawn") {
    }
  }
  // Rows out of a backup taken before `sql` spoils the node's file.
  backup::RestoredRows after(const std::function<void()>& between, const std::string& sql) {
    EXPECT_TRUE(backup::take_backup(p.plant.file(""), out, p.plant.c.clock.now()));
    between();
    p.plant.shut();
    if (!sql.empty()) {
      EXPECT_GT(spoil(p.plant.file("private.db"), sql), 0) << sql;
    }
    return must(
        backup::restore_rows(out, p.plant.file(""), p.plant.c.anchor, p.plant.c.clock.now()));
  }
  static bool named(const backup::RestoredRows& done, const std::string& row) {
    return std::ranges::find(done.rows, row) != done.rows.end();
  }

  CopiedPlant p;
  fs::path out = p.folder / "backup";
};

TEST_F(StandbySerials, WhatIsSealedIsCopiedAndProvedThere) {
  send_serials(p.plant, kSerials);
  p.follow();
  EXPECT_TRUE(proves(p.rows(), "S0"));
  EXPECT_TRUE(proves(p.rows(), "S8999"));
  EXPECT_EQ(number(p.rows(), "SELECT count(*) FROM serials_sent"), 0);
  apply_for_lot(p.plant);
  p.plant.log_intake();
  p.follow();
  p.shut();
  p.plant.shut();
  const auto report = p.audit();
  EXPECT_TRUE(report.ok()) << lines(report);
  EXPECT_EQ(report.serials, kSerials);
}

TEST_F(StandbySerials, WhatIsWithdrawnGoesThereTooAndOthersCome) {
  send_serials(p.plant, kSerials);
  p.follow();
  withdraw();
  p.follow();
  EXPECT_EQ(number(p.rows(), "SELECT count(*) FROM lot_serials"), 0);
  EXPECT_EQ(number(p.rows(), "SELECT count(*) FROM lot_items"), 0);
  send_serials(p.plant, 10);
  p.follow();
  EXPECT_TRUE(proves(p.rows(), "S9"));
  EXPECT_FALSE(proves(p.rows(), "S10"));
}

// The salt and what was sent stay with the node that died.
TEST_F(StandbySerials, AtAStandbyThatTookOverWhatIsHalfSealedIsWithdrawn) {
  const auto pages = pages_of(numbered_serials(60'000));
  for (std::size_t i = 0; i < pages.size(); ++i)
    p.plant.json("POST", serials_path(), {{"page", i}, {"serials", pages[i]}}, p.plant.c.qa);
  const auto now =
      p.plant.json("POST", serials_path("/seal"),
                   {{"count", 60'000}, {"through", to_hex(through_of(pages))}}, p.plant.c.qa);
  ASSERT_EQ(now["state"], "sealing");
  p.follow();
  const Digest start = *fixed_from_hex<Digest>(p.plant.batch()["start"].get<std::string>());
  const chain::LotSerials at_standby(p.copy());
  EXPECT_EQ(must(at_standby.standing(start)).state, chain::SerialsState::kWithdrawing);
  EXPECT_EQ(at_standby.take(start, 0, {"A"}).code(), Errc::kConflict);
  while (must(at_standby.withdraw(start)).state != chain::SerialsState::kWithdrawn) {
  }
  EXPECT_EQ(must(at_standby.take(start, 0, {"A"})).sent, 1u);
}

TEST_F(StandbySerials, ABackupHoldsThem) {
  send_serials(p.plant, kSerials);
  ASSERT_TRUE(backup::take_backup(p.plant.file(""), out, p.plant.c.clock.now()));
  const auto into = p.folder / "node";
  const auto done = backup::restore(out, into, p.plant.c.anchor, p.plant.c.clock.now());
  ASSERT_TRUE(done) << done.error().message();
  EXPECT_TRUE(proves(into / "private.db", "S4711"));
}

TEST_F(StandbySerials, DamagedPagesComeBackByRows) {
  send_serials(p.plant, kSerials);
  apply_for_lot(p.plant);
  const auto done = after([] {},
                          "UPDATE lot_serials SET entries = x'80' WHERE page = 0; DELETE FROM "
                          "lot_serials WHERE page = 1; DELETE FROM lot_items");
  EXPECT_TRUE(done.report.ok()) << lines(done.report);
  EXPECT_EQ(done.report.serials, kSerials);
  EXPECT_TRUE(named(done, "lot_items of lot A-2026/01"));
  EXPECT_TRUE(named(done, "lot_serials page 0 of lot A-2026/01"));
  EXPECT_TRUE(named(done, "lot_serials page 1 of lot A-2026/01"));
  EXPECT_FALSE(named(done, "lot_serials page 2 of lot A-2026/01"));
}

TEST_F(StandbySerials, WhatWasWithdrawnSinceTheBackupDoesNotComeBack) {
  send_serials(p.plant, kSerials);
  const auto done = after([&] { withdraw(); }, "");
  EXPECT_EQ(done.report.serials, 0u);
  EXPECT_TRUE(done.rows.empty());
}

TEST_F(StandbySerials, SerialsSealedSinceTheBackupStay) {
  send_serials(p.plant, kSerials);
  const auto done = after(
      [&] {
        withdraw();
        send_serials(p.plant, 5000);
        apply_for_lot(p.plant);
      },
      "");
  EXPECT_TRUE(done.report.ok()) << lines(done.report);
  EXPECT_EQ(done.report.serials, 5000u);
}

}  // namespace

}  // namespace lotmark::test
