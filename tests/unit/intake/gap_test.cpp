#include "tests/unit/intake/intake_fixture.h"

namespace lotmark::test {
namespace {

class IntakeGap : public IntakeTest {
 protected:
  void bundles(int n) {
    for (int i = 0; i < n; ++i) {
      ids.push_back({});
      last_sent = thermometer.bundle({{kStart + thermometer.seq, i}});
      last_ack = tell(thermometer, last_sent);
      ids.back() = thermometer.id;
    }
  }
  std::vector<Digest> ids;
  bus::Message last_sent;
  Ack last_ack;
};

TEST_F(IntakeGap, MovesThePositionAndTheLogGoesOnFromWhatItCallsLost) {
  bundles(2);
  const auto lost = thermometer.stray({{kStart + 5, 5}});
  const Digest lost_id = thermometer.id;
  Gap g = thermometer.gap_draft(3);
  g.lost = lost_id;
  const Ack ack = tell(thermometer, thermometer.send(g));
  EXPECT_EQ(ack.through, 5u);
  EXPECT_EQ(ack.id, lost_id);
  EXPECT_EQ(log->size(), 3u);
  EXPECT_EQ(tell(thermometer, thermometer.bundle({{kStart + 6, 6}})).through, 6u);
  auto stored = log->find(thermometer.id);
  EXPECT_EQ((*stored)->index, 3u);
}

TEST_F(IntakeGap, WithoutLostIdIsFollowedByNullPrev) {
  bundles(1);
  const Ack ack = tell(thermometer, thermometer.gap(2));
  EXPECT_EQ(ack.through, 3u);
  EXPECT_FALSE(ack.id.has_value());
  expect_refused(thermometer,
                 thermometer.stray({{kStart + 9, 9}}, [&](auto& d) { d.body.prev = ids[0]; }),
                 Errc::kPrevMismatch, 4);
  EXPECT_EQ(tell(thermometer, thermometer.bundle({{kStart + 9, 9}})).through, 4u);
}

TEST_F(IntakeGap, MayBeTheFirstOfALife) {
  EXPECT_EQ(tell(thermometer, thermometer.gap(7)).through, 7u);
  EXPECT_EQ(log->size(), 1u);
}

TEST_F(IntakeGap, AgainIsAckedAgain) {
  bundles(1);
  const auto m = thermometer.gap(2);
  tell(thermometer, m);
  const Ack ack = tell(thermometer, m);
  EXPECT_TRUE(ack.refused.empty());
  EXPECT_EQ(ack.through, 3u);
  EXPECT_EQ(log->size(), 2u);
}

TEST_F(IntakeGap, ThatReachesBelowIsCutAndIsNoEvidence) {
  bundles(4);
  Gap g = thermometer.gap_draft(2);  // 5..6
  g.seq = 3;                         // 3..6 though 3 and 4 are here
  g.prev = ids[1];
  const Ack ack = tell(thermometer, thermometer.send(g));
  EXPECT_EQ(ack.through, 6u);
  EXPECT_TRUE(ack.refused.empty());
  EXPECT_TRUE(evidence().empty());
  auto db = store::Database::open(file, {.read_only = true});
  auto q = db->prepare("SELECT seq, last, kind FROM intake ORDER BY idx DESC LIMIT 1");
  ASSERT_TRUE(*q->step());
  EXPECT_EQ(q->integer(0), 5);
  EXPECT_EQ(q->integer(1), 6);
  EXPECT_EQ(q->integer(2), 1);
}

TEST_F(IntakeGap, ThatIsCutMustStillFollowWhatStandsBelowIt) {
  bundles(4);
  Gap g = thermometer.gap_draft(2);
  g.seq = 3;
  g.prev = ids[2];
  const auto at = thermometer.seq;
  expect_refused(thermometer, thermometer.send(g), Errc::kPrevMismatch, 3);
  thermometer.seq = at;
  g.seq = 1;
  g.prev.reset();
  EXPECT_EQ(tell(thermometer, thermometer.send(g)).through, 6u);
}

TEST_F(IntakeGap, ThatBeginsInsideAnotherGapHasAPrevNobodyCanCheck) {
  bundles(1);
  tell(thermometer, thermometer.gap(4));  // 2..5
  Gap g = thermometer.gap_draft(2);
  g.seq = 4;
  g.last = 7;
  g.prev = ids[0];
  EXPECT_EQ(tell(thermometer, thermometer.send(g)).through, 7u);
}

TEST_F(IntakeGap, WhollyBelowIsRefused) {
  bundles(3);
  Gap g = thermometer.gap_draft(1);
  g.seq = 1;
  g.last = 2;
  g.prev.reset();
  expect_refused(thermometer, thermometer.send(g), Errc::kGapBelowPosition, 1);
  EXPECT_TRUE(evidence().empty());
}

TEST_F(IntakeGap, BeyondTheNextSeqNeedsWhatIsBetween) {
  bundles(1);
  Gap g = thermometer.gap_draft(1);
  g.seq = g.last = 4;
  expect_refused(thermometer, thermometer.send(g), Errc::kNeedSeq, 4);
}

TEST_F(IntakeGap, LostBundleThatComesAfterAllIsAckedIfItIsTheOneNamed) {
  bundles(1);
  auto late = thermometer.stray({{kStart + 5, 5}}, [](auto& d) { d.body.seq = 3; });
  Gap g = thermometer.gap_draft(2);  // 2..3
  g.lost = thermometer.id;
  const auto sent = thermometer.send(g);
  tell(thermometer, sent);
  EXPECT_TRUE(tell(thermometer, late).refused.empty());
  const auto other = thermometer.stray({{kStart + 6, 6}}, [](auto& d) { d.body.seq = 3; });
  expect_refused(thermometer, other, Errc::kSeqConflict, 3);
  const auto rows = evidence();
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0].first, sent.payload);
  EXPECT_EQ(rows[0].second, other.payload);
  EXPECT_EQ(log->size(), 2u);
}

