// Turns: one a term, to one asker, and nothing signed below afterwards.
#include "ledger-node/order/turns.h"

#include "core/wire/limits.h"
#include "ledger-node/chain/public/term_reach.h"
#include "ledger-node/order/takeover.h"
#include "ledger-node/replicate/recovery.h"
#include "ledger-node/vote/voter.h"
#include "tests/unit/chain/chain_fixture.h"

namespace lotmark::node {
namespace {

class Turns : public chain::ChainTest {
 protected:
  TurnGiver giver{chain, *c.supervisors[0].signer, false};

  Reply ask(TurnGiver& at, const test::Party& by, std::uint64_t term,
            std::optional<Bytes> delegation = {}, std::optional<KeyId> given_to = {}) {
    const Turn own{term, {}, given_to.value_or(by.kid())};
    std::vector<Bytes> list{seal(own, *by.signer, c.chain)->bytes};
    if (delegation) list.push_back(*delegation);
    const Call call{"POST", "/peer/v1/turns", encode_list(list), {}};
    return *at.peer(*parse_route(call.path), call, *chain.member(by.kid()), c.clock.now());
  }
  Reply ask(const test::Party& by, std::uint64_t term) { return ask(giver, by, term); }
  // How many others a vote went to.
  std::size_t votes(Voter& voter) {
    const auto out = voter.tick(c.clock.now());
    for (const auto& o : out) o.done(reply_cbor(encode_list({})));
    return out.size();
  }
  const test::Party& two = c.supervisors[1];
  const test::Party& three = c.supervisors[2];
};

TEST_F(Turns, OneATermAndTheSameBytesAgain) {
  ASSERT_TRUE(chain.store_standing({}));
  const Reply first = ask(two, 1);
  ASSERT_TRUE(first.ok());
  const auto turn = open<Turn>(first.body, c.chain);
  ASSERT_TRUE(turn);
  EXPECT_EQ(turn->body.asker, two.kid());
  EXPECT_EQ(turn->body.term, 1u);
  EXPECT_EQ(ask(two, 1).body, first.body);
  EXPECT_EQ(ask(three, 1).body, first.body) << "who comes later sees who has it";
  EXPECT_NE(ask(three, 2).body, first.body);
  EXPECT_EQ(open<Turn>(ask(two, 1).body, c.chain)->body.asker, three.kid());
}

TEST_F(Turns, CarriesTheNewestVoteAndAfterItNoVoteIsCastBelow) {
  ASSERT_TRUE(chain.store_standing({}));
  Voter voter(chain, *c.supervisors[0].signer);
  EXPECT_EQ(append(maker.period_block()), Errc::kOk);
  EXPECT_EQ(votes(voter), 2u);
  const auto turn = open<Turn>(ask(two, 1).body, c.chain);
  ASSERT_TRUE(turn && turn->body.vote);
  EXPECT_EQ(turn->body.vote->bytes, **chain.own_vote());
  EXPECT_EQ(append(maker.period_block()), Errc::kOk);
  EXPECT_EQ(votes(voter), 0u);
  EXPECT_EQ(append(maker.term_block(1)), Errc::kOk);
  EXPECT_EQ(votes(voter), 2u) << "in that term it votes again";
}

TEST_F(Turns, ATermThatIsOpenIsNotGiven) {
  ASSERT_TRUE(chain.store_standing({}));
  EXPECT_EQ(append(maker.term_block(1)), Errc::kOk);
  EXPECT_EQ(ask(three, 1).error->code, Errc::kBlockTerm);
  EXPECT_TRUE(ask(three, 2).ok());
}

TEST_F(Turns, WhoRemembersNothingGivesNone) {
  EXPECT_EQ(ask(two, 1).error->code, Errc::kNotReady);
  EXPECT_FALSE(*chain.standing());
}

TEST_F(Turns, WithDelegationsOnlyToWhomOneNames) {
  ASSERT_TRUE(chain.store_standing({}));
  TurnGiver strict(chain, *c.supervisors[0].signer, true);
  const auto delegation = [&](const test::Party& to, std::uint64_t term) {
    return seal(Delegation{term, to.kid(), 0, 0}, *c.regulator.signer, c.chain)->bytes;
  };
  EXPECT_EQ(ask(strict, two, 1).error->code, Errc::kDenied);
  EXPECT_EQ(ask(strict, two, 1, delegation(three, 1)).error->code, Errc::kBlockTerm);
  EXPECT_EQ(ask(strict, two, 1, delegation(two, 2)).error->code, Errc::kBlockTerm);
  EXPECT_TRUE(ask(strict, two, 1, delegation(two, 1)).ok());
}

TEST_F(Turns, WhoHoldsTheTermOpensTheNextForItself) {
  ASSERT_TRUE(chain.store_standing({}));
  TurnGiver strict(chain, *c.supervisors[0].signer, true);
  EXPECT_EQ(append(maker.term_block(1)), Errc::kOk);
  EXPECT_EQ(ask(strict, three, 2).error->code, Errc::kDenied);
  EXPECT_TRUE(ask(strict, two, 2).ok());
}

TEST_F(Turns, AnOfferIsNotedAndGivesNothing) {
  ASSERT_TRUE(chain.store_standing({}));
  EXPECT_TRUE(ask(giver, two, 7, {}, c.supervisors[0].kid()).ok());
  EXPECT_EQ(giver.offered(), 7u);
  EXPECT_FALSE((*chain.standing())->asker);
  EXPECT_EQ(ask(giver, two, 8, {}, three.kid()).error->code, Errc::kDenied);
}

// One member's word must not bring the others to a term with none above it.
TEST_F(Turns, NeitherOfferedNorGivenOutOfReach) {
  ASSERT_TRUE(chain.store_standing({}));
  const KeyId self = c.supervisors[0].kid();
  for (const std::uint64_t far : {chain::kTermLeap + 1, std::uint64_t{limits::kIntMax}}) {
    EXPECT_EQ(ask(giver, two, far, {}, self).error->code, Errc::kBlockTerm);
    EXPECT_EQ(ask(two, far).error->code, Errc::kBlockTerm);
    EXPECT_EQ(Takeover::begin(chain, *c.supervisors[0].signer, far, {}, c.clock.now()).code(),
              Errc::kBlockTerm);
  }
  EXPECT_EQ(giver.offered(), 0u);
  EXPECT_FALSE((*chain.standing())->asker);
  EXPECT_TRUE(ask(giver, two, chain::kTermLeap / 2, {}, self).ok());
  EXPECT_EQ(giver.offered(), chain::kTermLeap / 2);
}

TEST_F(Turns, WhoRecoversIsNotBoundByALieOutOfReach) {
  ASSERT_EQ(append(maker.period_block()), Errc::kOk);
  auto recovery = Recovery::open(chain, *c.supervisors[0].signer);
  ASSERT_TRUE(recovery);
  const Turn lie{std::uint64_t{limits::kIntMax}, {}, two.kid()};
  const Bytes lied = encode_list({seal(lie, *two.signer, c.chain)->bytes});
  for (int round = 0; round < 8 && !*chain.standing(); ++round) {
    for (const auto& o : (*recovery)->tick(c.clock.now())) {
      const bool turns = o.path == "/peer/v1/turns";
      o.done(reply_cbor(turns && o.to == two.kid() ? lied : encode_list({})));
    }
    c.clock.advance(Millis{400});
  }
  ASSERT_TRUE(*chain.standing());
  EXPECT_EQ((*chain.standing())->term, 8u);
}

}  // namespace
}  // namespace lotmark::node
