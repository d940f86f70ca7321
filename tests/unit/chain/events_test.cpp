// Events of period blocks: complaints, rulings, and enrolments beside them.
#include "ledger-node/chain/public/complaints.h"
#include "ledger-node/chain/public/revocations.h"
#include "tests/unit/chain/chain_fixture.h"

namespace lotmark::chain {
namespace {

class Complaints : public ChainTest {
 protected:
  Bytes complaint(const test::Party& by, const KeyId& subject, std::uint64_t time = 1) {
    const Complaint x{subject, {Digest{{9}}}, ComplaintKind::kForgery, "readings repeat", {}, time};
    return seal(x, *by.signer, c.chain)->bytes;
  }
  Ruling upheld(const Digest& id) {
    return {
        id, RulingOutcome::kUpheld, {PenaltyKind::kWarning, PenaltyKind::kPoints}, 30, 10, "shown",
        2};
  }
  Bytes sealed(const Ruling& r, const test::Party& by) {
    return seal(r, *by.signer, c.chain)->bytes;
  }
  // In one period block; what the chain says of it. Nothing of a refused block stays.
  Errc events(const std::vector<Bytes>& list) {
    test::BlockMaker next = maker;
    const Errc e = append(next.period_block({}, {}, list));
    if (e == Errc::kOk) maker = next;
    return e;
  }
  KnownComplaint known(const Digest& id) {
    auto k = find_complaint(chain, id);
    EXPECT_TRUE(k && *k);
    return k && *k ? **std::move(k) : KnownComplaint{};
  }
  // A complaint of the enterprise's operator against a reviewer, on the chain; its id.
  Digest made() {
    const Bytes x = complaint(c.qa, c.east.kid());
    EXPECT_EQ(events({x}), Errc::kOk);
    return *id_of(x);
  }
};

TEST_F(Complaints, AMemberOrOperatorComplainsOfAKeyOfTheChain) {
  EXPECT_EQ(events({complaint(c.stranger, c.east.kid())}), Errc::kCoseKid);
  EXPECT_EQ(events({complaint(c.fridge, c.east.kid())}), Errc::kCoseKid) << "a device";
  EXPECT_EQ(events({complaint(c.qa, c.stranger.kid())}), Errc::kDeviceUnknown);
  Bytes forged = complaint(c.qa, c.east.kid());
  forged.back() = static_cast<std::uint8_t>(forged.back() ^ 1);
  EXPECT_EQ(events({forged}), Errc::kCoseSignature);
  const Bytes a = complaint(c.qa, c.east.kid());
  const Bytes b = complaint(c.enterprise, c.fridge.kid());
  EXPECT_EQ(events({a, b}), Errc::kOk);
  EXPECT_EQ(complaints(chain, 0, 10)->size(), 2u);
  EXPECT_EQ(complaints(chain, 0, 1)->size(), 2u) << "a page ends with a block";
  EXPECT_EQ(known(*id_of(a)).complaint.text, "readings repeat");
  EXPECT_EQ(known(*id_of(a)).by, c.qa.kid());
  EXPECT_EQ(events({a}), Errc::kListDuplicate);
}

TEST_F(Complaints, ARevokedKeyIsHeardNoMore) {
  const Revocation r{c.qa.kid(), 0, RevokedReason::kLost, {}};
  const Bytes object = seal(r, *c.supervisors[0].signer, c.chain)->bytes;
  ASSERT_EQ(append(maker.block(BlockKind::kRevocation, ObjectBytes{object})), Errc::kOk);
  EXPECT_EQ(events({complaint(c.qa, c.east.kid())}), Errc::kKeyRevoked);
}

TEST_F(Complaints, AnotherTypeIsNoEvent) {
  const Bytes head = maker.head(c.enterprise, LogKind::kIntake, merkle::MemoryTree());
  EXPECT_EQ(events({head}), Errc::kEnumUnknown);
}

TEST_F(Complaints, AQuorumOfEqualRulingsSettlesIt) {
  const Digest id = made();
  EXPECT_EQ(events({sealed(upheld(id), c.supervisors[0])}), Errc::kOk);
  EXPECT_FALSE(known(id).settled) << "one of a quorum of two";
  EXPECT_EQ(known(id).rulings, 1u);
  EXPECT_EQ(events({sealed(upheld(id), c.supervisors[2])}), Errc::kOk);
  const auto settled = known(id).settled;
  ASSERT_TRUE(settled);
  EXPECT_EQ(settled->block, 3u);
  EXPECT_EQ(settled->outcome, RulingOutcome::kUpheld);
  EXPECT_EQ(settled->penalties.size(), 2u);
  EXPECT_EQ(settled->penalised, c.east.kid());
  EXPECT_EQ(tally(chain, c.east.kid())->taken, 30u);
  EXPECT_EQ(tally(chain, c.qa.kid())->given, 10u);
  EXPECT_EQ(events({sealed(upheld(id), c.supervisors[1])}), Errc::kListDuplicate) << "settled";
}

TEST_F(Complaints, AFalseOneFallsOnWhoMadeIt) {
  const Digest id = made();
  const Ruling r{id, RulingOutcome::kFalse, {PenaltyKind::kPoints}, 50, 0, "invented", 2};
  EXPECT_EQ(events({sealed(r, c.supervisors[0]), sealed(r, c.supervisors[1]),
                    sealed(r, c.supervisors[2])}),
            Errc::kOk)
      << "a third in the block that settles it changes nothing";
  ASSERT_TRUE(known(id).settled);
  EXPECT_EQ(known(id).settled->penalised, c.qa.kid());
  EXPECT_EQ(tally(chain, c.qa.kid())->taken, 50u);
  EXPECT_EQ(tally(chain, c.east.kid())->taken, 0u);
}

TEST_F(Complaints, RulingsThatDifferSettleNothingAndTheNewestOfAMemberCounts) {
  const Digest id = made();
  const Ruling dismissed{id, RulingOutcome::kDismissed, {}, 0, 0, "not shown", 2};
  EXPECT_EQ(events({sealed(upheld(id), c.supervisors[0]), sealed(dismissed, c.supervisors[1])}),
            Errc::kOk);
  EXPECT_FALSE(known(id).settled);
  Ruling again = dismissed;
  again.time = 3;
  again.text = "in other words";
  EXPECT_EQ(events({sealed(again, c.supervisors[0])}), Errc::kOk);
  ASSERT_TRUE(known(id).settled);
  EXPECT_EQ(known(id).settled->outcome, RulingOutcome::kDismissed);
  EXPECT_FALSE(known(id).settled->penalised);
}

TEST_F(Complaints, OnlySupervisorsRuleOnceABlockOnWhatEarlierBlocksHold) {
  const Bytes x = complaint(c.qa, c.east.kid());
  const Digest id = *id_of(x);
  EXPECT_EQ(events({x, sealed(upheld(id), c.supervisors[0])}), Errc::kComplaintUnknown);
  ASSERT_EQ(events({x}), Errc::kOk);
  EXPECT_EQ(events({sealed(upheld(id), c.east)}), Errc::kCoseKid);
  EXPECT_EQ(events({sealed(upheld(id), c.regulator)}), Errc::kCoseKid);
  Ruling other = upheld(id);
  other.time = 7;
  EXPECT_EQ(events({sealed(upheld(id), c.supervisors[0]), sealed(other, c.supervisors[0])}),
            Errc::kListDuplicate);
}

TEST_F(Complaints, WhatIsTakenBackIsNotSettled) {
  const Digest id = made();
  vote_all();
  test::BlockMaker other = maker;
  ASSERT_EQ(events({sealed(upheld(id), c.supervisors[0]), sealed(upheld(id), c.supervisors[1])}),
            Errc::kOk);
  ASSERT_TRUE(known(id).settled);
  ASSERT_EQ(adopt({other.term_block(1)}), Errc::kOk);
  EXPECT_FALSE(known(id).settled);
  EXPECT_EQ(known(id).rulings, 0u);
  EXPECT_EQ(tally(chain, c.east.kid())->taken, 0u);
}

class Enrolments : public ChainTest {
 protected:
  test::Party second = test::make_party("fridge-2", "yunhe", 40);
  test::Party third = test::make_party("fridge-1", "yunhe", 41);
  Bytes enrolment(const test::Party& key, const test::Party& by,
                  EnrolmentKind kind = EnrolmentKind::kDevice,
                  std::optional<KeyId> predecessor = {}) {
    const Enrolment e{key.key(), kind, key.name, key.organisation, "", {}, predecessor};
    return seal(e, *by.signer, c.chain)->bytes;
  }
  Errc enrol(const std::vector<Bytes>& list) {
    test::BlockMaker next = maker;
    const Errc e = append(next.period_block({}, list));
    if (e == Errc::kOk) maker = next;
    return e;
  }
};

TEST_F(Enrolments, AStartDeviceIsEnrolledByAReviewerOthersByTheirOwnMember) {
  EXPECT_EQ(enrol({enrolment(second, c.east)}), Errc::kCoseKid);
  EXPECT_EQ(enrol({enrolment(second, c.supervisors[0])}), Errc::kCoseKid);
  EXPECT_EQ(enrol({enrolment(second, c.supervisors[0], EnrolmentKind::kStart)}), Errc::kCoseKid);
  EXPECT_EQ(enrol({enrolment(second, c.east, EnrolmentKind::kStart)}), Errc::kOk);
  EXPECT_EQ(chain.enrolled(second.kid())->enroller, c.east.kid());
  EXPECT_EQ(enrol({enrolment(second, c.enterprise)}), Errc::kListDuplicate) << "the key is known";
}

TEST_F(Enrolments, ANameIsTakenOverByNamingItsKey) {
  EXPECT_EQ(enrol({enrolment(third, c.enterprise)}), Errc::kListDuplicate);
  EXPECT_EQ(enrol({enrolment(third, c.enterprise, EnrolmentKind::kDevice, c.room.kid())}),
            Errc::kDeviceUnknown);
  EXPECT_EQ(enrol({enrolment(third, c.enterprise, EnrolmentKind::kOperator, c.fridge.kid())}),
            Errc::kDeviceUnknown)
      << "another kind";
  EXPECT_EQ(enrol({enrolment(third, c.enterprise, EnrolmentKind::kDevice, c.fridge.kid())}),
            Errc::kOk);
  EXPECT_EQ(chain.enrolled_name("yunhe", "fridge-1")->kid, third.kid());
  EXPECT_EQ(chain.enrolled(third.kid())->predecessor, c.fridge.kid());
  chain = open_chain();
  EXPECT_EQ(chain.enrolled(third.kid())->predecessor, c.fridge.kid());
  EXPECT_EQ(chain.enrolled_name("yunhe", "fridge-1")->kid, third.kid());
}

TEST_F(Enrolments, AKeyOrNameComesOnceABlock) {
  const test::Party twin = test::make_party("fridge-2", "yunhe", 42);
  EXPECT_EQ(enrol({enrolment(second, c.enterprise), enrolment(twin, c.enterprise)}),
            Errc::kListDuplicate);
}

}  // namespace
}  // namespace lotmark::chain
