// A chain over cut ranges: everything a node asks of it still holds.
#include "core/crypto/sha256.h"
#include "core/proof/verdict.h"
#include "core/wire/rollover.h"
#include "ledger-node/chain/public/usages.h"
#include "tests/unit/cut/cut_fixture.h"

namespace lotmark::chain {
namespace {

using Cutting = CutTest;
using test::Consortium;

TEST_F(Cutting, BodiesGoAndLeavesIdsRootsAndReceiptsHold) {
  two_days();
  const Bytes receipt = *chain.receipt(2);
  const Digest id = *chain.id_of(2);
  const auto tree = *chain.tree_of(chain.size());
  cut_all();
  EXPECT_EQ(chain.block(2).code(), Errc::kBodyCut);
  EXPECT_EQ(chain.id_of(2).code(), Errc::kBodyCut);
  EXPECT_TRUE(*chain.has_id(2, id));
  EXPECT_FALSE(*chain.has_id(2, Digest{{1}}));
  EXPECT_TRUE(chain.block(4)) << "a refusal stays";
  EXPECT_EQ(chain.receipt(2).code(), Errc::kBodyCut);
  EXPECT_EQ(chain.root(), maker.root());
  EXPECT_EQ(chain.tree_of(tree.size())->root(), tree.root());
  EXPECT_EQ(*chain.root_at(tree.size()), tree.root());
  const auto verdict = proof::verify_receipt(receipt, c.anchor, {}, c.clock.now());
  EXPECT_EQ(verdict.verdict, VerdictKind::kExpired) << "a receipt given before verifies";
  EXPECT_EQ(chain.votes_on(2)->size(), 3u);
  EXPECT_FALSE(*chain.find_lot(Consortium::gtin(), {"A-0"}));
}

TEST_F(Cutting, ATombstoneStaysInTheTreeThatTheSnapshotNames) {
  two_days();
  cut_all();
  const auto found = find_tombstone(chain, Consortium::gtin(), {"A-1"});
  ASSERT_TRUE(found && *found);
  EXPECT_EQ((*found)->tombstone.expires.yyyymmdd, 20260106u);
  EXPECT_EQ((*found)->tombstone.block, 6u);
  const auto all = *tombstones_of(chain, (*found)->cut);
  ASSERT_EQ(all.size(), 4u);
  const auto cut = cut_of(chain, 6);
  ASSERT_TRUE(cut && *cut);
  const auto head = read_snapshot((*cut)->head);
  ASSERT_TRUE(head);
  EXPECT_EQ(tombstone_root(all), head->tombstones);
  const auto body = open<Block>(*chain.block((*cut)->block), c.chain);
  EXPECT_EQ(sha256((*cut)->head), std::get<CutBody>(body->body.body).snapshot);
  EXPECT_FALSE(*find_tombstone(chain, Consortium::gtin(), {"A-9"}));
}

TEST_F(Cutting, ALotThatIsUsedUpIsKeptAsLongAsAnyAndItsReportsGoWithTheirBlocks) {
  const auto used = [&](std::uint64_t time) {
    const Usage u{Consortium::gtin(), {"A"}, UsageKind::kUsed, {"1"}, 1'000'000, time};
    return seal(u, *c.west.signer, c.chain)->bytes;
  };
  const auto reports = [&] { return lot_use(chain, Consortium::gtin(), {"A"})->reports; };
  const auto listed = [&] {
    auto q = *chain.database().prepare("SELECT count(*) FROM used_serial");
    EXPECT_TRUE(*q.step());
    return q.u64(0);
  };
  lot("A", 20260107);
  grow(maker.period_block({}, {}, {used(1)}));
  pass(kDay);
  grow(maker.period_block());
  finish();
  EXPECT_TRUE(plan().empty()) << "it does not expire before the 8th";
  ASSERT_TRUE(plan().held_up);
  EXPECT_EQ(reports(), 1u);
  pass(3 * kDay);
  grow(maker.period_block());
  finish();
  const std::uint64_t last = plan().last;
  ASSERT_GE(last, 2u);
  grow(maker.cut_block(claim(1, last)));
  finish();
  EXPECT_EQ(append(test::BlockMaker(maker).period_block({}, {}, {used(2)})).code(),
            Errc::kUsageLotUnknown)
      << "cut, though its body is there yet";
  EXPECT_EQ(reports(), 1u);
  EXPECT_EQ(serial_uses(chain, Consortium::gtin(), {"A"}, "1")->size(), 1u);
  EXPECT_EQ(listed(), 1u);
  ASSERT_TRUE(chain.drop_bodies(100));
  EXPECT_EQ(reports(), 0u);
  EXPECT_TRUE(serial_uses(chain, Consortium::gtin(), {"A"}, "1")->empty());
  EXPECT_EQ(listed(), 0u);
  EXPECT_EQ(append(test::BlockMaker(maker).period_block({}, {}, {used(2)})).code(),
            Errc::kUsageLotUnknown);
  chain = open_chain();
  EXPECT_EQ(reports(), 0u);
}

TEST(DayNumber, EveryDayComesBackAndMostTakeTwoBytes) {
  for (const std::uint64_t e : {20000101u, 20240229u, 20281231u, 20880131u, 99991231u})
    EXPECT_EQ(expires_of(day_number({e})), Expiry{e});
  EXPECT_LT(day_number({20880101}), 0x8000u);
}

TEST_F(Cutting, TheStateHasWhatLaterChecksNeed) {
  two_days();
  cut_all();
  const auto state = cut_state(chain);
  ASSERT_TRUE(state);
  EXPECT_EQ(state->last, 8u);
  ASSERT_EQ(state->heads.size(), 1u);
  EXPECT_EQ(state->heads[0].size, 2u);
  EXPECT_EQ(state->heads[0].block, 5u);
  ASSERT_TRUE(state->period);
  EXPECT_EQ(state->period->number, 1u);
  ASSERT_EQ(state->terms.size(), 1u);
  EXPECT_EQ(state->terms[0].kid, c.supervisors[0].kid());
}

TEST_F(Cutting, EnrolmentsRevocationsAndOpenRecallsAreInTheStateAsTheyCame) {
  const Bytes probe =
      seal(Enrolment{c.stranger.key(), EnrolmentKind::kDevice, "probe-9", "yunhe", "", {}, {}},
           *c.enterprise.signer, c.chain)
          ->bytes;
  const auto recall = [&](const char* lot, bool open) {
    const Recall r{Consortium::gtin(), LotNumber{lot}, open, "glass in vials", now()};
    return seal(r, *c.supervisors[1].signer, c.chain)->bytes;
  };
  grow(maker.period_block({}, {probe}));                                    // 1
  grow(maker.block(BlockKind::kRecall, ObjectBytes{recall("X-1", true)}));  // 2
  const Bytes open_yet = recall("X-2", true);
  grow(maker.block(BlockKind::kRecall, ObjectBytes{open_yet}));  // 3
  pass(1000);
  grow(maker.block(BlockKind::kRecall, ObjectBytes{recall("X-1", false)}));  // 4
  const Revocation lost{c.stranger.kid(), 4, RevokedReason::kLost, {}};
  const Bytes revoked = seal(lost, *c.supervisors[0].signer, c.chain)->bytes;
  grow(maker.block(BlockKind::kRevocation, ObjectBytes{revoked}));  // 5
  pass(kDay);
  grow(maker.period_block());
  finish();
  cut_all();
  const auto state = cut_state(chain);
  ASSERT_EQ(state->enrolments.size(), 1u);
  EXPECT_EQ(state->enrolments[0].object.bytes, probe);
  EXPECT_EQ(state->enrolments[0].block, 1u);
  ASSERT_EQ(state->recalls.size(), 1u);
  EXPECT_EQ(state->recalls[0].object.bytes, open_yet);
  ASSERT_EQ(state->revocations.size(), 1u);
  EXPECT_EQ(state->revocations[0].object.bytes, revoked);
  chain = open_chain();
  EXPECT_NE(chain.enrolled(c.stranger.kid()), nullptr) << "its block has no body any more";
}

TEST_F(Cutting, NodesThatDroppedAndThatDidNotMakeTheSameNextCut) {
  two_days();
  grow(maker.cut_block(claim(1, 8)));
  finish();
  lot("C");
  pass(3 * kDay);
  grow(maker.period_block());
  finish();
  const CutPlan p = plan();
  EXPECT_EQ(p.first, 9u);
  const CutClaim before = claim(p.first, p.last);
  ASSERT_TRUE(chain.drop_bodies(100));
  chain = open_chain();
  const CutClaim after = claim(p.first, p.last);
  EXPECT_EQ(after.archive, before.archive);
  EXPECT_EQ(after.snapshot, before.snapshot);
}

TEST_F(Cutting, ListsOfBlocksAreNeverSilentlyHoled) {
  two_days();
  cut_all();
  EXPECT_EQ(chain.blocks(1, 1 << 20).code(), Errc::kBodyCut);
  EXPECT_EQ(chain.blocks(4, 1 << 20)->size(), 1u) << "up to the hole";
  EXPECT_EQ(chain.blocks(8, 1 << 20)->size(), 3u);
  EXPECT_TRUE(chain.blocks(chain.size(), 1 << 20)->empty());
}

TEST_F(Cutting, TheCutChainOpensGrowsAndIsCutAgain) {
  two_days();
  cut_all();
  chain = open_chain();
  EXPECT_EQ(chain.root(), maker.root());
  EXPECT_EQ(chain.cut_end(), 9u);
  EXPECT_EQ(chain.dropped_end(), 9u);
  lot("C");
  pass(3 * kDay);
  grow(maker.period_block());
  finish();
  cut_all();
  chain = open_chain();
  EXPECT_EQ(cuts(chain, 0, 10)->size(), 2u);
  EXPECT_TRUE(*find_tombstone(chain, Consortium::gtin(), {"C"}));
  EXPECT_TRUE(*find_tombstone(chain, Consortium::gtin(), {"A-0"}));
  EXPECT_EQ(cut_state(chain)->period->number, 2u);
  EXPECT_EQ(chain.last_period(), 3u);
}

TEST_F(Cutting, WhatWasCutIsNotReleasedAgainDroppedOrNot) {
  two_days();
  const Digest first = *chain.id_of(2);
  const auto again = [&](std::optional<Digest> supersedes) {
    std::optional<std::string> reason;
    if (supersedes) reason = "a wrong label";
    const Release release{
        {application("A-0", 20301231, "vaccines", supersedes)}, "CN-9", Digest{{3}}, reason};
    test::BlockMaker other = maker;
    return append(other.block(BlockKind::kLot,
                              ObjectBytes{seal(release, *c.east.signer, c.chain)->bytes}))
        .code();
  };
  const CutPlan p = plan();
  grow(maker.cut_block(claim(p.first, p.last)));
  EXPECT_EQ(again({}), Errc::kListDuplicate);
  EXPECT_EQ(again(first), Errc::kListDuplicate) << "not by superseding it either";
  finish();
  ASSERT_TRUE(chain.drop_bodies(100));
  EXPECT_EQ(again({}), Errc::kListDuplicate);
  EXPECT_EQ(again(first), Errc::kListDuplicate);
}

TEST_F(Cutting, EachBrokenCutHasItsOwnError) {
  two_days();
  const CutClaim good = claim(1, 8);
  const auto refused = [&](const CutClaim& claim, std::size_t flags = 3) {
    test::BlockMaker other = maker;
    return append(other.cut_block(claim, flags)).code();
  };
  CutClaim bad = good;
  bad.first = 2;
  EXPECT_EQ(refused(bad), Errc::kCutRange);
  bad = good;
  bad.last = 9;
  EXPECT_EQ(refused(bad), Errc::kCutRange) << "its heads may be needed yet";
  bad.last = 10;
  EXPECT_EQ(refused(bad), Errc::kCutRange);
  EXPECT_EQ(refused(good, 1), Errc::kCutFlag);
  bad = good;
  bad.archive.bytes[0] ^= 1;
  EXPECT_EQ(refused(bad), Errc::kCutContent);
  bad = good;
  bad.snapshot.bytes[0] ^= 1;
  EXPECT_EQ(refused(bad), Errc::kCutContent);
  bad = claim(1, 5);
  EXPECT_EQ(refused(bad), Errc::kOk) << "it may end earlier";
}

TEST_F(Cutting, ACutInsideRetentionIsRefusedWhateverItsFlagsSay) {
  lot("A");
  lot("K", 20260106, "kept");
  pass(10 * kDay);
  grow(maker.period_block());
  finish();
  test::BlockMaker other = maker;
  EXPECT_EQ(append(other.cut_block(claim(1, 2))).code(), Errc::kCutRange);
}

TEST_F(Cutting, AFlagOfSomebodyElseOrForAnotherCutDoesNotCount) {
  two_days();
  const CutClaim good = claim(1, 8);
  const auto with_flags = [&](std::vector<Bytes> flags) {
    std::vector<std::pair<KeyId, Bytes>> sorted;
    for (auto& f : flags) sorted.emplace_back(open<Promise>(f, c.chain)->kid, f);
    std::sort(sorted.begin(), sorted.end());
    CutBody body{good.first, good.last, good.archive, good.snapshot, {}};
    for (auto& [kid, f] : sorted) body.flags.push_back({f});
    test::BlockMaker other = maker;
    return append(other.block(BlockKind::kCut, body)).code();
  };
  const auto flag = [&](const test::Party& by, const Digest& object, std::uint64_t deadline) {
    return seal(Promise{object, deadline}, *by.signer, c.chain)->bytes;
  };
  const Digest object = flag_object(good);
  const Bytes one = flag(c.supervisors[0], object, kFlagDeadline);
  const Bytes two = flag(c.supervisors[1], object, kFlagDeadline);
  EXPECT_EQ(with_flags({one, two}), Errc::kOk);
  chain = open_chain("another.db");
  for (const auto& b : blocks) ASSERT_TRUE(append(b));
  EXPECT_EQ(with_flags({one, one}), Errc::kListDuplicate);
  EXPECT_EQ(with_flags({one, flag(c.east, object, kFlagDeadline)}), Errc::kCutFlag);
  EXPECT_EQ(with_flags({one, flag(c.supervisors[1], object, 5)}), Errc::kCutFlag);
  EXPECT_EQ(with_flags({one, flag(c.supervisors[1], Digest{{1}}, kFlagDeadline)}), Errc::kCutFlag);
  Bytes forged = two;
  forged.back() = static_cast<std::uint8_t>(forged.back() ^ 1);
  EXPECT_EQ(with_flags({one, forged}), Errc::kCoseSignature);
}

TEST_F(Cutting, OnlyFinalCutsAreDroppedAndOneThatIsTakenBackIsForgotten) {
  two_days();
  test::BlockMaker theirs = maker;
  grow(maker.cut_block(claim(1, 8)));
  EXPECT_EQ(*chain.drop_bodies(100), 0u);
  EXPECT_EQ(chain.cut_end(), 9u);
  ASSERT_TRUE(chain.adopt({theirs.term_block(1)}, c.clock.now()));
  EXPECT_EQ(chain.cut_end(), 1u);
  EXPECT_TRUE(chain.block(2));
  maker = theirs;
  grow(maker.cut_block(claim(1, 5)));
  finish();
  EXPECT_EQ(*chain.drop_bodies(100), 5u);
  EXPECT_TRUE(chain.block(6));
}

TEST_F(Cutting, DroppingGoesOnWhereItStopped) {
  two_days();
  grow(maker.cut_block(claim(1, 8)));
  finish();
  EXPECT_EQ(*chain.drop_bodies(3), 3u);
  chain = open_chain();
  EXPECT_EQ(chain.block(2).code(), Errc::kBodyCut);
  EXPECT_TRUE(chain.block(6));
  EXPECT_TRUE(*chain.find_lot(Consortium::gtin(), {"A-1"})) << "its turn has not come";
  EXPECT_TRUE(*find_tombstone(chain, Consortium::gtin(), {"A-1"}));
  EXPECT_EQ(*chain.drop_bodies(100), 5u);
  EXPECT_EQ(*chain.drop_bodies(100), 0u);
  EXPECT_EQ(tombstones_of(chain, 10)->size(), 4u);
}

TEST_F(Cutting, TheArchiveFileHashesToWhatTheCutSays) {
  two_days();
  const auto content = make_cut_content(chain, 1, 8);
  ASSERT_TRUE(content);
  Bytes file;
  ASSERT_TRUE(write_archive(chain, 1, 8, tombstone_root(content->tombstones),
                            [&](ByteView piece) -> Status {
                              file.insert(file.end(), piece.begin(), piece.end());
                              return {};
                            }));
  EXPECT_EQ(sha256(file), content->archive);
  std::size_t bodies = 0;
  for (const std::size_t n : {1, 2, 3, 5, 6, 7}) {
    const auto at =
        std::search(file.begin(), file.end(), blocks[n - 1].begin(), blocks[n - 1].end());
    EXPECT_NE(at, file.end()) << n;
    bodies += blocks[n - 1].size();
  }
  EXPECT_LT(file.size(), bodies + 6 * 5 + 200);
}

TEST_F(Cutting, AReplayInMemoryGoesOnBehindTheCut) {
  two_days();
  cut_all();
  lot("C");
  const auto again = PublicChain::replay(chain.database(), c.anchor);
  ASSERT_TRUE(again) << again.error().message();
  EXPECT_EQ(again->root(), chain.root());
  EXPECT_EQ(again->cut_end(), 9u);
  EXPECT_EQ(again->logged_head(c.enterprise.kid(), LogKind::kIntake)->size, 2u);
  EXPECT_TRUE(*again->find_lot(Consortium::gtin(), {"C"}));
}

TEST_F(Cutting, TimesAreFoundOverTheHole) {
  two_days();
  const std::uint64_t first_day = now() - 3 * kDay;
  cut_all();
  const auto later = chain.first_after(first_day);
  ASSERT_TRUE(later && *later);
  EXPECT_LE(**later, 5u);
  EXPECT_GT(**later, 0u);
  EXPECT_EQ(**chain.first_after(now() - 1), 9u);
}

TEST_F(Cutting, VotesAreThinnedToTheNewestOfEachSigner) {
  for (int i = 0; i < 400; ++i) {
    pass(1000);
    grow(maker.period_block());
    finish();
  }
  while (*chain.thin(50) == 50) {
  }
  const auto newest = chain.votes_of(c.supervisors[0].kid(), 0);
  ASSERT_EQ(newest->size(), 64u);
  EXPECT_EQ(newest->front().vote.claims.size, chain.size());
  EXPECT_EQ(newest->back().vote.claims.size, chain.size() - 63);
  auto q = chain.database().prepare("SELECT count(*) FROM vote");
  ASSERT_TRUE(q && *q->step());
  EXPECT_EQ(q->u64(0), 3u * 256) << "the newest 256 sizes; below, each vote has 64 newer ones";
  EXPECT_EQ(chain.votes_on(5)->size(), 3u);
}

// Who knows the old root key alone is shown votes of its own epochs.
TEST_F(Cutting, VotesBeforeANewRootKeyStayForOldReceipts) {
  const auto second = test::make_party("root-2", "root", 77);
  Anchor anchor = *read_anchor(c.anchor);
  anchor.links.push_back({seal(Rollover{second.key(), 1, 1}, *c.root.signer, c.chain)->bytes});
  auto rolled = *PublicChain::open(":memory:", encode_anchor(anchor));
  for (int i = 0; i < 400; ++i) {
    pass(1000);
    const Bytes block = i == 50 ? maker.membership_block(&second) : maker.period_block();
    ASSERT_TRUE(rolled.append(block, c.clock.now()));
    for (const auto& v : maker.votes()) ASSERT_TRUE(rolled.add_vote(v));
  }
  const Bytes before = rolled.votes_on(5)->front();
  while (*rolled.thin(50) == 50) {
  }
  EXPECT_EQ(rolled.votes_on(5)->front(), before);
}

}  // namespace
}  // namespace lotmark::chain
