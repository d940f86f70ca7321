// Dishonest parties, made by hand with their keys, among honest nodes: the nodes write files, and a fresh process in an
// empty folder says of each that it is proven.
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>

#include "core/base/hex.h"
#include "tests/scenario/block_maker.h"
#include "tests/scenario/device_maker.h"
#include "tests/scenario/lot/network.h"
#include "tests/unit/chain/temp_folder.h"

namespace lotmark::test {
namespace {

using nlohmann::json;
namespace fs = std::filesystem;
using Seconds = std::chrono::seconds;

class Dishonesty : public testing::Test {
 protected:
  Consortium c;
  TempFolder folder;
  std::unique_ptr<Network> net = std::make_unique<Network>(c, folder / "nodes");
  const Party& first = c.supervisors[0];  // orders
  const Party& second = c.supervisors[1];
  const Party& third = c.supervisors[2];

  Dishonesty() { net->advance(Seconds(20)); }  // the nodes have told each other that they begin

  std::vector<fs::path> files(const Party& at, const std::string& kind) const {
    std::vector<fs::path> out;
    const fs::path dir = folder / "nodes" / at.name / "evidence";
    if (!fs::exists(dir)) return out;
    for (const auto& e : fs::directory_iterator(dir)) {
      if (e.path().filename().string().starts_with(kind)) out.push_back(e.path());
    }
    return out;
  }
  // What the real program says of the one file of that kind, alone with the anchor.
  json judged(const Party& at, const std::string& kind) {
    const auto found = files(at, kind);
    EXPECT_EQ(found.size(), 1u) << at.name << " and " << kind;
    if (found.empty()) return {};
    const TempFolder alone;
    fs::copy_file(found[0], alone / found[0].filename().string());
    std::ofstream(alone / "anchor.cbor", std::ios::binary) << as_text(c.anchor);
    const std::string command = "cd '" + (alone / "").string() +
                                "' && env -i " LOTMARK_BIN_DIR "/lotmark evidence verify " +
                                found[0].filename().string() +
                                " --anchor anchor.cbor --json > ../" + name_of(alone);
    EXPECT_EQ(std::system(command.c_str()), 0) << "not proven";
    const fs::path said = (alone / "").parent_path().parent_path() / name_of(alone);
    std::ifstream in(said);
    json j = json::parse(in, nullptr, false);
    fs::remove(said);
    return j;
  }
  static std::string name_of(const TempFolder& f) {
    return (f / "").parent_path().filename().string() + ".json";
  }
  void expect_proven(const Party& at, const std::string& kind, const Party& culprit) {
    const json j = judged(at, kind);
    ASSERT_TRUE(j.is_object());
    EXPECT_EQ(j["outcome"], "proven");
    EXPECT_EQ(j["kind"], kind);
    EXPECT_EQ(j["by"]["kid"], to_hex(culprit.kid()));
  }
  static node::Reply nothing() { return node::reply_cbor(node::encode_list({})); }
  static bool asks_blocks(const node::Outgoing& call) {
    return call.path.starts_with("/peer/v1/blocks");
  }
  bool metric(const Party& at, const std::string& line) {
    return net->node(at).metrics_text().find(line + "\n") != std::string::npos;
  }
  // The primary's key signs two first blocks: one for `second`, the other for everybody else.
  BlockMaker one{c}, other{c};
  void fork_blocks() {
    const Bytes a = one.period_block();
    c.clock.advance(Seconds(1));
    const Bytes b = other.period_block();
    net->impersonate(first, [this, a, b](const KeyId& from, const node::Outgoing& call) {
      if (!asks_blocks(call)) return nothing();
      return node::reply_cbor(node::encode_list({from == second.kid() ? a : b}));
    });
  }
  json delegate_to(const Party& to, std::uint64_t term) {
    Delegation d;
    d.term = term;
    d.to = to.kid();
    d.from = net->node(to).chain().size();
    d.time = static_cast<std::uint64_t>(to_ms(c.clock.now()));
    const auto reply = net->control_raw(to, to, "POST", "/control/v1/delegations",
                                        seal(d, *third.signer, c.chain)->bytes);
    EXPECT_TRUE(reply.ok()) << as_text(reply.body);
    return json::parse(as_text(reply.body), nullptr, false);
  }
  Bytes turn(const Party& by, const Party& asker, std::uint64_t term) {
    Turn t;
    t.term = term;
    t.asker = asker.kid();
    return node::encode_list({seal(t, *by.signer, c.chain)->bytes});
  }
};

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
