// Found by tests/e2e/stack/operators.py: a lot that rests on readings of last January was not listed by `lotmark tainted`
// at a supervisory node nor at its reviewer's, since the readings are older than the chain's first block. Who steals a
// device's key dates readings as it likes.
#include "ledger-node/taint/public_taint.h"
#include "tests/unit/chain/chain_fixture.h"

namespace lotmark::chain {
namespace {

class BackDated : public ChainTest {
 protected:
  // What block 1 discloses: one claim of the fridge and who wrote the record, both of times long ago.
  void disclose() {
    Claim claim;
    claim.step = "filling";
    claim.device = c.fridge.kid();
    claim.enroller = c.enterprise.kid();
    claim.channel = "t";
    claim.unit = "Cel";
    claim.start = 1;
    claim.end = 2;
    claim.annotation = {1, 400, 400, 1, 1, 0};
    claim.tree_size = 1;
    claim.gap_edge = 1;
    Segment segment;
    segment.name = std::string(kClaimName);
    segment.media = std::string(kClaimMedia);
    segment.content = encode(claim);
    Disclosure d;
    d.transaction = ObjectBytes{application()};
    d.record.kind = RecordKind::kRelease;
    d.record.time = 1;
    d.record.author = c.qa.kid();
    d.record.segments = 1;
    d.segments.push_back({0, encode(segment), {}});
    auto q = chain.database().prepare("INSERT INTO disclosure VALUES(1, ?, x'')");
    ASSERT_TRUE(q);
    ASSERT_TRUE(q->bind(1, encode(d)).run());
  }
  std::set<std::string> why(const test::Party& p, std::uint64_t since) {
    const auto s = taint::suspect(chain, p.kid(), since);
    taint::TaintedLots lots;
    const Status found = s ? taint::find_public(chain, *s, lots) : Status(s.error());
    EXPECT_TRUE(found) << found.error().message();
    return lots.empty() ? std::set<std::string>{} : lots.begin()->second.why;
  }
};

TEST_F(BackDated, AreListedWithTheRemarkThatTheyDateThemselves) {
  ASSERT_EQ(append(maker.lot_block(application("A-1"))), Errc::kOk);
  disclose();
  EXPECT_EQ(why(c.fridge, 1),
            (std::set<std::string>{"device of filling t (dates itself earlier)"}));
  EXPECT_EQ(why(c.qa, 1), (std::set<std::string>{"author (dates itself earlier)"}));
  EXPECT_TRUE(why(c.fridge, 2).empty()) << "its block is before";
}

}  // namespace
}  // namespace lotmark::chain
