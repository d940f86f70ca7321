// The audit of a reviewer's files: silent about honest ones, and naming what was changed afterwards.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ledger-node/chain/private/audit.h"
#include "tests/unit/review/reviewer_harness.h"

namespace lotmark {
namespace {

using test::ReviewerHarness;
using testing::HasSubstr;

class ReviewAudit : public testing::Test {
 protected:
  void SetUp() override {
    h.build();
    h.submit_all();
    h.log_intake();
    h.run(5);
  }
  void approve() {
    ASSERT_TRUE(h.control("POST", "/control/v1/reviews/" + h.lot_path() + "/approve").ok());
    h.run(2);
  }
  std::string audit(const char* file = "private.db") {
    auto report = chain::audit(h.folder() / file, h.folder() / "chain.db", h.c.anchor);
    if (!report) return report.error().message();
    return chain::to_text(*report);
  }
  // The audit of a copy in which a thief was.
  std::string audit_after(const std::string& sql) {
    const auto copy = h.folder() / "copy.db";
    std::filesystem::remove(copy);
    EXPECT_TRUE(h.db().exec("VACUUM INTO '" + copy.string() + "'"));
    auto db = store::Database::open(copy, {});
    EXPECT_TRUE(db && db->exec(sql)) << sql;
    return audit("copy.db");
  }

  ReviewerHarness h;
};

TEST_F(ReviewAudit, HonestFilesAreFineAtEveryStage) {
  EXPECT_THAT(audit(), HasSubstr("; 1 reviews; "));
  EXPECT_THAT(audit(), HasSubstr("audit ok"));
  approve();
  EXPECT_THAT(audit(), HasSubstr("audit ok"));
}

TEST_F(ReviewAudit, RowsOfBothKeysOfARenewedReviewerAreItsOwn) {
  approve();
  test::Party renewed = test::make_party("drug-east", "drug-east", 51);
  for (auto& m : h.c.statement.members) {
    if (m.kid != h.c.east.kid()) continue;
    m.kid = renewed.kid();
    m.public_key = renewed.key();
  }
  std::ranges::sort(h.c.statement.members, {}, &Member::kid);
  const Status done = h.chain->append(h.blocks.membership_block(), h.c.clock.now());
  ASSERT_TRUE(done) << done.error().message();
  h.c.east = std::move(renewed);
  h.restart();
  const auto s = h.c.start_signal();
  ASSERT_TRUE(h.received->log(s.id, "start", h.c.starter.kid(), s.bytes, h.c.clock.now()));
  EXPECT_THAT(audit(), HasSubstr("audit ok"));
  EXPECT_THAT(audit_after("DELETE FROM received WHERE idx = 0"),
              HasSubstr("received row 0: is missing"));
}

TEST_F(ReviewAudit, ARefusalByAPersonIsFine) {
  ASSERT_TRUE(h.control("POST", "/control/v1/reviews/" + h.lot_path() + "/reject",
                        {{"reason", "a broken seal"}})
                  .ok());
  h.run(2);
  EXPECT_THAT(audit(), HasSubstr("audit ok"));
  EXPECT_THAT(audit_after("UPDATE review SET details = json_set(details, '$.findings[0].text', 5)"),
              HasSubstr("the findings shown are not those of its report"));
}

TEST_F(ReviewAudit, EveryChangeOfAReviewIsNamed) {
  approve();
  const std::pair<const char*, const char*> thefts[] = {
      {"UPDATE review SET state = 'refused'", "its refusal is not this node's"},
      {"UPDATE review SET report = NULL", "its report is missing"},
      {"UPDATE review SET report_id = zeroblob(32)",
       "its report is of another application or has another id"},
      {"UPDATE review SET decided = report", "its release is not this node's"},
      {"UPDATE review SET application = NULL", "its application is missing"},
      {"UPDATE review SET gtin = '06901234567899'",
       "start, gtin, lot or enterprise differs from its opening"},
      {"UPDATE review SET lot = 'A-2026/02'",
       "start, lot, enterprise or id differs from its application"},
      {"UPDATE review SET details = '{\"findings\":[{\"code\":1,\"text\":\"x\"}]}'",
       "the findings shown are not those of its report"},
      {"DELETE FROM tx WHERE n = 1",
       "tx row 2 of lot A-2026/01: does not follow the transaction before"},
      {"UPDATE tx SET id = randomblob(32) WHERE n = 1",
       "tx row 1 of lot A-2026/01: its id or signer is not its object's"},
      {"DELETE FROM review", "rows belong to no batch"},
      {"DELETE FROM tx", "this transaction is in no review"},
      {"DELETE FROM tx; DELETE FROM review", "this opening is in no review"},
      {"DELETE FROM tx; DELETE FROM review; DELETE FROM received",
       "nothing in it says whose it is"},
      {"UPDATE tx SET n = 4611686018427387904 WHERE n = 1", "does not follow the transaction"},
  };
  for (const auto& [sql, says] : thefts) {
    EXPECT_THAT(audit_after(sql), HasSubstr(says)) << sql;
  }
}

}  // namespace
}  // namespace lotmark
