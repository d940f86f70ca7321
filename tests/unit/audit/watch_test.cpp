// A node's own look through its rows: it knows whose they are before any row says so.
#include "ledger-node/private_watch.h"

#include <future>

#include "tests/unit/audit/many_lots.h"
#include "tests/unit/enterprise/event_plant.h"

namespace lotmark::test {
namespace {

struct Told {
  Result<chain::AuditReport> report = Errc::kInternal;
  bool anew = false;
};

// What the first round tells.
Told first_look(const Plant& plant, const KeyId& self) {
  std::promise<Told> told;
  const node::WatchFiles files{plant.file("private.db"), plant.file("chain.db"),
                               plant.file("check.db"), plant.c.anchor, self};
  const node::PrivateWatch watch(files, std::chrono::hours(1),
                                 [&](const Result<chain::AuditReport>& report, bool anew) {
                                   told.set_value({report, anew});
                                 });
  return told.get_future().get();
}

TEST(PrivateWatch, AFreshNodesFirstLookFindsNothing) {
  const Plant plant;
  const Told told = first_look(plant, plant.c.enterprise.kid());
  ASSERT_TRUE(told.report) << told.report.error().message();
  EXPECT_EQ(lines(*told.report), "");
  EXPECT_EQ(told.report->node, "yunhe");
  EXPECT_TRUE(told.anew);
}

TEST(PrivateWatch, RowsThatTheChainLoggedAndNobodyHasAnyMoreAreNamed) {
  Plant plant;
  plant.measure(0, 12);
  plant.log_intake();
  for (const char* table : {"intake", "intake_wire", "life"}) {
    auto db = store::Database::open(plant.file("private.db"));
    ASSERT_TRUE(db && db->exec(std::string("DELETE FROM ") + table));
  }
  const Told told = first_look(plant, plant.c.enterprise.kid());
  ASSERT_TRUE(told.report) << told.report.error().message();
  EXPECT_NE(lines(*told.report).find("holds 0 rows, the chain logged 2"), std::string::npos)
      << lines(*told.report);
}

TEST(PrivateWatch, RowsOfAnotherNodeAreNamed) {
  Plant plant;
  plant.open_batch();
  const Told told = first_look(plant, plant.c.east.kid());
  ASSERT_TRUE(told.report) << told.report.error().message();
  EXPECT_NE(lines(*told.report).find("its arrival is another node's"), std::string::npos)
      << lines(*told.report);
}

// A running node's: its recorder goes on while the watch looks.
TEST(PrivateWatch, ADamagedEventIsToldAndNamesNoLot) {
  Plant plant;
  EventPlant events(plant);
  events.run();
  EXPECT_EQ(lines(*first_look(plant, plant.c.enterprise.kid()).report), "");
  {
    auto db = store::Database::open(plant.file("private.db"));
    ASSERT_TRUE(db && db->exec("UPDATE event SET body = x'7b7d' WHERE n = 7"));
  }
  const Told told = first_look(plant, plant.c.enterprise.kid());
  ASSERT_TRUE(told.report) << told.report.error().message();
  EXPECT_NE(lines(*told.report).find("event row 7: its sha is not that of its body"),
            std::string::npos)
      << lines(*told.report);
  for (const auto& f : told.report->faults) EXPECT_EQ(f.lot, "") << chain::to_line(f);
  EXPECT_TRUE(chain::names_its_lots(*told.report)) << "lots that were stopped before go on";
}

TEST(PrivateWatch, WhatAnEndedRoundReadIsNotAnew) {
  Plant plant;
  plant.measure(0, 12);
  chain::AuditOptions options;
  options.private_dbs = {plant.file("private.db")};
  options.chain_db = plant.file("chain.db");
  options.anchor = plant.c.anchor;
  options.self = plant.c.enterprise.kid();
  options.state = plant.file("check.db");
  const auto ended =
      chain::audit(options, [](std::string_view, std::uint64_t, std::uint64_t) { return false; });
  EXPECT_EQ(ended.code(), Errc::kNotReady);
  const Told told = first_look(plant, plant.c.enterprise.kid());
  ASSERT_TRUE(told.report) << told.report.error().message();
  EXPECT_EQ(lines(*told.report), "");
  EXPECT_FALSE(told.anew);
  EXPECT_TRUE(first_look(plant, plant.c.enterprise.kid()).anew);
}

}  // namespace
}  // namespace lotmark::test
