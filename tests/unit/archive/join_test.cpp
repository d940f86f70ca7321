// A node that begins behind a cut, and what it does not take from a member that lies.
#include "ledger-node/join/joiner.h"

#include "core/proof/archived.h"
#include "ledger-node/chain/public/archived.h"
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

  // Two cuts on this chain, all of it dropped; an empty chain beside it.
  void cut_twice() {
    two_days();
    cut_all();
    two_more_days();
    cut_all();
    grow(maker.period_block());
    finish();
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
