// marks.db by itself: each mark once, each in one report.
#include "tests/must.h"
#include "tests/unit/marks/marks_fixture.h"

namespace lotmark::test {
namespace {

class MarkStoreTest : public MarksTest {
 protected:
  // How the store keeps it; its error's name where it does not.
  std::string keep(const Party& who, const Mark& m) {
    const auto opened = must(open<Mark>(signed_by(who, m), c.chain));
    const auto kept = must(store->keep({&opened}, who.kid(), now()));
    if (!kept[0]) return std::string(name(kept[0].code()));
    return kept[0]->added ? "added" : kept[0]->id == opened.id ? "held" : "held as another";
  }
  std::vector<node::StoredMark> all() const { return must(store->page({}, 0, 1000)); }
};

TEST_F(MarkStoreTest, AMarkIsKeptOnce) {
  const Mark m = mark("17");
  EXPECT_EQ(keep(corner, m), "added");
  EXPECT_EQ(keep(corner, m), "held");
  restart();
  EXPECT_EQ(keep(corner, m), "held");
  ASSERT_EQ(all().size(), 1u);
  EXPECT_EQ(all()[0].mark.serial, "17");
  EXPECT_EQ(all()[0].signer, corner.kid());
  EXPECT_EQ(store->waiting(), 1u);
}

TEST_F(MarkStoreTest, OneSignersSecondWordOnAUnitIsTheSameFact) {
  EXPECT_EQ(keep(corner, mark("17")), "added");
  pass(Millis{5});
  EXPECT_EQ(keep(corner, mark("17")), "held as another");
  EXPECT_EQ(keep(corner, mark("17", UsageKind::kDestroyed)), "added") << "another kind";
  EXPECT_EQ(keep(market, mark("17")), "added") << "another signer";
  Mark other = mark("17");
  other.lot = {"A-2"};
  EXPECT_EQ(keep(corner, other), "added") << "another lot's unit";
  EXPECT_EQ(all().size(), 4u);
}

TEST_F(MarkStoreTest, UnitsWithoutSerialsAreToldApartByTheirNonce) {
  Mark m = mark({}, UsageKind::kUsed, 40);
  EXPECT_EQ(keep(corner, m), "added");
  EXPECT_EQ(keep(corner, mark({}, UsageKind::kUsed, 40)), "added");
  m.count = 41;
  EXPECT_EQ(keep(corner, m), "list-duplicate");
  EXPECT_EQ(keep(market, m), "added") << "a nonce is its signer's";
}

TEST_F(MarkStoreTest, ASignerHasSoManyMarksADay) {
  store->limit(3);
  for (const char* serial : {"1", "2", "3"}) {
    EXPECT_EQ(keep(corner, mark(serial)), "added");
    pass(std::chrono::hours(1));
  }
  EXPECT_EQ(keep(corner, mark("4")), "too-large");
  EXPECT_EQ(keep(corner, mark("1")), "held as another");
  EXPECT_EQ(keep(market, mark("4")), "added");
  pass(std::chrono::hours(21));
  EXPECT_EQ(keep(corner, mark("4")), "added");
  EXPECT_EQ(keep(corner, mark("5")), "too-large");
}

// An hour of a clock that was a year ahead.
TEST_F(MarkStoreTest, AClockThatRanAheadOnceLocksNobodyOut) {
  store->limit(2);
  const Time right = now();
  c.clock.set(right + std::chrono::hours(24 * 365));
  EXPECT_EQ(keep(corner, mark("1")), "added");
  EXPECT_EQ(keep(corner, mark("2")), "added");
  EXPECT_EQ(keep(corner, mark("3")), "too-large");
  c.clock.set(right);
  restart();
  store->limit(2);
  EXPECT_EQ(keep(corner, mark("3")), "added");
  EXPECT_EQ(all()[2].took, unix_ms(right));
  EXPECT_EQ(keep(corner, mark("4")), "added");
  EXPECT_EQ(keep(corner, mark("5")), "too-large") << "the day counts by the clock there is";
}

TEST_F(MarkStoreTest, MarksOfAClockThatRanAheadAreDueAtOnce) {
  const auto due = [&](const std::set<node::MarkGroup>& without = {}) {
    return must(store->due(now(), std::chrono::minutes(1), 1000, without));
  };
  const Time right = now();
  c.clock.set(right + std::chrono::hours(24 * 365));
  keep(corner, mark("1"));
  EXPECT_FALSE(due());
  c.clock.set(right);
  const auto group = due();
  ASSERT_TRUE(group);
  EXPECT_FALSE(due({*group}));
}

TEST_F(MarkStoreTest, AMarkBelongsToOneReport) {
  keep(corner, mark("1"));
  keep(corner, mark("2"));
  const node::MarkGroup group{Consortium::gtin(), {"A-1"}, UsageKind::kSold};
  const auto report = [&](std::uint64_t time) {
    return must(
        seal(Usage{group.gtin, group.lot, group.kind, {"1"}, 1, time}, *c.west.signer, c.chain));
  };
  ASSERT_TRUE(store->bundle({group, report(1), 1, {1}, {}}, now()));
  EXPECT_EQ(store->bundle({group, report(2), 1, {2, 1}, {}}, now()).code(), Errc::kInternal);
  EXPECT_EQ(reports(node::ReportState::kMade), 1u);
  EXPECT_EQ(store->waiting(), 1u) << "nothing of the other one was kept";
  EXPECT_EQ(all()[0].report, report(1).id);
}

TEST_F(MarkStoreTest, AReportThatIsForgottenLetsItsMarksWait) {
  keep(corner, mark("1"));
  const node::MarkGroup group{Consortium::gtin(), {"A-1"}, UsageKind::kSold};
  const auto report =
      must(seal(Usage{group.gtin, group.lot, group.kind, {"1"}, 1, 1}, *c.west.signer, c.chain));
  ASSERT_TRUE(store->bundle({group, report, 1, {1}, {}}, now()));
  ASSERT_EQ(store->waiting(), 0u);
  ASSERT_TRUE(store->forget(report.id));
  EXPECT_EQ(store->waiting(), 1u);
  EXPECT_EQ(reports(node::ReportState::kMade), 0u);
}

TEST_F(MarkStoreTest, AReaderSeesWhatIsKeptWhileItIsKept) {
  EXPECT_FALSE(node::MarkReader::open(folder / "none.db"));
  const auto reader = must(node::MarkReader::open(folder / "marks.db"));
  EXPECT_TRUE(must(reader.of_serial(Consortium::gtin(), {"A-1"}, "17")).empty());
  keep(corner, mark("17"));
  keep(market, mark("17", UsageKind::kUsed));
  keep(market, mark("18"));
  const auto known = must(reader.of_serial(Consortium::gtin(), {"A-1"}, "17"));
  ASSERT_EQ(known.size(), 2u);
  EXPECT_EQ(known[0].kind, UsageKind::kSold);
  EXPECT_EQ(known[0].signer, corner.kid());
  EXPECT_EQ(known[0].time, unix_ms(now()));
  EXPECT_FALSE(known[0].report);
  EXPECT_EQ(known[1].kind, UsageKind::kUsed);
  EXPECT_TRUE(must(reader.of_serial(Consortium::gtin(), {"A-2"}, "17")).empty());
}

}  // namespace
}  // namespace lotmark::test
