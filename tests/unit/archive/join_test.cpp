// A node that begins behind a cut, and what it does not take from a member that lies.
#include "ledger-node/join/joiner.h"

#include "core/proof/archived.h"
#include "core/wire/complaint.h"
#include "core/wire/usage.h"
#include "ledger-node/chain/public/archived.h"
#include "ledger-node/chain/public/check.h"
#include "tests/unit/cut/cut_fixture.h"

namespace lotmark::node {
namespace {

class Joining : public chain::CutTest {
 protected:
  // What a lying member does to its answers.
  using Lie = std::function<void(const std::string& what, std::vector<Bytes>& list)>;

  KeyId source = c.supervisors[0].kid();
  std::unique_ptr<Joiner> giver;
  std::optional<chain::PublicChain> fresh;
  std::unique_ptr<Joiner> joiner;
  Lie lie;
  std::map<std::string, int> asked;  // how often for what

  // Two cuts on this chain, all of it dropped; an empty chain beside it.
  void cut_twice() {
    two_days();
    cut_all();
    two_more_days();
    cut_all();
    grow(maker.period_block());
    finish();
    open_both();
  }
  // Two cuts; the block of each stands behind a lot that is kept on, which takes the place of one that the second took. A
  // complaint stands in that cut's range, the ruling on it behind, and so does a report of use of a lot of the first.
  void cut_across() {
    two_days();
    lot("K", 20260110);
    const Digest replaced = maker.tip();
    const Bytes complaint =
        seal(Complaint{c.east.kid(), {}, ComplaintKind::kNegligence, "readings repeat", {}, 1},
             *c.enterprise.signer, c.chain)
            ->bytes;
    grow(maker.period_block({}, {}, {complaint}));
    pass(kDay);
    grow(maker.lot_block(application("K", 20260301, "vaccines", replaced), "CN-2026-0002",
                         "expiry set right"));
    const Ruling ruling{*id_of(complaint), RulingOutcome::kDismissed, {}, 0, 0, "not shown", 1};
    const Usage used{test::Consortium::gtin(), {"A-0"}, UsageKind::kUsed, {"7"}, 3, 1};
    grow(maker.period_block({}, {},
                            {seal(ruling, *c.supervisors[0].signer, c.chain)->bytes,
                             seal(used, *c.west.signer, c.chain)->bytes}));
    finish();
    cut_all();
    pass(4 * kDay);
    grow(maker.period_block());
    finish();
    cut_all();
    grow(maker.period_block());
    finish();
    ASSERT_GT(chain::cuts(chain, 0, 1)->front().block, chain.cut_end());
    open_both();
  }
  // What a node's own check of its rows finds.
  std::string faults(const chain::PublicChain& of) {
    auto check = *chain::ChainCheck::begin(of.database(), c.anchor);
    std::vector<chain::Fault> found;
    for (bool done = false; !done;) {
      const auto step = check.step(1000, found);
      if (!step) return step.error().message();
      done = *step;
    }
    std::string out;
    for (const auto& fault : found) out += fault.text() + "\n";
    return out;
  }
  void open_both() {
    giver = std::make_unique<Joiner>(chain, folder / "join-giver");
    fresh.emplace(open_chain("fresh.db"));
    joiner = std::make_unique<Joiner>(*fresh, folder / "join");
  }
  void two_more_days() {
    for (int day = 2; day < 4; ++day) {
      lot("A-" + std::to_string(day), 20260110);
      pass(kDay);
    }
    pass(3 * kDay);
    grow(maker.period_block());
    finish();
  }
  Reply answer(const Outgoing& call) {
    const auto route = *parse_route(call.path);
    ++asked[route.parts[2]];
    if (route.parts[2] == "membership") return reply_cbor(encode_list({}));
    const Call made{call.method, call.path, {}, ""};
    auto reply = *giver->peer(route, made, *chain.member(source), c.clock.now());
    if (!lie || !reply.ok()) return reply;
    auto list = *decode_list(reply.body, 200'000);
    lie(route.parts[2], list);
    return reply_cbor(encode_list(list));
  }
  // One attempt, to its end.
  void join() {
    pass(15'000);
    joiner->tick(c.clock.now());
    joiner->behind(source);
    for (int i = 0; i < 1000 && joiner->joining(); ++i) {
      for (auto& call : joiner->tick(c.clock.now())) call.done(answer(call));
    }
    pass(5000);
  }
  // Blocks behind the cut, as a replica takes them.
  void follow() {
    while (fresh->size() < chain.size()) {
      const auto list = chain.blocks(fresh->size(), 1 << 20);
      ASSERT_TRUE(list) << list.error().message();
      for (const auto& b : *list) {
        const auto done = fresh->append(b, c.clock.now());
        ASSERT_TRUE(done) << done.error().message();
      }
    }
    const auto votes = *chain.votes(0);
    for (const auto& v : votes) {
      const auto added = fresh->add_vote(v);
      ASSERT_TRUE(added) << added.error().message();
    }
  }
};

TEST_F(Joining, AnEmptyNodeBeginsBehindTwoCutsAndGoesOn) {
  cut_twice();
  join();
  ASSERT_GT(fresh->size(), 1u);
  EXPECT_EQ(fresh->size(), fresh->dropped_end());
  follow();
  EXPECT_EQ(fresh->root(), chain.root());
  EXPECT_EQ(fresh->final_size(), chain.final_size());
  EXPECT_EQ(fresh->cut_end(), chain.cut_end());
  EXPECT_EQ(*chain::cut_state_file(*fresh), *chain::cut_state_file(chain));
  for (const char* name : {"A-0", "B-1", "A-2", "A-3"}) {
    const auto proof = chain::archived_proof(*fresh, test::Consortium::gtin(), {name});
    ASSERT_TRUE(proof && *proof) << name;
    const auto r = proof::verify_archived(**proof, c.anchor, {test::Consortium::gtin().text, name});
    EXPECT_EQ(r.verdict, VerdictKind::kArchived) << name;
  }
}

// Where lots are kept for long, a cut's block stands behind the range of the next cut: so here. What comes between the
// newest cut's range and its block was checked with what that cut took since.
TEST_F(Joining, BlocksBetweenACutsRangeAndItsBlockAreFollowed) {
  cut_across();
  join();
  ASSERT_EQ(fresh->size(), chain.cut_end());
  EXPECT_EQ(faults(*fresh), "");
  follow();
  EXPECT_EQ(faults(*fresh), "");
  EXPECT_EQ(faults(chain), "");
  EXPECT_EQ(fresh->root(), chain.root());
  EXPECT_EQ(fresh->cut_end(), chain.cut_end());
  EXPECT_EQ(fresh->find_lot(test::Consortium::gtin(), {"K"})->value().block,
            chain.find_lot(test::Consortium::gtin(), {"K"})->value().block);
  EXPECT_EQ(*chain::cut_state_file(*fresh), *chain::cut_state_file(chain));
}

TEST_F(Joining, ARestartBetweenACutsRangeAndItsBlockChangesNothing) {
  cut_across();
  join();
  ASSERT_TRUE(fresh->append(blocks[fresh->size() - 1], c.clock.now()));
  joiner.reset();
  fresh.reset();
  fresh.emplace(open_chain("fresh.db"));
  follow();
  EXPECT_EQ(fresh->root(), chain.root());
}

TEST_F(Joining, WhatStandsInForACutIsNotTakenBack) {
  cut_across();
  join();
  const Bytes next = blocks[fresh->size() - 1];
  ASSERT_TRUE(fresh->append(next, c.clock.now()));
  Block other = open<Block>(next, c.chain)->body;
  other.kind = BlockKind::kTerm;
  other.term = 1;
  other.body = {};
  const Bytes forged = seal(other, *c.supervisors[1].signer, c.chain)->bytes;
  ASSERT_TRUE(fresh->adopt({forged}, c.clock.now())) << "not final there yet";
  EXPECT_EQ(fresh->cut_end(), chain.cut_end());
}

TEST_F(Joining, ARecallThatIsWithheldIsMissed) {
  Recall recall{test::Consortium::gtin(), LotNumber{"Z"}, true, "glass", now()};
  grow(maker.block(BlockKind::kRecall,
                   ObjectBytes{seal(recall, *c.supervisors[0].signer, c.chain)->bytes}));
  cut_across();
  lie = [this](const std::string& what, std::vector<Bytes>& list) {
    if (what != "kept") return;
    std::erase_if(list, [this](const Bytes& b) {
      return open<Block>(b, c.chain)->body.kind == BlockKind::kRecall;
    });
  };
  join();
  EXPECT_EQ(fresh->size(), 1u);
}

TEST_F(Joining, WhileTheNextCutIsDroppedTheOneBeforeIsJoined) {
  two_days();
  cut_all();
  two_more_days();
  const auto next = plan();
  ASSERT_FALSE(next.empty());
  grow(maker.cut_block(claim(next.first, next.last)));
  finish();
  ASSERT_EQ(*chain.drop_bodies(1), 1u);
  open_both();
  join();
  EXPECT_EQ(fresh->size(), next.first);
  ASSERT_GT(*chain.drop_bodies(100), 0u);
  join();
  EXPECT_EQ(fresh->size(), next.last + 1);
}

TEST_F(Joining, WhoFailedIsNotAskedAgainBeforeOthers) {
  cut_twice();
  lie = [](const std::string& what, std::vector<Bytes>& list) {
    if (what == "state") list.clear();
  };
  join();
  lie = nullptr;
  joiner->tick(c.clock.now());
  joiner->behind(source);
  EXPECT_FALSE(joiner->joining());
  joiner->behind(c.supervisors[1].kid());
  EXPECT_TRUE(joiner->joining());
}

TEST_F(Joining, ItStandsThroughARestartRightBehindTheCut) {
  cut_twice();
  join();
  const std::uint64_t size = fresh->size();
  joiner.reset();
  fresh.reset();
  fresh.emplace(open_chain("fresh.db"));
  EXPECT_EQ(fresh->size(), size);
  follow();
  EXPECT_EQ(fresh->root(), chain.root());
}

TEST_F(Joining, WhatALyingMemberChangesIsNotTaken) {
  cut_twice();
  const auto flip = [](const char* part, std::size_t item) -> Lie {
    return [=](const std::string& what, std::vector<Bytes>& list) {
      if (what == part && item < list.size() && !list[item].empty())
        list[item][list[item].size() / 2] ^= 1;
    };
  };
  const std::pair<const char*, std::size_t> bits[] = {{"cuts", 0},      {"cuts", 1},   {"cuts", 2},
                                                      {"state", 0},     {"leaves", 0}, {"kept", 0},
                                                      {"tombstones", 0}};
  for (const auto& [part, item] : bits) {
    lie = flip(part, item);
    join();
    EXPECT_EQ(fresh->size(), 1u) << part << " " << item;
  }
  lie = nullptr;
  join();
  EXPECT_GT(fresh->size(), 1u) << "an honest one is believed afterwards";
}

// No id covers a signature, so no leaf does.
TEST_F(Joining, AKeptBlockWithAnotherSignatureIsNotTaken) {
  cut_twice();
  lie = [](const std::string& what, std::vector<Bytes>& list) {
    if (what == "kept" && !list.empty()) list[0].back() ^= 1;
  };
  join();
  EXPECT_EQ(fresh->size(), 1u);
}

// Before a body was looked at they would fill the disk: signed by whomever, of 1 MiB each, as many as the chain has blocks.
TEST_F(Joining, KeptBlocksThatStandOnNoTreeAreNotWritten) {
  cut_twice();
  std::uint64_t next = 1;
  lie = [&](const std::string& what, std::vector<Bytes>& list) {
    if (what != "kept") return;
    Block b = open<Block>(*chain.block(chain.cut_end()), c.chain)->body;
    b.number = next++;
    list = {seal(b, *c.west.signer, c.chain)->bytes};
  };
  join();
  EXPECT_EQ(fresh->size(), 1u);
  EXPECT_EQ(asked["kept"], 1);
}

TEST_F(Joining, LeavesNotVotedOnAreSeenBeforeAnythingElseIsAsked) {
  cut_twice();
  lie = [&](const std::string& what, std::vector<Bytes>& list) {
    if (what == "leaves") list[0][32] ^= 1;
  };
  join();
  EXPECT_EQ(fresh->size(), 1u);
  EXPECT_EQ(asked["leaves"], 1);
  EXPECT_EQ(asked["kept"], 0);
}

// A byte at a time is an answer in time each time.
TEST_F(Joining, WhoGivesALittleAtATimeIsLeft) {
  cut_twice();
  lie = [](const std::string& what, std::vector<Bytes>& list) {
    if (what == "state" && !list[0].empty()) list[0].resize(1);
  };
  pass(15'000);
  joiner->tick(c.clock.now());
  joiner->behind(source);
  for (int i = 0; i < 20 && joiner->joining(); ++i) {
    auto calls = joiner->tick(c.clock.now());
    pass(9000);
    joiner->tick(c.clock.now());
    for (auto& call : calls) call.done(answer(call));
  }
  EXPECT_FALSE(joiner->joining());
  EXPECT_LT(asked["state"], 10);
}

TEST_F(Joining, ANodeBeyondTheCutStopsBeforeTheLeaves) {
  cut_twice();
  join();
  follow();
  asked.clear();
  join();
  EXPECT_EQ(asked["cuts"], 1);
  EXPECT_EQ(asked["leaves"], 0);
}

TEST_F(Joining, ListsWithHolesAreNotTaken) {
  cut_twice();
  for (const std::size_t head : {1u, 2u}) {
    lie = [head](const std::string& what, std::vector<Bytes>& list) {
      if (what == "cuts") list.erase(list.begin() + static_cast<std::ptrdiff_t>(head));
    };
    join();
    EXPECT_EQ(fresh->size(), 1u) << "head " << head;
  }
  lie = [this](const std::string& what, std::vector<Bytes>& list) {
    if (what != "kept") return;
    std::erase_if(list, [this](const Bytes& b) {
      return open<Block>(b, c.chain)->body.kind == BlockKind::kCut;
    });
  };
  join();
  EXPECT_EQ(fresh->size(), 1u) << "an earlier cut block withheld";
}

TEST_F(Joining, ACutThatIsNotFinalIsNotJoined) {
  cut_twice();
  const auto newest = chain::cut_of(chain, chain.cut_end() - 1);
  const Bytes without_votes = *with_votes(*chain.block((*newest)->block), {});
  lie = [&](const std::string& what, std::vector<Bytes>& list) {
    if (what == "cuts") list[0] = without_votes;
  };
  join();
  EXPECT_EQ(fresh->size(), 1u);
}

}  // namespace
}  // namespace lotmark::node
