// Dishonest parties, made by hand with their keys, among honest nodes: the nodes write files, and a fresh process in an
// empty folder says of each that it is proven.
#include "tests/scenario/device_maker.h"
#include "tests/scenario/evidence/dishonesty.h"

namespace lotmark::test {
namespace {

// ---- blocks --------------------------------------------------------------------------------------

TEST_F(Dishonesty, APrimaryThatSignsTwoBlocksForOneNumberIsProvenByBothWhoHoldOne) {
  fork_blocks();
  net->advance(Seconds(10));
  expect_proven(second, "block-fork", first);
  expect_proven(third, "block-fork", first);
}

TEST_F(Dishonesty, AProvenForkerGetsNoVoteAndNoTurnAndTheRoleMovesOn) {
  fork_blocks();
  net->advance(Seconds(10));
  EXPECT_TRUE(metric(second, "lotmark_vote_withheld 1"));
  EXPECT_TRUE(metric(third, "lotmark_vote_withheld 1"));
  EXPECT_EQ(net->send(first, third, "POST", "/peer/v1/turns", turn(first, first, 3)).error->code,
            Errc::kDenied);
  delegate_to(second, 1);
  net->advance(Seconds(30));
  EXPECT_EQ(*net->node(third).primary(), second.kid());
  EXPECT_TRUE(metric(third, "lotmark_vote_withheld 0"));
  EXPECT_EQ(net->node(third).chain().final_size(), net->node(third).chain().size());
  EXPECT_EQ(net->node(third).chain().root(), net->node(second).chain().root());
}

TEST_F(Dishonesty, OtherNodesAreToldAndVerifyThemselves) {
  fork_blocks();
  net->advance(std::chrono::minutes(3));
  expect_proven(c.enterprise, "block-fork", first);
  expect_proven(c.east, "block-fork", first);
  const json list = net->control(c.west, c.west, "GET", "/control/v1/evidence", {});
  ASSERT_EQ(list.size(), 1u) << list.dump();
  EXPECT_EQ(list[0]["culprit"], to_hex(first.kid()));
  const auto file = net->control_raw(c.west, c.west, "GET", "/control/v1/evidence/1", {});
  EXPECT_EQ(file.body.size(), list[0]["bytes"].get<std::size_t>());
}

TEST_F(Dishonesty, WhatProvesNothingIsNotKeptWhoeverServesIt) {
  const Bytes lie = to_bytes(as_bytes("no evidence"));
  net->impersonate(first, [lie](const KeyId&, const node::Outgoing& call) {
    return call.path.starts_with("/peer/v1/evidence") ? node::reply_cbor(node::encode_list({lie}))
                                                      : nothing();
  });
  net->advance(std::chrono::minutes(2));
  EXPECT_TRUE(files(second, "").empty());
  EXPECT_FALSE(metric(second, "lotmark_evidence_refused_total 0"));
}

// ---- votes ---------------------------------------------------------------------------------------

// `third` voted for what `second` holds and shows it a vote for another root; asked for its blocks it gives them.
class TwoRoots : public Dishonesty {
 protected:
  void show(std::size_t more) {
    const Bytes a = one.period_block();
    c.clock.advance(Seconds(1));
    std::vector<Bytes> b{other.period_block()};
    for (std::size_t i = 0; i < more; ++i) b.push_back(other.period_block());
    net->impersonate(first, [a](const KeyId&, const node::Outgoing& call) {
      return asks_blocks(call) ? node::reply_cbor(node::encode_list({a})) : nothing();
    });
    net->impersonate(third, [b](const KeyId&, const node::Outgoing& call) {
      const bool asked = asks_blocks(call) && call.path.find("prev=") == std::string::npos;
      return asked ? node::reply_cbor(node::encode_list(b)) : nothing();
    });
    net->advance(Seconds(3));
    ASSERT_EQ(net->node(second).chain().size(), 2u);
    ASSERT_TRUE(post(one.votes()[2]).ok());
  }
  node::Reply post(const Bytes& vote) {
    return net->send(third, second, "POST", "/peer/v1/votes", node::encode_list({vote}));
  }
};

TEST_F(TwoRoots, OfOneSizeAreProven) {
  show(0);
  EXPECT_EQ(post(other.votes()[2]).error->code, Errc::kCoseSignature);
  net->advance(Seconds(10));
  expect_proven(second, "vote-inconsistent", third);
  expect_proven(second, "block-fork", first);
}

TEST_F(TwoRoots, OfTwoSizesAreProvenByTwoLeaves) {
  show(1);
  // The other history at size 3 is above what is held: the vote waits until the chain here is as long.
  EXPECT_EQ(post(other.votes()[2]).error->code, Errc::kNotReady);
  const Bytes next = one.period_block();
  net->impersonate(first, [next](const KeyId&, const node::Outgoing& call) {
    return asks_blocks(call) ? node::reply_cbor(node::encode_list({next})) : nothing();
  });
  net->advance(Seconds(5));
  ASSERT_EQ(net->node(second).chain().size(), 3u);
  EXPECT_EQ(post(other.votes()[2]).error->code, Errc::kCoseSignature);
  net->advance(Seconds(10));
  expect_proven(second, "vote-inconsistent", third);
}

// ---- turns ---------------------------------------------------------------------------------------

TEST_F(Dishonesty, ATurnForTwoAskersIsProven) {
  net->impersonate(third, [](const KeyId&, const node::Outgoing&) { return nothing(); });
  (void)net->send(third, second, "POST", "/peer/v1/turns", turn(third, third, 7));
  EXPECT_TRUE(files(second, "").empty());
  (void)net->send(third, second, "POST", "/peer/v1/turns", turn(third, second, 7));
  net->advance(Seconds(1));
  expect_proven(second, "turn-fork", third);
}

// ---- enterprises and devices ---------------------------------------------------------------------

TEST_F(Dishonesty, AnEnterpriseThatBranchesABatchIsProvenByItsReviewer) {
  const Sealed start = c.start_signal();
  net->publish("lotmark/v1/yunhe/filler-1/start", start.bytes);
  net->control(c.enterprise, c.qa, "POST", "/control/v1/batches",
               {{"programme", "vaccines"},
                {"line", to_hex(c.line_hash)},
                {"gtin", Consortium::gtin().text},
                {"lot", "A-1"},
                {"reviewers", {"drug-east"}},
                {"start", "latest:filler-1"}});
  net->advance(std::chrono::minutes(12), Seconds(10));
  Transaction t;
  t.prev = start.id;
  t.commitment.bytes[0] = 1;
  t.time = static_cast<std::uint64_t>(to_ms(c.clock.now()));
  const auto reply = net->send(c.enterprise, c.east, "POST", "/peer/v1/transactions",
                               seal(t, *c.enterprise.signer, c.chain)->bytes);
  EXPECT_EQ(reply.error->code, Errc::kTransactionFork);
  expect_proven(c.east, "transaction-fork", c.enterprise);
  net->advance(std::chrono::minutes(3), Seconds(5));
  expect_proven(second, "transaction-fork", c.enterprise);
  expect_proven(c.west, "transaction-fork", c.enterprise);
}

TEST_F(Dishonesty, ADeviceThatSignsTwoBundlesOfOneNumberIsProvenByItsIntake) {
  const Time day = c.options.begin - std::chrono::hours(6);
  ChannelPlan warm = cold_channel();
  warm.value = [](std::uint64_t) { return 790; };
  for (const auto& channel : {cold_channel(), warm}) {
    DeviceMaker fridge(c.fridge, c.chain);
    for (const auto& w : fridge.run(day, day + std::chrono::hours(1), 60000, {channel}))
      net->publish("lotmark/v1/yunhe/fridge-1/bundle", w);
  }
  net->advance(Seconds(1));
  expect_proven(c.enterprise, "bundle-fork", c.fridge);
  EXPECT_EQ(net->send(first, c.enterprise, "GET", "/peer/v1/evidence?from=1", {}).error->code,
            Errc::kDenied);
}

// ---- honest parties ------------------------------------------------------------------------------

TEST_F(Dishonesty, HonestNodesAccuseNobodyWhenTheRoleMoves) {
  net->advance(std::chrono::minutes(21), Seconds(5));
  delegate_to(second, 1);
  net->advance(std::chrono::minutes(11), Seconds(5));
  net->cut(second);
  net->advance(Seconds(30));
  net->mend(second);
  net->advance(std::chrono::minutes(11), Seconds(5));
  EXPECT_GT(net->node(third).chain().size(), 4u);
  const std::vector<const Party*> all{&first, &second, &third, &c.enterprise, &c.east};
  for (const Party* p : all) EXPECT_TRUE(files(*p, "").empty()) << p->name;
}

TEST_F(Dishonesty, AFolderThatWasEmptiedIsWrittenAgainAtTheStart) {
  fork_blocks();
  net->advance(Seconds(10));
  net.reset();
  fs::remove_all(folder / "nodes" / second.name / "evidence");
  net = std::make_unique<Network>(c, folder / "nodes");
  expect_proven(second, "block-fork", first);
  EXPECT_TRUE(metric(second, "lotmark_evidence_files 1"));
}

}  // namespace
}  // namespace lotmark::test
