// Keys that are revoked and lots that are recalled: who may say so, what counts from which block on.
#include "ledger-node/chain/public/recalls.h"
#include "ledger-node/chain/public/revocations.h"
#include "tests/unit/chain/chain_fixture.h"

namespace lotmark::chain {
namespace {

class Revocations : public ChainTest {
 protected:
  Bytes revocation(const KeyId& kid, const test::Party& by, std::uint64_t from = 0) {
    const Revocation r{kid, from, RevokedReason::kCompromised, "stolen"};
    return seal(r, *by.signer, c.chain)->bytes;
  }
  Errc revoke(const KeyId& kid, const test::Party& by, std::uint64_t from = 0) {
    test::BlockMaker next = maker;
    const Errc e =
        append(next.block(BlockKind::kRevocation, ObjectBytes{revocation(kid, by, from)}));
    if (e == Errc::kOk) maker = next;
    return e;
  }
  std::optional<Revoked> state(const KeyId& kid) { return *revoked(chain, kid); }
  Bytes enrolment(const test::Party& device, const test::Party& by) {
    return seal(
               Enrolment{
                   device.key(), EnrolmentKind::kDevice, device.name, by.organisation, "", {}, {}},
               *by.signer, c.chain)
        ->bytes;
  }
};

TEST_F(Revocations, ASupervisorTheKeyItselfAndItsEnrollerMayRevokeNobodyElse) {
  EXPECT_EQ(revoke(c.fridge.kid(), c.east), Errc::kCoseKid);
  EXPECT_EQ(revoke(c.fridge.kid(), c.qa), Errc::kCoseKid);
  EXPECT_EQ(revoke(c.fridge.kid(), c.enterprise), Errc::kCoseKid) << "the root key enrolled it";
  EXPECT_EQ(revoke(c.stranger.kid(), c.supervisors[0]), Errc::kDeviceUnknown);
  EXPECT_EQ(revoke(c.fridge.kid(), c.supervisors[1]), Errc::kOk);
  EXPECT_EQ(revoke(c.qa.kid(), c.qa), Errc::kOk);
  EXPECT_EQ(revoke(c.enterprise.kid(), c.enterprise), Errc::kOk);

  const test::Party fresh = test::make_party("fridge-2", "yunhe", 40);
  EXPECT_EQ(revoke(fresh.kid(), c.east), Errc::kDeviceUnknown);
}

TEST_F(Revocations, TheEnrollerMayRevokeWhatItEnrolled) {
  const test::Party fresh = test::make_party("fridge-2", "yunhe", 40);
  ASSERT_EQ(append(maker.period_block({}, {enrolment(fresh, c.enterprise)})), Errc::kOk);
  EXPECT_EQ(revoke(fresh.kid(), c.east), Errc::kCoseKid);
  EXPECT_EQ(revoke(fresh.kid(), c.enterprise, 1), Errc::kOk);
}

TEST_F(Revocations, ItCountsInTheBlocksBehindAndIsSuspectedSinceTheEarliestFrom) {
  ASSERT_EQ(append(maker.period_block()), Errc::kOk);
  ASSERT_EQ(append(maker.period_block()), Errc::kOk);
  ASSERT_EQ(revoke(c.qa.kid(), c.supervisors[0], 3), Errc::kOk);
  auto r = state(c.qa.kid());
  ASSERT_TRUE(r);
  EXPECT_EQ(r->from, 3u);
  EXPECT_EQ(r->counts_from, 4u) << "not in its own block";
  EXPECT_TRUE(r->as_of(4));
  EXPECT_FALSE(r->as_of(3));
  ASSERT_EQ(revoke(c.qa.kid(), c.supervisors[1], 1), Errc::kOk);
  r = state(c.qa.kid());
  EXPECT_EQ(r->from, 1u) << "suspected since";
  EXPECT_EQ(r->counts_from, 4u);
  EXPECT_EQ(r->block, 4u);
  EXPECT_EQ(r->text, "stolen");
  EXPECT_EQ(all_revoked(chain)->size(), 1u);
}

TEST_F(Revocations, OneAnnouncedForALaterBlockCountsThere) {
  ASSERT_EQ(revoke(c.qa.kid(), c.supervisors[0], 90), Errc::kOk);
  EXPECT_EQ(state(c.qa.kid())->counts_from, 90u);
  EXPECT_TRUE(not_revoked(chain, c.qa.kid(), c.statement));
}

TEST_F(Revocations, ARevokedReviewersReleaseIsRefused) {
  const Bytes a = application();
  ASSERT_EQ(revoke(c.east.kid(), c.supervisors[0]), Errc::kOk);
  test::BlockMaker next = maker;
  EXPECT_EQ(append(next.lot_block(a)), Errc::kKeyRevoked);
}

TEST_F(Revocations, ARevokedEnterprisesLotsAndHeadsAndEnrolmentsAreRefused) {
  merkle::MemoryTree tree;
  tree.append_entry(Digest{{7}}.view());
  const test::Party fresh = test::make_party("fridge-2", "yunhe", 40);
  ASSERT_EQ(revoke(c.enterprise.kid(), c.supervisors[0]), Errc::kOk);
  const test::BlockMaker here = maker;
  EXPECT_EQ(append(test::BlockMaker(here).lot_block(application())), Errc::kKeyRevoked);
  const Bytes head = here.head(c.enterprise, LogKind::kIntake, tree);
  EXPECT_EQ(append(test::BlockMaker(here).period_block({head})), Errc::kKeyRevoked);
  const Bytes device = enrolment(fresh, c.enterprise);
  EXPECT_EQ(append(test::BlockMaker(here).period_block({}, {device})), Errc::kKeyRevoked);
}

TEST_F(Revocations, ASupervisorIsSilencedByAStatementAlone) {
  ASSERT_EQ(revoke(c.supervisors[0].kid(), c.supervisors[1]), Errc::kOk);
  EXPECT_TRUE(state(c.supervisors[0].kid()));
  EXPECT_EQ(append(maker.period_block()), Errc::kOk) << "it still orders";
  EXPECT_EQ(revoke(c.qa.kid(), c.supervisors[0]), Errc::kOk);
  vote_all();
  EXPECT_EQ(chain.checkpoint()->votes.size(), 3u);
}

TEST_F(Revocations, TheSameOneTwiceIsADuplicateAndAForgedOneIsRefused) {
  const Bytes once = revocation(c.qa.kid(), c.supervisors[0]);
  ASSERT_EQ(append(maker.block(BlockKind::kRevocation, ObjectBytes{once})), Errc::kOk);
  test::BlockMaker next = maker;
  EXPECT_EQ(append(next.block(BlockKind::kRevocation, ObjectBytes{once})), Errc::kListDuplicate);
  Bytes forged = revocation(c.qa.kid(), c.supervisors[1]);
  forged.back() = static_cast<std::uint8_t>(forged.back() ^ 1);
  next = maker;
  EXPECT_EQ(append(next.block(BlockKind::kRevocation, ObjectBytes{forged})), Errc::kCoseSignature);
}

TEST_F(Revocations, WhatIsTakenBackIsNotRevoked) {
  ASSERT_EQ(append(maker.period_block()), Errc::kOk);
  vote_all();
  test::BlockMaker other = maker;
  ASSERT_EQ(revoke(c.qa.kid(), c.supervisors[0]), Errc::kOk);
  ASSERT_EQ(adopt({other.term_block(1)}), Errc::kOk);
  EXPECT_FALSE(state(c.qa.kid()));
}

class Recalls : public ChainTest {
 protected:
  Errc recall(std::optional<std::string> lot, bool open, const test::Party& by) {
    Recall r{test::Consortium::gtin(), {}, open, "glass in vials", ++time_};
    if (lot) r.lot = LotNumber{*lot};
    test::BlockMaker next = maker;
    const Errc e =
        append(next.block(BlockKind::kRecall, ObjectBytes{seal(r, *by.signer, c.chain)->bytes}));
    if (e == Errc::kOk) maker = next;
    return e;
  }
  bool recalled(const std::string& lot) {
    return open_recall(chain, test::Consortium::gtin(), {lot})->has_value();
  }

