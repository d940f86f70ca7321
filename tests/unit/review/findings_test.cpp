// Each finding provoked by one lie on a lot that is otherwise without fault.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/review/lot_maker.h"

namespace lotmark {
namespace {

using review::compute_findings;
using review::FindingCode;
using review::FoundItem;
using test::Consortium;
using test::LotMaker;
using testing::ElementsAre;
using testing::HasSubstr;

class Findings : public testing::Test {
 protected:
  std::set<std::uint64_t> codes(const review::ReviewInput& in) {
    found_ = compute_findings(in);
    std::set<std::uint64_t> out;
    for (const auto& f : found_.findings) out.insert(f.finding.code);
    return out;
  }
  std::set<std::uint64_t> built() {
    lot.build();
    return codes(lot.input());
  }
  std::string texts() const {
    std::string out;
    for (const auto& f : found_.findings) out += f.finding.text + "\n";
    return out;
  }
  review::ReviewInput input() {
    lot.build();
    return lot.input();
  }

  // The first bundle of the filling.
  static review::FetchedBundle& used(review::ReviewInput& in) {
    return in.bundles.at(in.rows->rows[1].evidence[0].bundles[0].bundle);
  }

  Consortium c;
  LotMaker lot{c};
  review::ReviewFindings found_;
};

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

TEST_F(Findings, AReleaseRecordThatLeavesOutAClaimIsRootMismatch) {
  lot.edit_segments = [](std::size_t n, std::vector<Bytes>& segments) {
    if (n == 6) segments.pop_back();
  };
  EXPECT_THAT(built(), ElementsAre(5)) << texts();
}

TEST_F(Findings, AReleaseRecordThatShowsAClaimOfItsOwnIsRootMismatch) {
  lot.edit_segments = [&](std::size_t n, std::vector<Bytes>& segments) {
    if (n != 6) return;
    auto segment = decode<Segment>(segments[0]);
    auto claim = decode<Claim>(segment->content);
    claim->limits.max += 1;
    segment->content = encode(*claim);
    segments.push_back(encode(*segment));
  };
  EXPECT_THAT(built(), ElementsAre(5)) << texts();
}

TEST_F(Findings, ABundleSignedByAnotherKeyIsSignatureBad) {
  auto in = input();
  auto& bundle = used(in);
  auto opened = open_wire(bundle.file.wire, c.chain, [](const auto&) { return Errc::kOk; });
  ASSERT_TRUE(opened);
  Bytes object = opened->bundle.bytes;
  object.back() = static_cast<std::uint8_t>(object.back() ^ 1);  // the signature is not in the id
  bundle.file.wire =
      encode_wire({object, opened->salt, opened->channels}, opened->bundle.body.channels);
  EXPECT_THAT(codes(in), ElementsAre(6)) << texts();
}

TEST_F(Findings, ADeviceThatIsNotEnrolledIsSignatureBad) {
  auto in = input();
  auto enrolled = lot.enrolled();
  enrolled.erase(c.fridge.kid());
  in.enrolled = &enrolled;
  EXPECT_THAT(codes(in), ElementsAre(6)) << texts();
}

TEST_F(Findings, ABundleOfARevokedDeviceThatNoBlockHadLoggedBeforeIsSignatureBad) {
  auto in = input();
  in.suspected[c.fridge.kid()] = {7, 0, lot.intake().size()};
  EXPECT_THAT(codes(in), ElementsAre()) << texts() << ": all of it was logged before";
  in.suspected[c.fridge.kid()] = {7, 0, lot.intake().size() - 1};
  EXPECT_THAT(codes(in), ElementsAre()) << "the last is another device's";
  in.suspected[c.fridge.kid()] = {7, 0, 0};
  EXPECT_THAT(codes(in), ElementsAre(6)) << texts();
}

TEST_F(Findings, ARecordWhoseAuthorIsRevokedSinceBeforeItArrivedIsSignatureBad) {
  auto in = input();
  in.suspected[c.packer.kid()] = {7, in.transactions[4].at + 1, 0};
  EXPECT_THAT(codes(in), ElementsAre()) << texts();
  in.suspected[c.packer.kid()] = {7, in.transactions[4].at, 0};
  EXPECT_THAT(codes(in), ElementsAre(6)) << texts();
}

TEST_F(Findings, AStartSignalOfAKeyRevokedSinceBeforeItArrivedIsSignatureBad) {
  auto in = input();
  in.start_at = 1000;
  in.suspected[c.starter.kid()] = {7, 1001, 0};
  EXPECT_THAT(codes(in), ElementsAre()) << texts();
  in.suspected[c.starter.kid()] = {7, 1000, 0};
  EXPECT_THAT(codes(in), ElementsAre(6)) << texts();
}

TEST_F(Findings, ARowThatDoesNotFollowIsChainBroken) {
  auto in = input();
  in.rows->rows[2].hash.bytes[0] ^= 1;
  EXPECT_THAT(codes(in), ElementsAre(7)) << texts();
}

TEST_F(Findings, ATimeThatFallsIsChainBroken) {
  lot.edit_head = [&](std::size_t n, RecordHead& head) {
    if (n == 2) head.time = lot.at(1);
  };
  EXPECT_THAT(built(), ElementsAre(7)) << texts();
}

TEST_F(Findings, AnotherSegmentIsCommitmentMismatch) {
  auto in = input();
  in.rows->rows[0].segments[0].back() ^= 1;
  EXPECT_THAT(codes(in), ElementsAre(8)) << texts();
}

TEST_F(Findings, ARecordWithoutTransactionAndOneTransactionWithoutRecord) {
  auto in = input();
  in.transactions.pop_back();
  EXPECT_THAT(codes(in), ElementsAre(9)) << texts();
  in = lot.input();
  in.transactions.push_back(in.transactions.back());
  EXPECT_THAT(codes(in), ElementsAre(9)) << texts();
}

TEST_F(Findings, ALateTransactionIsSaid) {
  auto in = input();
  in.transactions[2].at += c.options.lateness_ms;
  EXPECT_THAT(codes(in), ElementsAre(10)) << texts();
  in = lot.input();
  in.transactions[2].at += c.options.lateness_ms - 1000;  // the last millisecond that counts
  EXPECT_THAT(codes(in), ElementsAre());
}

TEST_F(Findings, AStepOrDeviceOfTheLineWithoutRecordIsStepMissing) {
  auto in = input();
  in.line.steps.push_back(in.line.steps[0]);
  in.line.steps.back().label = "labelling";
  EXPECT_THAT(codes(in), ElementsAre(11)) << texts();
  in = lot.input();
  in.line.steps[0].devices.push_back(c.room.kid());
  EXPECT_THAT(codes(in), ElementsAre(11)) << texts();
  in = lot.input();
  in.line.steps[1].channels.push_back("t");
  EXPECT_THAT(codes(in), ElementsAre(11)) << texts();
}

TEST_F(Findings, AnAuthorWhoDidNotSignIsAuthorWrong) {
  lot.signed_by[1] = &c.packer;
  EXPECT_THAT(built(), ElementsAre(12)) << texts();
}

TEST_F(Findings, AnotherAuthorThanTheLinesIsAuthorWrong) {
  lot.edit_head = [&](std::size_t n, RecordHead& head) {
    if (n == 1) head.author = c.packer.kid();
  };
  lot.signed_by[1] = &c.packer;
  EXPECT_THAT(built(), ElementsAre(12)) << texts();
}

TEST_F(Findings, ADecoyByAnOperatorIsAuthorWrong) {
  lot.edit_head = [&](std::size_t n, RecordHead& head) {
    if (n == 0) head.author = c.qa.kid();
  };
  lot.signed_by[0] = &c.qa;
  EXPECT_THAT(built(), ElementsAre(12)) << texts();
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
