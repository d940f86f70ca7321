// What others serve as evidence.
#include "ledger-node/evidence/exchange.h"

#include "tests/unit/chain/chain_fixture.h"

namespace lotmark::node {
namespace {

class Exchanged : public chain::ChainTest {
 protected:
  EvidenceStore store = *EvidenceStore::open(folder / "", c.anchor);
  EvidenceExchange exchange{chain, store, c.supervisors[0].kid()};

  // How many lines an answer of each member that is asked makes.
  std::size_t lines(const std::vector<Bytes>& files) {
    testing::internal::CaptureStdout();
    for (const auto& call : exchange.tick(c.clock.now())) call.done(reply_cbor(encode_list(files)));
    c.clock.advance(Millis{60'000});
    const std::string out = testing::internal::GetCapturedStdout();
    std::size_t n = 0;
    for (auto at = out.find("evidence.refused"); at != out.npos;
         at = out.find("evidence.refused", at + 1))
      ++n;
    return n;
  }
  double refused() const { return exchange.metrics().front().second; }
};

TEST_F(Exchanged, WhoServesNothingButRubbishIsNamedOnceAndCounted) {
  const std::vector<Bytes> rubbish(500, Bytes{0x80});
  const std::size_t members = lines(rubbish);
  EXPECT_EQ(members, 4u) << "two supervising, two reviewing";
  EXPECT_EQ(lines(rubbish), 0u);
  EXPECT_EQ(refused(), static_cast<double>(2 * 500 * members));
}

}  // namespace
}  // namespace lotmark::node