 private:
  std::uint64_t time_ = 0;
};

TEST_F(Recalls, ASupervisorAloneRecalls) {
  EXPECT_EQ(recall("A-1", true, c.enterprise), Errc::kCoseKid);
  EXPECT_EQ(recall("A-1", true, c.east), Errc::kCoseKid);
  EXPECT_EQ(recall("A-1", true, c.regulator), Errc::kCoseKid);
  EXPECT_EQ(recall("A-1", true, c.supervisors[2]), Errc::kOk);
}

TEST_F(Recalls, WhoMayNotIsToldWhoMay) {
  const Recall r{test::Consortium::gtin(), {}, true, "glass in vials", 1};
  const auto refused = chain.append(
      maker.block(BlockKind::kRecall, ObjectBytes{seal(r, *c.east.signer, c.chain)->bytes}),
      c.clock.now());
  EXPECT_EQ(refused.error().text, "its signer is no member with the role supervising");
}

TEST_F(Recalls, TheNewestWordOnALotStands) {
  EXPECT_FALSE(recalled("A-1"));
  ASSERT_EQ(recall("A-1", true, c.supervisors[0]), Errc::kOk);
  EXPECT_TRUE(recalled("A-1"));
  EXPECT_FALSE(recalled("A-2"));
  ASSERT_EQ(recall("A-1", false, c.supervisors[1]), Errc::kOk);
  EXPECT_FALSE(recalled("A-1"));
  ASSERT_EQ(recall("A-1", true, c.supervisors[0]), Errc::kOk);
  EXPECT_EQ(open_recall(chain, test::Consortium::gtin(), {"A-1"})->value().block, 3u);
}

TEST_F(Recalls, AnOlderWordDoesNotCloseWhatStandsOpen) {
  Recall r{test::Consortium::gtin(), LotNumber{"A-1"}, false, "found harmless", 4};
  const Bytes before = seal(r, *c.supervisors[0].signer, c.chain)->bytes;
  for (int i = 0; i < 5; ++i) ASSERT_EQ(recall("A-1", true, c.supervisors[0]), Errc::kOk);
  test::BlockMaker next = maker;
  EXPECT_EQ(append(next.block(BlockKind::kRecall, ObjectBytes{before})), Errc::kTimeOrder);
  EXPECT_TRUE(recalled("A-1"));
  r.lot.reset();
  next = maker;
  EXPECT_EQ(append(next.block(BlockKind::kRecall,
                              ObjectBytes{seal(r, *c.supervisors[0].signer, c.chain)->bytes})),
            Errc::kOk)
      << "the product's is another one";
}

TEST_F(Recalls, AWholeProductIsLiftedAsAWholeOnly) {
  ASSERT_EQ(recall(std::nullopt, true, c.supervisors[0]), Errc::kOk);
  ASSERT_EQ(recall("A-1", true, c.supervisors[0]), Errc::kOk);
  EXPECT_TRUE(recalled("A-9"));
  EXPECT_EQ(open_recalls(chain)->size(), 2u);
  EXPECT_EQ(open_recall(chain, test::Consortium::gtin(), {"A-1"})->value().block, 2u)
      << "its own comes first";
  ASSERT_EQ(recall("A-1", false, c.supervisors[0]), Errc::kOk);
  EXPECT_TRUE(recalled("A-1")) << "the product's stands";
  ASSERT_EQ(recall(std::nullopt, false, c.supervisors[0]), Errc::kOk);
  EXPECT_FALSE(recalled("A-1"));
  EXPECT_TRUE(open_recalls(chain)->empty());
}

TEST_F(Recalls, OfAnotherProductIsNone) {
  ASSERT_EQ(recall(std::nullopt, true, c.supervisors[0]), Errc::kOk);
  EXPECT_FALSE(open_recall(chain, Gtin{"09506000134352"}, {"A-1"})->has_value());
}

TEST_F(Recalls, WhatIsTakenBackStandsAsBefore) {
  ASSERT_EQ(recall("A-1", true, c.supervisors[0]), Errc::kOk);
  vote_all();
  test::BlockMaker other = maker;
  ASSERT_EQ(recall("A-1", false, c.supervisors[0]), Errc::kOk);
  ASSERT_FALSE(recalled("A-1"));
  ASSERT_EQ(adopt({other.term_block(1)}), Errc::kOk);
  EXPECT_TRUE(recalled("A-1"));
}

TEST_F(Recalls, AChainOpenedAnewKnowsThem) {
  ASSERT_EQ(recall("A-1", true, c.supervisors[0]), Errc::kOk);
  chain = open_chain();
  EXPECT_TRUE(recalled("A-1"));
}

}  // namespace
}  // namespace lotmark::chain
