// Marks of a lot whose block is cut.
#include "core/base/random.h"
#include "ledger-node/chain/public/events.h"
#include "tests/must.h"
#include "tests/unit/cut/cut_fixture.h"
#include "tests/unit/marks/marks_fixture.h"

namespace lotmark::chain {
namespace {

using test::must;

class MarksOfCutLots : public CutTest {
 protected:
  std::unique_ptr<node::MarkStore> store = must(node::MarkStore::open(folder / "marks.db"));
  Errc answer = Errc::kOk;
  node::MarkReporter reporter{*store,
                              chain,
                              *c.west.signer,
                              {std::chrono::seconds(1), "drug-west", [this](ByteView object, Time) {
                                 return answer == Errc::kOk ? check(object) : answer;
                               }}};

  Status check(ByteView object) const { return check_submission(chain, object); }
  void keep(const std::string& of_lot) {
    const Mark m{test::Consortium::gtin(), {of_lot}, UsageKind::kSold, "1", 1, now(),
                 random_fixed<Nonce>()};
    const auto opened = must(open<Mark>(must(seal(m, *c.west.signer, c.chain)).bytes, c.chain));
    ASSERT_TRUE(must(store->keep({&opened}, c.west.kid(), c.clock.now()))[0]);
  }
  void tick(int times) {
    for (int i = 0; i < times; ++i) {
      reporter.tick(c.clock.now());
      pass(11'000);
    }
  }
};

TEST_F(MarksOfCutLots, AReportThatCameTooLateIsRefusedForGoodAndGoesWithItsMarks) {
  two_days();
  keep("A-0");
  keep("B-1");
  answer = Errc::kUnavailable;  // whoever orders was away for all the years
  tick(4);
  ASSERT_EQ(*store->count(node::ReportState::kMade), 2u);
  cut_all();
  answer = Errc::kOk;
  tick(1);
  EXPECT_EQ(*store->count(node::ReportState::kMade), 0u);
  EXPECT_EQ(*store->count(node::ReportState::kRefused), 1u) << "and one lot's are gone already";
  tick(8);
  EXPECT_EQ(*store->count(node::ReportState::kRefused), 0u);
  EXPECT_TRUE(store->page({}, 0, 10)->empty());
}

// A cut whose block is taken back gives its lots back.
TEST_F(MarksOfCutLots, ByACutThatIsNotFinalNothingIsLetGo) {
  two_days();
  keep("A-0");
  keep("B-1");
  answer = Errc::kUnavailable;
  tick(4);
  const CutPlan p = plan();
  grow(maker.cut_block(claim(p.first, p.last)));
  ASSERT_TRUE(must(place_of_lot(chain, test::Consortium::gtin(), {"A-0"})).cut);
  answer = Errc::kOk;
  tick(12);
  EXPECT_EQ(*store->count(node::ReportState::kRefused), 0u);
  EXPECT_EQ(store->page({}, 0, 10)->size(), 2u);
  finish();
  tick(12);
  EXPECT_TRUE(store->page({}, 0, 10)->empty());
}

TEST_F(MarksOfCutLots, MarksOfALotThatStandsStay) {
  two_days();
  lot("C", 20281231);
  finish();
  keep("A-0");
  keep("C");
  tick(2);
  cut_all();
  tick(8);
  const auto left = *store->page({}, 0, 10);
  ASSERT_EQ(left.size(), 1u);
  EXPECT_EQ(left[0].mark.lot.text, "C");
}

}  // namespace
}  // namespace lotmark::chain
