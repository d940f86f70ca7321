// A take-over among members of whom one lies: it may be done without, and then its word counts for nothing.
#include "ledger-node/order/takeover.h"

#include "ledger-node/chain/public/term_reach.h"
#include "ledger-node/order/turns.h"
#include "ledger-node/replicate/recovery.h"
#include "tests/unit/chain/chain_fixture.h"

namespace lotmark::node {
namespace {

using Answer = std::function<Reply(const Outgoing& call)>;

class TakingOver : public chain::ChainTest {
 protected:
  const test::Party& self = c.supervisors[0];
  const test::Party& liar = c.supervisors[1];
  const test::Party& honest = c.supervisors[2];
  std::shared_ptr<Takeover> takeover;
  std::map<KeyId, Answer> answers;
  int calls = 0;

  void SetUp() override {
    ASSERT_EQ(append(maker.period_block()), Errc::kOk);
    vote_all();
    ASSERT_TRUE(chain.store_standing({}));
    answers[honest.kid()] = [this](const Outgoing& call) {
      return call.method == "POST" ? reply_cbor(turn(honest, takeover->term(), self.kid()))
                                   : page({});
    };
  }
  void begin(std::uint64_t term) {
    auto begun = Takeover::begin(chain, *self.signer, term, {}, c.clock.now());
    ASSERT_TRUE(begun) << begun.error().message();
    takeover = *std::move(begun);
  }
  Bytes turn(const test::Party& by, std::uint64_t term, const KeyId& asker,
             std::optional<Bytes> vote = {}) {
    Turn t{term, {}, asker};
    if (vote) t.vote = ObjectBytes{*vote};
    return seal(t, *by.signer, c.chain)->bytes;
  }
  // On a tree that nobody has.
  Bytes best_vote(const test::Party& by) {
    const VoteClaims claims{static_cast<std::uint64_t>(to_ms(c.clock.now())) / 1000, 1'000'000, 0,
                            0};
    return *make_vote(claims, Digest{{9}}, *by.signer, c.chain);
  }
  static Reply page(const std::vector<Bytes>& blocks) { return reply_cbor(encode_list(blocks)); }
  static Reply block_term(const std::string& text) {
    return reply_error(fail(Errc::kBlockTerm, text));
  }
  // The liar answers first; whoever has no answer stays silent.
  void run(int seconds) {
    for (int i = 0; i < 10 * seconds; ++i) {
      auto out = takeover->tick(c.clock.now());
      std::ranges::stable_sort(out, {}, [&](const Outgoing& o) { return o.to != liar.kid(); });
      for (const auto& call : out) {
        ++calls;
        if (const auto& answer = answers[call.to]) call.done(answer(call));
      }
      if (takeover->state() >= Takeover::State::kReady) return;
      c.clock.advance(Millis{100});
    }
  }
};

TEST_F(TakingOver, OneMemberThatRefusesIsDoneWithout) {
  begin(1);
  answers[liar.kid()] = [](const Outgoing&) { return block_term("term 7 is reached"); };
  run(3);
  EXPECT_EQ(takeover->state(), Takeover::State::kReady);
  EXPECT_EQ(takeover->seen_term(), 0u);
}

TEST_F(TakingOver, OneMemberWithEverHigherTurnsIsDoneWithout) {
  begin(1);
  answers[liar.kid()] = [this](const Outgoing&) {
    return reply_cbor(turn(liar, takeover->term() + 1000, liar.kid()));
  };
  run(3);
  EXPECT_EQ(takeover->state(), Takeover::State::kReady);
}

TEST_F(TakingOver, WhereAQuorumIsMissingTheNextAttemptGoesAboveWhatTheLeastBoundSaid) {
  begin(1);
  answers[liar.kid()] = [this](const Outgoing&) {
    return reply_cbor(turn(liar, 1'000'000, liar.kid()));
  };
  answers[honest.kid()] = [](const Outgoing&) { return block_term("term 9 is reached"); };
  run(3);
  EXPECT_EQ(takeover->state(), Takeover::State::kPassed);
  EXPECT_EQ(takeover->seen_term(), 9u);
}

TEST_F(TakingOver, WhatNoHonestMemberCanBeBoundToIsNotFollowed) {
  begin(1);
  answers[liar.kid()] = [this](const Outgoing&) {
    return reply_cbor(turn(liar, chain::kTermLeap, liar.kid()));
  };
  answers[honest.kid()] = nullptr;
  run(3);
  EXPECT_EQ(takeover->state(), Takeover::State::kHearing) << "the other one is waited for";
  EXPECT_EQ(takeover->seen_term(), 1u);
}

TEST_F(TakingOver, AChainThatDoesNotEndIsLeft) {
  std::vector<Bytes> one{maker.period_block()};
  const std::vector<std::vector<Bytes>> pages{
      std::vector<Bytes>(4096), {Bytes{0}}, one, std::vector<Bytes>(50, one[0])};
  for (const auto& each : pages) {
    begin(takeover ? takeover->term() + 1 : 1);
    answers[liar.kid()] = [this, &each](const Outgoing& call) {
      return call.method == "POST"
                 ? reply_cbor(turn(liar, takeover->term(), self.kid(), best_vote(liar)))
                 : page(each);
    };
    calls = 0;
    run(5);
    EXPECT_EQ(takeover->state(), Takeover::State::kReady);
    EXPECT_LT(calls, 30);
  }
}

TEST_F(TakingOver, WhoseChainDoesNotComeIsDoneWithoutWhereTheOthersAreAQuorum) {
  begin(1);
  bool silent = false;
  for (int i = 0; i < 35 && takeover->state() < Takeover::State::kReady; ++i) {
    for (const auto& call : takeover->tick(c.clock.now())) {
      if (call.to == liar.kid() && call.method == "GET") {
        silent = true;  // never answered
        continue;
      }
      call.done(call.to == liar.kid()
                    ? reply_cbor(turn(liar, takeover->term(), self.kid(), best_vote(liar)))
                    : answers[honest.kid()](call));
    }
    c.clock.advance(Millis{100});
  }
  EXPECT_TRUE(silent);
  EXPECT_EQ(takeover->state(), Takeover::State::kReady) << "before four seconds were over";
}

// Once everybody was bound to the highest term within reach, nobody could be asked for one above.
TEST_F(TakingOver, WhoeverAskedForTheHighestTermLeavesAHigherOne) {
  TurnGiver giver(chain, *self.signer, false);
  const auto ask = [&](const test::Party& by, std::uint64_t term) {
    const Call call{"POST", "/peer/v1/turns", encode_list({turn(by, term, by.kid())}), {}};
    const auto reply =
        *giver.peer(*parse_route(call.path), call, *chain.member(by.kid()), c.clock.now());
    const auto given = open<Turn>(reply.body, c.chain);
    return reply.ok() && given && given->body.term == term && given->body.asker == by.kid();
  };
  std::uint64_t highest = 0;
  for (std::uint64_t step = chain::kTermLeap; step > 0; step /= 2) {
    if (ask(liar, highest + step)) highest += step;
  }
  ASSERT_GT(highest, 0u);
  c.clock.advance(Millis{2000});
  EXPECT_TRUE(ask(honest, highest + 1));
  c.clock.advance(Millis{2000});
  EXPECT_TRUE(Takeover::begin(chain, *self.signer, highest + 2, {}, c.clock.now()));
}

TEST_F(TakingOver, WhoRecoversAsksSeldomForWhatWasCut) {
  chain::PublicChain fresh = *chain::PublicChain::open(folder / "fresh.db", c.anchor);
  auto recovery = Recovery::open(fresh, *self.signer);
  ASSERT_TRUE(recovery);
  int blocks = 0;
  for (int i = 0; i < 40; ++i) {
    for (const auto& o : (*recovery)->tick(c.clock.now())) {
      const bool asked = o.path.starts_with("/peer/v1/blocks");
      blocks += asked && o.to == honest.kid() ? 1 : 0;
      o.done(asked ? reply_error(fail(Errc::kBodyCut, "block 1 was cut")) : page({}));
    }
    c.clock.advance(Millis{100});
  }
  EXPECT_GE(blocks, 1);
  EXPECT_LE(blocks, 3);
}

}  // namespace
}  // namespace lotmark::node
