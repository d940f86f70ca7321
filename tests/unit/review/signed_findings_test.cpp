// Each finding on who signed and what the records say, provoked by one lie on a lot that is otherwise without fault.
#include "tests/unit/review/findings_fixture.h"

namespace lotmark {
namespace {

// A note for everybody in these records: 4 is a step's, 6 the release record.
void tell_public(LotMaker& lot, const std::set<std::size_t>& records) {
  lot.edit_segments = [records](std::size_t n, std::vector<Bytes>& segments) {
    if (!records.contains(n)) return;
    Segment note{{}, "pack", Audience::kPublic, "text/plain", to_bytes(as_bytes("10 vials"))};
    note.salt.bytes[0] = static_cast<std::uint8_t>(n);
    segments.push_back(encode(note));
  };
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

TEST_F(Findings, AReleaseRecordThatShowsThePublicNothingIsRootMismatch) {
  lot.edit_segments = [](std::size_t n, std::vector<Bytes>& segments) {
    if (n != 6) return;
    for (auto& entry : segments) {
      auto segment = decode<Segment>(entry);
      segment->audience = Audience::kRegulator;
      entry = encode(*segment);
    }
  };
  EXPECT_THAT(built(), ElementsAre(5)) << texts();
  EXPECT_THAT(texts(), HasSubstr("is not in the clear for the public"));
  EXPECT_TRUE(found_.refuse());
}

TEST_F(Findings, AReleaseRecordsNoteMustBeAStepsOwn) {
  tell_public(lot, {4, 6});
  EXPECT_THAT(built(), ElementsAre()) << texts();
}

TEST_F(Findings, AStepsNoteThatTheReleaseRecordLeavesOutIsRootMismatch) {
  tell_public(lot, {4});
  EXPECT_THAT(built(), ElementsAre(5)) << texts();
  EXPECT_THAT(texts(), HasSubstr("the note \"pack\" of record 4 is not in it"));
}

TEST_F(Findings, AReleaseRecordsNoteThatNoStepHasIsRootMismatch) {
  tell_public(lot, {6});
  EXPECT_THAT(built(), ElementsAre(5)) << texts();
  EXPECT_THAT(texts(), HasSubstr("its note \"pack\" is no step's"));
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

}  // namespace
}  // namespace lotmark
