// Each finding on the evidence and what it says, provoked by one lie on a lot that is otherwise without fault.
#include "tests/unit/review/findings_fixture.h"

namespace lotmark {
namespace {

TEST_F(Findings, AnHonestLotHasNone) {
  EXPECT_THAT(built(), ElementsAre()) << texts();
  EXPECT_EQ(found_.claims.size(), 4u);
  EXPECT_FALSE(found_.refuse());
}

TEST_F(Findings, ABundleLeftOutOfTheMiddleIsEvidenceMissing) {
  lot.edit_evidence = [](const Claim& claim, std::vector<review::EvidenceRef>& refs) {
    if (claim.step == "storage") refs.erase(refs.begin() + 1);
  };
  EXPECT_THAT(built(), ElementsAre(1)) << texts();
  EXPECT_THAT(texts(), HasSubstr("storage room-1 h after object 2 of the device's log comes 4"));
}

TEST_F(Findings, NoEvidenceAtAllIsEvidenceMissing) {
  auto in = input();
  in.rows->rows[1].evidence.clear();
  EXPECT_THAT(codes(in), ElementsAre(1)) << texts();
}

TEST_F(Findings, AValueOutOfLimitsIsNamedAndProved) {
  const std::uint64_t when = lot.at(13);
  lot.fridge_t.value = [&](std::uint64_t t) { return t == when || t == lot.at(15) ? 940 : 500; };
  EXPECT_THAT(built(), ElementsAre(2)) << texts();
  ASSERT_EQ(found_.findings.size(), 1u);
  const FoundItem& f = found_.findings[0];
  EXPECT_EQ(f.finding.text,
            "filling fridge-1 t 9.40Cel at 2026-01-05T08:13:00.000Z outside 2..8Cel");
  EXPECT_EQ(f.more, 1u);
  ASSERT_TRUE(f.proof);
  const Claim& claim = found_.claims.at(*f.claim).claim;
  const auto entry = decode<ReadingEntry>(f.proof->sample.entry);
  const auto channel = decode<EvidenceEntry>(f.proof->sample.channel_entry);
  ASSERT_TRUE(entry && channel);
  EXPECT_EQ(entry->value, 940);
  EXPECT_EQ(entry->t, when);
  const merkle::AnnotatedNode leaf{{1, entry->value, entry->value, entry->t, entry->t, 0},
                                   merkle::leaf_hash(f.proof->sample.entry)};
  const auto in_channel =
      merkle::fold_annotated(leaf, f.proof->index, channel->annotation.count, f.proof->sample.path);
  ASSERT_TRUE(in_channel);
  EXPECT_EQ(in_channel->hash, channel->root);
  EXPECT_EQ(in_channel->annotation, channel->annotation);
  const auto root = merkle::fold_annotated(
      {channel->annotation, merkle::leaf_hash(f.proof->sample.channel_entry)},
      f.proof->sample.evidence_index, claim.tree_size, f.proof->sample.evidence_path);
  ASSERT_TRUE(root);
  EXPECT_EQ(root->hash, claim.root);
  EXPECT_EQ(root->annotation, claim.annotation);
}

TEST_F(Findings, AValueOutsideTheStepsTimeIsNotTheSteps) {
  lot.fridge_t.value = [&](std::uint64_t t) { return t == lot.at(55) ? 940 : 500; };
  EXPECT_THAT(built(), ElementsAre()) << texts();
}

TEST_F(Findings, APauseAboveTheLimitIsGapTooLong) {
  lot.pause_at = lot.at(35);
  lot.pause_ms = 5000;
  EXPECT_THAT(built(), ElementsAre(3)) << texts();
  EXPECT_THAT(
      texts(),
      HasSubstr(
          "packing fridge-1 t pause of 65.000 s from 2026-01-05T08:34:00.000Z, at most 61.000 s"));
}

TEST_F(Findings, ADeclaredPauseIsADeclaredGap) {
  lot.room.skip = [&](std::uint64_t t) { return t >= lot.at(22) && t < lot.at(27); };
  lot.room.declared = {{std::nullopt, lot.at(22), lot.at(26), GapReason::kSensorLost}};
  EXPECT_THAT(built(), ElementsAre(4)) << texts();
}

TEST_F(Findings, ADeclaredGapTheClaimLeavesOutIsRootMismatch) {
  lot.room.skip = [&](std::uint64_t t) { return t >= lot.at(22) && t < lot.at(27); };
  lot.room.declared = {{std::nullopt, lot.at(22), lot.at(26), GapReason::kSensorLost}};
  lot.edit_claim = [](Claim& claim) { claim.gaps.clear(); };
  EXPECT_THAT(built(), ElementsAre(4, 5)) << texts();
}

TEST_F(Findings, ReadingsThatDoNotGiveTheRootAreRootMismatch) {
  auto in = input();
  Bytes& wire = used(in).file.wire;
  wire.back() = static_cast<std::uint8_t>(wire.back() ^ 1);
  EXPECT_THAT(codes(in), ElementsAre(5)) << texts();
}

TEST_F(Findings, AnotherClaimThanTheTreesIsRootMismatch) {
  lot.edit_claim = [](Claim& claim) {
    if (claim.step == "filling") claim.root.bytes[0] ^= 1;
  };
  EXPECT_THAT(built(), ElementsAre(5)) << texts();
}

TEST_F(Findings, AWiderLimitThanTheLinesIsRootMismatch) {
  lot.edit_claim = [](Claim& claim) { claim.limits.max += 500; };
  EXPECT_THAT(built(), ElementsAre(5)) << texts();
}

TEST_F(Findings, ABundleTheChainDidNotLogIsIntakeNotLogged) {
  auto in = input();
  used(in).head = {};
  used(in).file.path.clear();
  EXPECT_THAT(codes(in), ElementsAre(13)) << texts();
  in = lot.input();
  used(in).head.root.bytes[0] ^= 1;
  EXPECT_THAT(codes(in), ElementsAre(13)) << texts();
}

TEST_F(Findings, AnotherNumberOfReadingsIsCountShort) {
  lot.edit_claim = [](Claim& claim) {
    if (claim.step == "storage") claim.expected -= 1;
  };
  EXPECT_THAT(built(), ElementsAre(14)) << texts();
}

TEST_F(Findings, MissingReadingsAreCountShortBesideThePause) {
  lot.room.skip = [&](std::uint64_t t) { return t == lot.at(12); };
  EXPECT_THAT(built(), ElementsAre(3, 14)) << texts();
}

TEST_F(Findings, AStartSignalThatNeverArrivedIsStartUnknown) {
  auto in = input();
  in.start.reset();
  EXPECT_THAT(codes(in), ElementsAre(15)) << texts();
}

TEST_F(Findings, WhatCouldNotBeFetchedOrReadIsUnreadable) {
  auto in = input();
  in.bundles.erase(in.rows->rows[1].evidence[0].bundles[0].bundle);
  EXPECT_THAT(codes(in), ElementsAre(16)) << texts();
  in = lot.input();
  in.rows.reset();
  in.unreadable = "not-found";
  EXPECT_THAT(codes(in), ElementsAre(16)) << texts();
  in = lot.input();
  used(in).file.wire.pop_back();
  EXPECT_THAT(codes(in), ElementsAre(16)) << texts();
}

TEST_F(Findings, AnUnsynchronisedClockIsARemark) {
  lot.fridge.clock = ClockState::kRecorded;
  EXPECT_THAT(built(), ElementsAre(100)) << texts();
  EXPECT_EQ(found_.findings.size(), 1u);
  EXPECT_FALSE(found_.refuse());
}

TEST_F(Findings, AReadingAtTheLimitIsARemark) {
  lot.fridge_t.value = [&](std::uint64_t t) { return t == lot.at(5) ? 800 : 500; };
  EXPECT_THAT(built(), ElementsAre(101)) << texts();
  EXPECT_FALSE(found_.refuse());
}

TEST_F(Findings, NoPlaceCanBeNamedToHideAChannel) {
  auto in = input();
  for (auto& ref : in.rows->rows[3].evidence[0].bundles) ref.place = 7;
  EXPECT_THAT(codes(in), ElementsAre(5)) << texts();
}

TEST_F(Findings, AnyByteOfAWireThatChangesIsFound) {
  const auto good = input();
  const Digest id = good.rows->rows[1].evidence[0].bundles[0].bundle;
  const std::size_t size = good.bundles.at(id).file.wire.size();
  for (std::size_t i = 0; i < size; i += 7) {
    auto in = good;
    in.bundles.at(id).file.wire[i] ^= static_cast<std::uint8_t>(1u << (i % 8));
    EXPECT_FALSE(codes(in).empty()) << "byte " << i;
  }
}

TEST_F(Findings, RowsThatChangeAreReadOrRefusedButNeverTrusted) {
  const auto good = input();
  const Bytes bytes = lot.rows_answer();
  for (std::size_t i = bytes.size() / 8; i < bytes.size(); i += 31) {
    Bytes changed = bytes;
    changed[i] ^= static_cast<std::uint8_t>(1u << (i % 8));
    auto rows = review::read_rows(changed);
    if (!rows) continue;
    auto in = good;
    in.rows = *std::move(rows);
    bool same_ids =
        true;  // a signature of a transaction is not in its id and was checked when it arrived
    for (std::size_t n = 0; n < in.rows->rows.size(); ++n) {
      same_ids = same_ids && in.rows->rows[n].transaction == good.rows->rows[n].transaction;
    }
    if (same_ids) EXPECT_FALSE(codes(in).empty()) << "byte " << i;
    else (void)codes(in);
  }
}

TEST(FindingList, KeepsWithinWhatAReportHolds) {
  review::FindingList list;
  for (int i = 0; i < 3000; ++i) {
    list.add(FindingCode::kClockNotSynchronised, std::string(300, 'x'));
  }
  for (int i = 0; i < 3000; ++i) list.add(FindingCode::kValueOutOfLimits, std::string(300, 'y'));
  const auto items = list.take();
  EXPECT_LE(items.size(), 256u);
  Report report;
  for (const auto& f : items) report.findings.push_back(f.finding);
  EXPECT_LT(encode(report).size(), 64u * 1024 - 400);
  EXPECT_EQ(items.front().finding.code, 2u);
  EXPECT_TRUE(decode<Report>(encode(report)));
}

}  // namespace
}  // namespace lotmark