// Whoever carries bundles can keep one that gave way and bring it after its gap: no fork, and no evidence of one.
TEST_F(IntakeGap, WhatGaveWayWithinAGapContradictsNothing) {
  bundles(1);
  auto kept = thermometer.stray({{kStart + 5, 5}}, [](auto& d) { d.body.seq = 2; });
  Gap g = thermometer.gap_draft(2);  // 2..3
  tell(thermometer, thermometer.send(g));
  expect_refused(thermometer, kept, Errc::kGapBelowPosition, 2);
  EXPECT_TRUE(evidence().empty());
}

TEST_F(IntakeGap, InTheSameGroupIsSeenByWhatFollows) {
  const auto one = thermometer.bundle({{kStart, 1}});
  const auto gap = thermometer.gap(2);
  const auto conflict = thermometer.stray({{kStart + 6, 6}}, [](auto& d) { d.body.seq = 3; });
  const auto acks = send({one, gap, conflict});
  EXPECT_EQ(acks.at(thermometer.kid()).through, 3u);
  ASSERT_EQ(acks.at(thermometer.kid()).refused.size(), 1u);
  ASSERT_EQ(evidence().size(), 1u);
  EXPECT_EQ(evidence()[0].first, gap.payload);
}

// The node lost its disk: a new log, and a device that had its acks.
TEST_F(IntakeGap, ReceiverLostNeedsTheAckThatCoveredIt) {
  bundles(3);
  auto ack = seal(last_ack, *keeper, test_chain());
  log.reset();
  std::filesystem::remove(file);
  std::filesystem::remove(file.string() + "-wal");
  std::filesystem::remove(file.string() + "-shm");
  reopen();
  const auto fourth = thermometer.stray({{kStart + 9, 9}});
  expect_refused(thermometer, fourth, Errc::kNeedSeq, 4);
  thermometer.seq = 0;
  Gap g = thermometer.gap_draft(3);
  g.prev.reset();
  g.lost = ids[2];
  g.reason = GapReason::kReceiverLost;

  const auto with = [&](const Ack& a, const Signer& by) {
    Gap changed = g;
    changed.ack = ObjectBytes{seal(a, by, test_chain())->bytes};
    return thermometer.send(changed);
  };
  Ack other = last_ack;
  other.through = 2;
  expect_refused(thermometer, with(other, *keeper), Errc::kFieldRange, 1);
  other = last_ack;
  other.device = door.kid();
  expect_refused(thermometer, with(other, *keeper), Errc::kFieldRange, 1);
  other = last_ack;
  other.life = door.life();
  expect_refused(thermometer, with(other, *keeper), Errc::kFieldRange, 1);
  expect_refused(thermometer, with(last_ack, thermometer.signer()), Errc::kCoseKid, 1);
  Gap broken = g;
  broken.ack = ObjectBytes{ack->bytes};
  broken.ack->bytes.back() ^= 1;
  expect_refused(thermometer, thermometer.send(broken), Errc::kCoseSignature, 1);
  broken.ack = ObjectBytes{to_bytes(as_bytes("no ack"))};
  const auto before = log->size();
  EXPECT_EQ(tell(thermometer, thermometer.send(broken)).refused.size(), 1u);
  EXPECT_EQ(log->size(), before);

  g.ack = ObjectBytes{ack->bytes};
  EXPECT_EQ(tell(thermometer, thermometer.send(g)).through, 3u);
  EXPECT_EQ(tell(thermometer, fourth).through, 4u);
}

}  // namespace
}  // namespace lotmark::test
