// A node that looks after its chain.db, and two others that have what it lacks.
#include "ledger-node/keep/keeper.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "ledger-node/chain/public/disclosures.h"
#include "ledger-node/keep/disclosure_fetch.h"
#include "tests/unit/chain/temp_folder.h"
#include "tests/unit/chain/whole_chain.h"

namespace lotmark::node {
namespace {

const chain::WholeChain& whole() {
  static const chain::WholeChain chain(60);
  return chain;
}

class Keeping : public testing::Test {
 protected:
  test::TempFolder folder;
  chain::PublicChain chain = whole().make(folder / "chain.db");
  chain::PublicChain other = whole().make(":memory:");
  KeyId self = whole().c.supervisors[2].kid();
  Time now = whole().c.clock.now();
  unsigned forgot = 0;
  std::set<std::string> asked;  // what the others were asked for
  bool others_are_there = true;
  std::unique_ptr<Keeper> keeper = open();
  std::unique_ptr<Keeper> others = *Keeper::open(other, whole().c.supervisors[0].kid(), {}, [] {});

  std::unique_ptr<Keeper> open() {
    auto opened = Keeper::open(chain, self, {Millis{3600000}, 16, 256, folder / "chain.db"},
                               [this] { ++forgot; });
    EXPECT_TRUE(opened);
    return std::move(*opened);
  }
  Reply answer(const Outgoing& call) {
    if (!others_are_there) return {0, "", {}, fail(Errc::kUnavailable, "nobody there")};
    const auto route = parse_route(call.path);
    EXPECT_TRUE(route);
    asked.insert(route->parts[2]);
    if (route->parts[2] == "blocks")
      return reply_cbor(encode_list(*other.blocks(*route->number("from"), 1 << 20)));
    const Member& from = *chain.member(self);
    auto reply = others->peer(*route, {"GET", call.path, {}, ""}, from, now);
    EXPECT_TRUE(reply) << call.path;
    return *reply;
  }
  void run(unsigned ticks = 40) {
    for (unsigned i = 0; i < ticks; ++i) {
      for (const auto& call : keeper->tick(now)) call.done(answer(call));
      now += Millis{50};
    }
  }
  void spoil(const std::string& sql) { ASSERT_TRUE(chain.database().exec(sql)) << sql; }
  nlohmann::json state() {
    const auto route = parse_route("/control/v1/check");
    const auto reply = keeper->control(*route, {"GET", "/control/v1/check", {}, ""}, {}, now);
    return nlohmann::json::parse(as_text(reply->body));
  }
  double metric(const std::string& name) const {
    for (const auto& [n, v] : keeper->metrics()) {
      if (n == name) return v;
    }
    return -1;
  }
};

TEST_F(Keeping, ARoundAtTheStartFindsNothingInAWholeChain) {
  run();
  EXPECT_EQ(state()["running"], false);
  EXPECT_EQ(state()["faults"].size(), 0u);
  EXPECT_TRUE(keeper->healthy());
}

TEST_F(Keeping, ASpoiltAndAMissingBlockComeFromAnotherNode) {
  spoil("UPDATE block SET bytes = zeroblob(length(bytes)) WHERE number = 7");
  spoil("DELETE FROM block WHERE number = 33");
  others_are_there = false;
  run();
  EXPECT_EQ(keeper->healthy().code(), Errc::kCorrupt);
  EXPECT_EQ(state()["open"], metric("lotmark_check_open_faults"));
  others_are_there = true;
  now += Millis{60000};
  run();
  EXPECT_TRUE(keeper->healthy()) << state().dump(1);
  for (const std::uint64_t n : {7u, 33u}) EXPECT_EQ(*chain.block(n), whole().blocks[n]);
  EXPECT_EQ(asked, std::set<std::string>{"blocks"});
}

TEST_F(Keeping, AnotherNodesWrongBlockReplacesNothing) {
  spoil("DELETE FROM block WHERE number = 12");
  ASSERT_TRUE(
      other.database().exec("UPDATE block SET bytes = (SELECT bytes FROM block WHERE "
                            "number = 13) WHERE number = 12"));
  run();
  EXPECT_EQ(keeper->healthy().code(), Errc::kCorrupt);
  EXPECT_FALSE(chain.block(12));
}

TEST_F(Keeping, VotesAndDisclosuresComeFromAnotherNode) {
  const std::uint64_t told = whole().disclosures.begin()->first;
  spoil("UPDATE vote SET bytes = zeroblob(length(bytes)) WHERE size = 41");
  spoil("UPDATE disclosure SET disclosure = zeroblob(9) WHERE block = " + std::to_string(told));
  run();
  EXPECT_TRUE(keeper->healthy()) << state().dump(1);
  EXPECT_EQ(*chain::votes_at(chain, 41), *chain::votes_at(other, 41));
  EXPECT_EQ(*chain.receipt(told), *other.receipt(told));
  EXPECT_EQ(asked, (std::set<std::string>{"disclosures", "votes"}));
}

TEST_F(Keeping, WhatFollowsFromBlocksIsMadeAnewAndCountsAtOnce) {
  const auto head = chain.logged_head(whole().c.enterprise.kid(), LogKind::kIntake);
  spoil(
      "DELETE FROM head; DELETE FROM enrolled; UPDATE lot SET lot = 'X'; DELETE FROM tree_edge; "
      "UPDATE derived SET size = 3; DELETE FROM term WHERE term > 0");
  keeper = open();
  run();
  EXPECT_TRUE(keeper->healthy()) << state().dump(1);
  EXPECT_TRUE(asked.empty());
  EXPECT_EQ(chain.root(), other.root());
  EXPECT_EQ(chain.logged_head(whole().c.enterprise.kid(), LogKind::kIntake)->size, head->size);
  EXPECT_EQ(chain.all_enrolled().size(), other.all_enrolled().size());
  EXPECT_EQ(chain.lots(0, 100)->size(), other.lots(0, 100)->size());
  EXPECT_TRUE(*chain.find_lot(test::Consortium::gtin(), {"L-13"}));
}

TEST_F(Keeping, APromiseThatCannotBeProvenIsForgotten) {
  spoil("UPDATE standing SET term = term - 1, turn = zeroblob(200)");
  run();
  EXPECT_EQ(forgot, 1u);
  EXPECT_FALSE(*chain.standing());
  EXPECT_FALSE(*chain.own_vote());
  EXPECT_FALSE(chain.may_sign_in(1000));
}

TEST_F(Keeping, ARoundGoesOnWhereTheLastProcessStopped) {
  run(2);
  const auto at = state()["at"].get<std::uint64_t>();
  EXPECT_GT(at, 16u);
  now += Millis{20000};
  run(1);
  keeper = open();
  EXPECT_GE(state()["at"].get<std::uint64_t>(), at);
  EXPECT_EQ(state()["running"], true);
}

TEST_F(Keeping, AnOperatorsRoundBeginsAnew) {
  run();
  spoil("UPDATE block SET time = time + 1 WHERE number = 3");
  run();
  EXPECT_EQ(metric("lotmark_check_faults_total"), 0) << "the next round is an hour away";
  const auto route = parse_route("/control/v1/checks");
  ASSERT_TRUE(keeper->control(*route, {"POST", "/control/v1/checks", {}, ""}, {}, now));
  run(20);
  EXPECT_EQ(metric("lotmark_check_mended_total"), 1);
  EXPECT_EQ(state()["faults"][0]["column"], "time");
}

TEST_F(Keeping, AWipedSupervisorFetchesDisclosures) {
  spoil("DELETE FROM disclosure");
  DisclosureFetch fetch(chain, self);
  for (unsigned i = 0; i < 200; ++i) {
    for (const auto& call : fetch.tick(now)) call.done(answer(call));
    now += Millis{50};
  }
  for (const auto& [n, told] : whole().disclosures) EXPECT_EQ(*chain.receipt(n), *other.receipt(n));
}

}  // namespace
}  // namespace lotmark::node
