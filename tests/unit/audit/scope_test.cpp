// An audit of one lot, of one enterprise, of the chain alone, and of an enterprise beside its reviewer.
#include <gtest/gtest.h>

#include "core/base/hex.h"
#include "tests/unit/audit/many_lots.h"

namespace lotmark::test {
namespace {

TEST(AuditScope, EverythingOfHonestFilesHolds) {
  auto& m = ManyLots::get();
  const auto done = m.audit(m.options());
  EXPECT_TRUE(done.report.ok()) << lines(done.report);
  EXPECT_EQ(done.report.lots, m.released.size());
  EXPECT_EQ(done.report.batches, m.released.size() + 2);
  EXPECT_EQ(done.nodes, std::vector<std::string>{"yunhe"});
}

TEST(AuditScope, WithoutAPrivateFileTheChainIsRead) {
  auto& m = ManyLots::get();
  auto options = m.options();
  options.private_dbs.clear();
  const auto done = m.audit(options);
  EXPECT_TRUE(done.report.ok()) << lines(done.report);
  EXPECT_EQ(done.report.lots, m.released.size());
  EXPECT_EQ(done.report.batches, 0u);
}

TEST(AuditScope, OneLotAloneIsReadWithItsBundles) {
  auto& m = ManyLots::get();
  auto options = m.options();
  options.scope.lot = "A-2026/01";
  const auto done = m.audit(options);
  EXPECT_TRUE(done.report.ok()) << lines(done.report);
  EXPECT_EQ(done.report.lots, 1u);
  EXPECT_EQ(done.report.batches, 1u);
  EXPECT_GT(done.report.claims, 0u);
}

TEST(AuditScope, OneLotIsNotBlamedForAnother) {
  auto& m = ManyLots::get();
  auto options = m.spoilt(
      "UPDATE record SET time = time + 1 WHERE start IN (SELECT start FROM batch "
      "WHERE lot = 'B-1')");
  options.scope.lot = "A-2026/01";
  EXPECT_TRUE(m.audit(options).report.ok());
  options.scope.lot = "B-1";
  EXPECT_FALSE(m.audit(options).report.ok());
}

TEST(AuditScope, ABundleItRestsOnIsFoundChanged) {
  auto& m = ManyLots::get();
  auto options =
      m.spoilt("UPDATE intake_wire SET wire = substr(wire, 1, length(wire) - 1) || x'00'");
  options.scope.lot = "A-2026/01";
  const auto report = m.audit(options).report;
  ASSERT_FALSE(report.ok());
  EXPECT_EQ(report.faults.front().lot, "A-2026/01") << lines(report);
}

TEST(AuditScope, AnEnterprisesLotsAreAllOfItsFile) {
  auto& m = ManyLots::get();
  auto options = m.options();
  options.scope.enterprise = "yunhe";
  const auto done = m.audit(options);
  EXPECT_TRUE(done.report.ok()) << lines(done.report);
  EXPECT_EQ(done.report.batches, m.released.size() + 2);
  options.scope.enterprise = "drug-east";
  EXPECT_EQ(m.audit(options).report.batches, 0u);
}

TEST(AuditScope, WhatWasBegunAndNeverAppliedForIsListed) {
  auto& m = ManyLots::get();
  const auto done = m.audit(m.options());
  std::vector<std::string> left;
  ASSERT_TRUE(done.sheet->each_left([&](const chain::SheetLeft& l) {
    left.push_back(l.opened ? l.lot : "signal of " + l.by);
    return Status();
  }));
  EXPECT_EQ(left, (std::vector<std::string>{"signal of yunhe/filler-1", m.left}));
}

TEST(AuditScope, ALotDeletedBeforeItWasDecidedIsNamedByItsReviewersFile) {
  auto& m = ManyLots::get();
  auto options = m.spoilt(
      "DELETE FROM received WHERE idx < 0");  // a copy; the reviewer's below holds the lot that was left
  const auto reviewer = m.fresh("reviewer.db");
  {
    auto db = chain::open_private(reviewer);
    auto own = store::Database::open(m.plant.file("private.db"), {.read_only = true});
    ASSERT_TRUE(db && own);
    auto from =
        own->prepare("SELECT start, gtin, lot, opening FROM batch WHERE lot = 'A-2026/left'");
    ASSERT_TRUE(from && *from->step());
    auto to = db->prepare(
        "INSERT INTO review(start, gtin, lot, opening, enterprise, state, at) "
        "VALUES(?, ?, ?, ?, ?, 'open', 1)");
    for (int i = 0; i < 4; ++i) to->bind_column(i + 1, *from, i);
    ASSERT_TRUE(to->bind(5, m.plant.c.enterprise.kid()).run());
  }
  options.private_dbs.push_back(reviewer);
  const auto named = [&](const std::string& thief) {
    auto spoilt = m.spoilt(thief);
    spoilt.private_dbs.push_back(reviewer);
    for (const auto& f : m.audit(spoilt).report.faults) {
      if (f.table == "batch" && f.lot == "A-2026/left" &&
          f.text.find("received its opening") != std::string::npos)
        return true;
    }
    return false;
  };
  EXPECT_FALSE(named("SELECT 1"));
  EXPECT_TRUE(named("DELETE FROM batch WHERE lot = 'A-2026/left'"));
}

}  // namespace
}  // namespace lotmark::test
