// A disk that fills up at any write of a group's commit: all of the group or nothing of it.
#include "tests/unit/intake/full_disk.h"

#include "tests/unit/intake/intake_fixture.h"

namespace lotmark::test {
namespace {

// Made before the fixture opens its file.
struct DiskHolder {
  FullDisk disk;
};
class IntakeFullDisk : private DiskHolder, public IntakeTest {
 protected:
  FullDisk& disk = DiskHolder::disk;

  std::string dump() const {
    std::string out;
    auto db = store::Database::open(file, {.read_only = true});
    for (const auto* table : {"life", "intake", "intake_wire", "intake_clock", "evidence"}) {
      auto q = db->prepare("SELECT count(*), total(rowid) FROM " + std::string(table));
      EXPECT_TRUE(*q->step());
      out += std::string(table) + " " + q->text(0) + " " + q->text(1) + "\n";
    }
    auto q = db->prepare(
        "SELECT group_concat(hex(life) || seq || ifnull(hex(id), '') || ifnull(closed, '')) FROM "
        "life");
    EXPECT_TRUE(*q->step());
    return out + q->text(0);
  }
};

TEST_F(IntakeFullDisk, RefusesTheWholeGroupWhereverItFillsUpAndTakesItWhenThereIsRoom) {
  const auto taken = thermometer.bundle({{kStart, 1}});
  tell(thermometer, taken);
  // A group that touches everything: a conflict, a duplicate, a gap, a new life, another device.
  std::vector<bus::Message> group = {
      thermometer.stray({{kStart, 2}}, [](auto& d) { d.body.seq = 1; }), taken};
  for (std::uint64_t i = 1; i < 40; ++i)
    group.push_back(thermometer.bundle({{kStart + i, 1}, {kStart + 900, 2}}));
  group.push_back(thermometer.gap(3));
  thermometer.new_life();
  thermometer.end.reset();
  group.push_back(thermometer.bundle({{kStart + 1000, 3}}));
  group.push_back(door.bundle({{kStart, 1}}));
  group.push_back(door.stray({{kStart, 1}}, [](auto& d) { d.body.seq = 30; }));

  const Checkpoint before = log->checkpoint();
  const std::string rows = dump();
  int failures = 0;
  for (int writes = 0;; ++writes) {
    ASSERT_LT(writes, 500);
    disk.allow(writes);
    auto published = log->take(group, now);
    disk.allow(-1);
    if (published) {
      EXPECT_EQ(published->size(), 2u);
      break;
    }
    ++failures;
    EXPECT_EQ(published.code(), Errc::kDiskFull) << published.error().message();
    EXPECT_EQ(log->checkpoint(), before);
    EXPECT_EQ(dump(), rows);
    auto other = node::IntakeLog::open(file, *keeper, test_chain(), {kOrganisation, 3600});
    ASSERT_TRUE(other) << other.error().message();
    EXPECT_EQ((*other)->checkpoint(), before);
  }
  EXPECT_GT(failures, 10);
  EXPECT_EQ(disk.refused() >= failures, true);
  double counted = 0;
  for (const auto& [name, value] : log->metrics()) {
    if (name == "lotmark_intake_refused_total{error=\"disk-full\"}") counted = value;
  }
  EXPECT_EQ(counted, static_cast<double>(group.size()) * failures);
  EXPECT_EQ(log->size(), 1u + 39 + 1 + 1 + 1);
  reopen();
  EXPECT_EQ(evidence().size(), 1u);
  EXPECT_EQ(tell(door, door.bundle({{kStart + 5, 1}})).through, 2u);
  EXPECT_EQ(tell(thermometer, thermometer.bundle({{kStart + 1005, 1}})).through, 2u);
}

TEST_F(IntakeFullDisk, MemoryAfterAFailureIsWhatItWasBefore) {
  const auto a = thermometer.bundle({{kStart, 1}});
  disk.allow(1);
  EXPECT_EQ(log->take({a}, now).code(), Errc::kDiskFull);
  disk.allow(-1);
  // The life was not opened, nothing is held: another first bundle is no conflict.
  auto fresh = thermometer.stray({{kStart, 5}}, [](auto& d) {
    d.body.seq = 1;
    d.body.prev.reset();
  });
  auto published = log->take({fresh}, now);
  ASSERT_TRUE(published);
  EXPECT_EQ(log->size(), 1u);
  EXPECT_TRUE(evidence().empty());
  auto none = log->find(*thermometer.end);
  ASSERT_TRUE(none);
  EXPECT_FALSE(none->has_value());
}

}  // namespace
}  // namespace lotmark::test
