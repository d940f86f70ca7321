// Keys of sealed segments at a standby, in a backup, and brought back row by row.
#include "tests/unit/enterprise/sealed_plant.h"
#include "tests/unit/standby/copied_plant.h"

namespace lotmark::test {
namespace {

namespace fs = std::filesystem;

constexpr const char* kAllKeys =
    "SELECT hex(commitment) || segment || hex(reader) || hex(recipient) || made || "
    "coalesce(until, '') FROM segment_key ORDER BY 1";

std::vector<std::string> texts(const fs::path& file, const std::string& sql) {
  auto db = store::Database::open(file, {.read_only = true});
  auto q = db->prepare(sql);
  std::vector<std::string> out;
  while (*q->step()) out.push_back(q->text(0));
  return out;
}

chain::AuditReport audit_with(const fs::path& folder, const Plant& plant,
                              const std::shared_ptr<const sealed::OpeningKey>& key) {
  chain::AuditOptions o;
  o.private_dbs = {folder / "private.db"};
  o.chain_db = folder / "chain.db";
  o.anchor = plant.c.anchor;
  o.opening_keys = {key};
  auto done = chain::audit(o);
  EXPECT_TRUE(done) << done.error().message();
  return done ? done->report : chain::AuditReport{};
}

TEST(SealedCopies, AStandbyHoldsEveryKeyAlsoThoseThatCameAndWentLater) {
  CopiedPlant copied;
  Plant& p = copied.plant;
  const auto own = opening_key(101);
  auto rules = std::make_shared<chain::SealingRules>();
  rules->own = own;
  rules->rewrappers = {to_hex(p.c.qa.kid())};
  p.sealing = rules;
  p.reopen();
  run_lot(p);
  copied.follow();
  const auto before = texts(p.file("private.db"), kAllKeys);
  ASSERT_FALSE(before.empty());
  EXPECT_EQ(texts(copied.rows(), kAllKeys), before);
  const auto later = opening_key(150);
  p.json("POST", "rewraps", {{"reader", to_hex(later->public_key())}}, p.c.qa);
  copied.follow();
  EXPECT_EQ(texts(copied.rows(), kAllKeys), texts(p.file("private.db"), kAllKeys));
  EXPECT_EQ(texts(copied.rows(), kAllKeys).size(), 2 * before.size());
  p.json("POST", "rewraps", {{"reader", to_hex(later->public_key())}, {"end", true}}, p.c.qa);
  copied.follow();
  EXPECT_EQ(texts(copied.rows(), kAllKeys), before);
}

// A step's keys moved when it was prepared, its record when it took its slot. A standby that catches up has the ones
// without the other for a while, and its source may be lost just then.
TEST(SealedCopies, AStandbyThatHoldsKeysOfNoRecordYetIsPromoted) {
  CopiedPlant copied;
  Plant& p = copied.plant;
  auto rules = std::make_shared<chain::SealingRules>();
  rules->own = opening_key(101);
  p.sealing = rules;
  p.reopen();
  p.open_batch();
  p.tick_until(9);
  p.measure(0, 8);
  copied.follow();
  p.record("filling", 1, 7, p.c.qa);
  p.tick_until(12);  // the step has its place
  for (bool keys = false; !keys;) {
    const auto page = copied.page(1);
    ASSERT_TRUE(page) << page.error().message();
    ASSERT_FALSE(page->rows.empty()) << "the keys come in a page before their record";
    ASSERT_TRUE(copied.follower().take(*page));
    keys = page->rows.back().table->name == "segment_key";
  }
  ASSERT_FALSE(texts(copied.rows(), kAllKeys).empty());
  copied.copy_chain();
  copied.shut();
  const auto done = backup::promote(copied.folder / "", p.c.anchor, p.c.clock.now());
  ASSERT_TRUE(done) << done.error().message();
  EXPECT_TRUE(done->report.ok()) << lines(done->report);
  EXPECT_TRUE(texts(copied.rows(), kAllKeys).empty());
}

class SealedBackup : public testing::Test {
 protected:
  SealedBackup() {
    s.run();
    s.plant.log_intake();
    EXPECT_TRUE(backup::take_backup(s.plant.file(""), out, s.plant.c.clock.now()));
  }
  SealedPlant s;
  TempFolder folder;
  fs::path out = folder / "backup";
};

TEST_F(SealedBackup, ComesBackWithItsKeysAndOpens) {
  const auto into = folder / "node";
  const auto done = backup::restore(out, into, s.plant.c.anchor, s.plant.c.clock.now());
  ASSERT_TRUE(done) << done.error().message();
  const auto report = audit_with(into, s.plant, s.own);
  EXPECT_TRUE(report.ok()) << lines(report);
  EXPECT_EQ(report.sealed, 6u);
  EXPECT_EQ(report.not_opened, 0u);
}

TEST_F(SealedBackup, RowsThatAreLostOrSpoiltComeBackAndNewerOnesStay) {
  const auto later = opening_key(150);
  s.plant.json("POST", "rewraps", {{"reader", to_hex(later->public_key())}}, s.plant.c.qa);
  const auto until = unix_ms(s.plant.c.clock.now()) + 60000;
  s.plant.c.clock.advance(Millis{1});
  s.plant.json("POST", "rewraps", {{"reader", to_hex(s.west->public_key())}, {"until", until}},
               s.plant.c.qa);
  s.plant.shut();
  const auto file = s.plant.file("private.db");
  const auto before = texts(file, kAllKeys);
  ASSERT_EQ(spoil(file, "DELETE FROM segment_key WHERE reader = x'" + to_hex(s.east->kid()) + "'"),
            6);
  ASSERT_EQ(spoil(file, "UPDATE segment_key SET recipient = x'00' WHERE reader = x'" +
                            to_hex(s.own->kid()) + "'"),
            6);
  const auto done =
      backup::restore_rows(out, s.plant.file(""), s.plant.c.anchor, s.plant.c.clock.now());
  ASSERT_TRUE(done) << done.error().message();
  EXPECT_TRUE(done->report.ok()) << lines(done->report);
  EXPECT_EQ(texts(file, kAllKeys), before) << "those of the later reader and the end, too";
}

}  // namespace
}  // namespace lotmark::test
