#include "ledger-node/replicate/replica.h"

#include <gtest/gtest.h>

#include "tests/scenario/block_maker.h"
#include "tests/unit/chain/temp_folder.h"

namespace lotmark {
namespace {

using node::Outgoing;
using node::Reply;

// A supervisor's replica whose sources are the primary and the third supervisor.
class Following : public testing::Test {
 protected:
  test::Consortium c;
  test::BlockMaker maker{c};
  test::TempFolder folder;
  chain::PublicChain chain = open_chain();
  KeyId primary = c.supervisors[0].kid();
  KeyId other = c.supervisors[2].kid();
  node::Replica replica{chain, c.supervisors[1].kid(), [this] { return std::optional(primary); },
                        Millis{200}};
  std::vector<Bytes> made;  // what the primary has, from block 1
  bool primary_up = true;
  bool primary_frozen = false;  // takes calls and answers none
  bool other_has_all = false;
  std::vector<Outgoing> unanswered;
  std::size_t asked_primary = 0;

  chain::PublicChain open_chain() {
    auto opened = chain::PublicChain::open(folder / "chain.db", c.anchor);
    EXPECT_TRUE(opened) << opened.error().message();
    return std::move(*opened);
  }
  Reply answer(const Outgoing& call) {
    if (call.to == primary) ++asked_primary;
    if (call.to == primary && !primary_up) {
      return {0, "", {}, fail(Errc::kUnavailable, "nobody there")};
    }
    if ((call.to != primary && !other_has_all) || call.path.starts_with("/peer/v1/votes")) {
      return node::reply_cbor(
          node::encode_list({}));  // the other supervisor knows no more than we do
    }
    return node::reply_cbor(node::encode_list(
        {made.begin() + static_cast<std::ptrdiff_t>(chain.size()) - 1, made.end()}));
  }
  void run(unsigned ticks) {
    for (unsigned i = 0; i < ticks; ++i) {
      for (auto& call : replica.tick(c.clock.now())) {
        if (primary_frozen && call.to == primary) unanswered.push_back(std::move(call));
        else call.done(answer(call));
      }
      c.clock.advance(Millis{100});
    }
  }
};

TEST_F(Following, TakesWhatThePrimaryMakes) {
  made.push_back(maker.period_block());
  run(3);
  EXPECT_EQ(chain.size(), 2u);
}

TEST_F(Following, ReturnsToAPrimaryThatWasAway) {
  made.push_back(maker.period_block());
  run(3);
  primary_up = false;
  run(30);
  EXPECT_EQ(chain.size(), 2u);
  primary_up = true;
  made.push_back(maker.period_block());
  run(30);
  EXPECT_EQ(chain.size(), 3u);
}

TEST_F(Following, ReturnsAfterABlockItRefused) {
  made.push_back(maker.period_block());
  made.back().back() ^= 1;
  run(3);
  EXPECT_EQ(chain.size(), 1u);
  made.back().back() ^= 1;
  run(30);
  EXPECT_EQ(chain.size(), 2u);
}

TEST_F(Following, DoesNotWaitForAFrozenPrimary) {
  made.push_back(maker.period_block());
  other_has_all = true;
  primary_frozen = true;
  run(30);  // three seconds, less than a call may take
  EXPECT_EQ(chain.size(), 2u);
}

// Each answer holds a page of it; only a later one leads to the higher term for which ours is taken back.
TEST_F(Following, TakesAPartedChainThatComesInPages) {
  test::BlockMaker theirs = maker;
  ASSERT_TRUE(chain.append(maker.refusal_block(Digest{{9}}), c.clock.now()));
  const std::vector<std::vector<Bytes>> pages{{theirs.period_block()},
                                              {theirs.period_block(), theirs.period_block()},
                                              {theirs.term_block(2), theirs.period_block()}};
  for (unsigned i = 0; i < 40; ++i) {
    for (auto& call : replica.tick(c.clock.now())) {
      std::vector<Bytes> page;
      if (call.to == primary && call.path.starts_with("/peer/v1/blocks")) {
        const bool whole = call.path.find("prev=") != std::string::npos;
        if (whole && chain.size() == 2) page = pages[0];
        if (call.path.ends_with("from=2")) page = pages[1];
        if (call.path.ends_with("from=4")) page = pages[2];
      }
      call.done(node::reply_cbor(node::encode_list(page)));
    }
    c.clock.advance(Millis{100});
  }
  EXPECT_EQ(chain.root(), theirs.root());
  EXPECT_EQ(chain.term(), 1u);
}

// A line so slow that each answer comes after the replica turned elsewhere must still bring the chain.
// A member signs blocks beside the chain, one a page, and no page is the last: the primary is asked all the same.
TEST_F(Following, APartedChainWithoutEndKeepsNobodyFromThePrimary) {
  made.push_back(maker.period_block());
  run(3);
  test::BlockMaker beside{c};
  std::vector<Bytes> without_end{beside.refusal_block(Digest{{9}})};
  for (int i = 0; i < 400; ++i) without_end.push_back(beside.period_block());
  std::size_t asked_other = 0;
  for (unsigned i = 0; i < 300; ++i) {
    if (i == 100) made.push_back(maker.period_block());
    for (auto& call : replica.tick(c.clock.now())) {
      if (call.to != other || !call.path.starts_with("/peer/v1/blocks")) {
        call.done(answer(call));
        continue;
      }
      ++asked_other;
      const auto next = node::parse_route(call.path)->number("from").value_or(1);
      const std::size_t at = call.path.find("prev=") != std::string::npos ? 0 : next - 1;
      call.done(node::reply_cbor(node::encode_list({without_end.at(at)})));
    }
    c.clock.advance(Millis{100});
  }
  EXPECT_GT(asked_other, 8u);
  EXPECT_EQ(chain.size(), 3u);
}

TEST_F(Following, TakesWhatAFrozenPrimaryAnswersLate) {
  made.push_back(maker.period_block());
  primary_frozen = true;
  run(40);
  ASSERT_FALSE(unanswered.empty());
  for (auto& call : unanswered) call.done(answer(call));
  EXPECT_EQ(chain.size(), 2u);
}

TEST_F(Following, AsksAnAbsentPrimaryNowAndThenOnly) {
  primary_up = false;
  run(100);  // ten seconds
  EXPECT_GE(asked_primary, 4u);
  EXPECT_LE(asked_primary, 12u);
}

}  // namespace
}  // namespace lotmark
