#include "tests/sim/witness.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/wire/vote.h"
#include "tests/scenario/block_maker.h"
#include "tests/sim/timeline.h"

namespace lotmark::sim {
namespace {

using testing::HasSubstr;

// A witness, and two histories of one primary: `one` and, a second later, `other`.
class Watching : public testing::Test {
 protected:
  test::Consortium c;
  Timeline timeline{c.options.begin};
  Journal journal{timeline};
  Witness witness{c, journal};
  test::BlockMaker one{c};
  test::BlockMaker other{c};

  std::string seen() const { return journal.broken().value_or("nothing"); }
  chain::PublicChain empty_chain() const { return *chain::PublicChain::open(":memory:", c.anchor); }
  chain::PublicChain final_chain(test::BlockMaker& maker) const {
    auto chain = empty_chain();
    EXPECT_TRUE(chain.append(maker.period_block(), c.clock.now()));
    for (const auto& v : maker.votes(2)) EXPECT_TRUE(chain.add_vote(v));
    return chain;
  }
  Bytes vote(const test::BlockMaker& on, std::uint64_t term) const {
    VoteClaims claims;
    claims.seconds = static_cast<std::uint64_t>(to_ms(c.clock.now())) / 1000;
    claims.size = on.size();
    claims.term = term;
    return *make_vote(claims, on.root(), *c.supervisors[1].signer, c.chain);
  }
};

TEST_F(Watching, SeesNothingWrongInAChainThatGrows) {
  for (int i = 0; i < 3; ++i) {
    witness.block(one.period_block());
    for (const auto& v : one.votes()) witness.vote(v);
  }
  EXPECT_EQ(seen(), "nothing");
  EXPECT_EQ(witness.tree().size(), 4u);
}

TEST_F(Watching, SeesTwoBlocksOfOnePlace) {
  witness.block(one.period_block());
  c.clock.advance(Millis{1000});
  witness.block(other.period_block());
  EXPECT_THAT(seen(), HasSubstr("prov-1 signed two blocks 1 in term 0"));
}

TEST_F(Watching, SeesVotesOfOneTermOnTwoBranches) {
  witness.block(one.period_block());
  witness.block(other.term_block());
  witness.vote(vote(one, 0));
  witness.vote(vote(other, 1));
  EXPECT_EQ(seen(), "nothing") << "another term is another matter";
  witness.vote(vote(one, 1));
  EXPECT_THAT(seen(), HasSubstr("prov-2 cast two inconsistent votes in term 1"));
}

TEST_F(Watching, SeesAVoteOnATreeThatNobodyHolds) {
  witness.block(one.period_block());
  c.clock.advance(Millis{1000});
  (void)other.period_block();
  witness.vote(vote(other, 0));
  EXPECT_THAT(seen(), HasSubstr("prov-2 voted in term 0 on 2 blocks that nobody holds"));
}

TEST_F(Watching, SeesTwoFinalChains) {
  witness.look("prov-1", final_chain(one));
  EXPECT_EQ(witness.final_size(), 2u);
  c.clock.advance(Millis{1000});
  witness.look("prov-2", final_chain(other));
  EXPECT_THAT(journal.tail(), HasSubstr("two final chains: prov-2 holds block 1"));
}

TEST_F(Watching, SeesANodeForgetWhatWasFinal) {
  witness.look("prov-1", final_chain(one));
  witness.look("prov-1", empty_chain());
  EXPECT_THAT(seen(), HasSubstr("prov-1 held 2 blocks as final"));
}

TEST_F(Watching, LetsAWipedNodeBeginAnew) {
  witness.look("prov-1", final_chain(one));
  witness.wiped("prov-1");
  witness.look("prov-1", empty_chain());
  EXPECT_EQ(seen(), "nothing");
}

}  // namespace
}  // namespace lotmark::sim
