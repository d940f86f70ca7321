// Calibrations that a lot's records tell, judged by the reviewer's rules.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/review/lot_maker.h"

namespace lotmark {
namespace {

using review::CalibrationRule;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

// The lot is of 2026-01-05; the fridge's bundles are of life 1..8 and boot 1.
class CalibrationFindings : public testing::Test {
 protected:
  static Calibration made(const char* certificate, std::uint64_t date) {
    return {certificate, date, -5, 10, {-2}};
  }
  Bytes birth(const test::Party& by, std::optional<Calibration> calibration,
              std::uint64_t boot = 1) const {
    Birth b;
    b.device = by.kid();
    b.life.bytes = {1, 2, 3, 4, 5, 6, 7, 8};
    b.boot = boot;
    b.session = 1;
    b.sources = {{"sensor", "t", std::move(calibration)}};
    return seal(b, *by.signer, c.chain)->bytes;
  }
  static Bytes segment(std::string_view name, Audience audience, std::string_view media,
                       Bytes content) {
    static std::uint8_t salt = 100;
    Segment s;
    s.salt.bytes[0] = ++salt;
    s.name = name;
    s.audience = audience;
    s.media = media;
    s.content = std::move(content);
    return encode(s);
  }
  // The filling's record (place 1) tells of it.
  void tell(std::uint64_t at, Bytes object) { told_.emplace_back(at, std::move(object)); }
  std::set<std::uint64_t> codes(CalibrationRule rule = {365, false}) {
    lot.edit_segments = [this](std::size_t n, std::vector<Bytes>& segments) {
      const bool release = n == 6;
      if (n != 1 && !release) return;
      for (const auto& [at, object] : told_) {
        if (release) break;
        segments.push_back(segment(chain::kBirthName, Audience::kRegulator, chain::kBirthMedia,
                                   chain::encode_told(at, object)));
      }
      if (release && kept_back_) return;
      for (int i = note_.empty() ? 0 : told_twice_ ? 2 : 1; i > 0; --i) {
        segments.push_back(segment(chain::kCalibrationName, Audience::kPublic, "text/plain",
                                   to_bytes(as_bytes(note_))));
      }
    };
    lot.build();
    auto in = lot.input();
    in.calibration["t"] = rule;
    for (auto& [kid, channels] : enrolled_) in.enrolled_channels[kid] = channels;
    found_ = compute_findings(in);
    std::set<std::uint64_t> out;
    for (const auto& f : found_.findings) {
      // of the filling; packing rests on both sensors and tells no births
      if (f.finding.text.find("packing") == std::string::npos) out.insert(f.finding.code);
    }
    return out;
  }
  std::string texts() const {
    std::string out;
    for (const auto& f : found_.findings) out += f.finding.text + "\n";
    return out;
  }

  test::Consortium c;
  test::LotMaker lot{c};
  std::string note_ =
      "fridge-1 t: certificate K-1 of 2025-01-05, offset -0.05Cel, accuracy "
      "0.10Cel";
  bool told_twice_ = false;
  bool kept_back_ = false;  // by the release record
  std::map<KeyId, std::vector<EnrolledChannel>> enrolled_;
  review::ReviewFindings found_;
  std::vector<std::pair<std::uint64_t, Bytes>> told_;
};

TEST_F(CalibrationFindings, OneThatIsGoodToTheEndOfTheDayIsNone) {
  tell(lot.at(0) - 1000, birth(c.fridge, made("K-1", 20250105)));
  EXPECT_THAT(codes(), ElementsAre()) << texts();
  EXPECT_THAT(found_.claims[0].calibration,
              ElementsAre("certificate K-1 of 2025-01-05, offset -0.05Cel, accuracy 0.10Cel"));
}

TEST_F(CalibrationFindings, OneADayOverIsOverdueAndAsksForAPerson) {
  tell(lot.at(0) - 1000, birth(c.fridge, made("K-1", 20250105)));
  EXPECT_THAT(codes({364, false}), ElementsAre(102)) << texts();
  EXPECT_THAT(texts(), HasSubstr("filling fridge-1 t calibration of 2025-01-05 was due"));
  EXPECT_THAT(texts(), HasSubstr("was due on 2026-01-04, readings up to 2026-01-05T08:"));
  EXPECT_FALSE(found_.refuse());
}

TEST_F(CalibrationFindings, OverdueRefusesWhereTheReviewersRuleSaysSo) {
  tell(lot.at(0) - 1000, birth(c.fridge, made("K-1", 20250105)));
  EXPECT_THAT(codes({364, true}), ElementsAre(102)) << texts();
  EXPECT_TRUE(found_.refuse());
}

TEST_F(CalibrationFindings, ACertificateOfALaterDayDoesNotHoldForEarlierReadings) {
  note_ = "fridge-1 t: certificate K-1 of 2026-01-07, offset -0.05Cel, accuracy 0.10Cel";
  tell(lot.at(0) - 1000, birth(c.fridge, made("K-1", 20260107)));
  EXPECT_THAT(codes(), ElementsAre(102)) << texts();
  EXPECT_THAT(texts(), HasSubstr("is of a later day than readings from 2026-01-05"));
}

TEST_F(CalibrationFindings, ADateOfNoCalendarHoldsForNothing) {
  note_ = "fridge-1 t: certificate K-1 of 2025-13-41, offset -0.05Cel, accuracy 0.10Cel";
  tell(lot.at(0) - 1000, birth(c.fridge, made("K-1", 20251341)));
  EXPECT_THAT(codes(), ElementsAre(102)) << texts();
}

TEST_F(CalibrationFindings, NoneNamedIsMissing) {
  note_.clear();
  EXPECT_THAT(codes(), ElementsAre(103)) << texts();
  EXPECT_THAT(texts(), HasSubstr("filling fridge-1 t has no calibration named"));
}

TEST_F(CalibrationFindings, NothingIsJudgedOfAChannelWithoutARule) {
  note_.clear();
  lot.build();
  found_ = compute_findings(lot.input());
  EXPECT_THAT(texts(), Not(HasSubstr("calibration")));
}

TEST_F(CalibrationFindings, TheEnrolmentStandsInWhereBirthsNameNone) {
  note_.clear();
  enrolled_[c.fridge.kid()] = {{"t", ChannelKind::kQuantity, "Cel", {-2}, made("E-1", 20250601)}};
  EXPECT_THAT(codes(), ElementsAre()) << texts();
  EXPECT_THAT(texts(), HasSubstr("packing room-1 t has no calibration named"));
}

TEST_F(CalibrationFindings, AnEnrolmentsCalibrationFallsDueToo) {
  note_.clear();
  enrolled_[c.fridge.kid()] = {{"t", ChannelKind::kQuantity, "Cel", {-2}, made("E-1", 20250601)}};
  EXPECT_THAT(codes({30, false}), ElementsAre(102)) << texts();
}

TEST_F(CalibrationFindings, AChangeInMidStepHoldsFromWhenItArrived) {
  note_ += "; then certificate K-2 of 2026-01-04, offset -0.05Cel, accuracy 0.10Cel";
  tell(lot.at(0) - 1000, birth(c.fridge, made("K-1", 20250105)));
  tell(lot.at(15), birth(c.fridge, made("K-2", 20260104)));
  EXPECT_THAT(codes({364, false}), ElementsAre(102)) << texts();
  EXPECT_THAT(texts(), HasSubstr("certificate K-1"));
  EXPECT_THAT(texts(), HasSubstr("readings up to 2026-01-05T08:14:00"));
  EXPECT_EQ(found_.claims[0].calibration.size(), 2u);
}

TEST_F(CalibrationFindings, ADeviceThatCouldNotTellInTimeIsJudgedByItsBootsFirstBirth) {
  tell(lot.at(50), birth(c.fridge, made("K-1", 20250105)));
  EXPECT_THAT(codes(), ElementsAre()) << texts();
}

TEST_F(CalibrationFindings, ABirthOfAnotherBootCountsOnlyIfItCameBefore) {
  tell(lot.at(50), birth(c.fridge, made("K-1", 20250105), 2));
  EXPECT_THAT(codes(), ElementsAre(103)) << texts();
}

TEST_F(CalibrationFindings, ABirthByNobodyIsSignatureBad) {
  Bytes forged = birth(c.stranger, made("K-1", 20250105));
  tell(lot.at(0), std::move(forged));
  EXPECT_THAT(codes(), testing::Contains(6)) << texts();
}

TEST_F(CalibrationFindings, ThePublicIsToldWhatTheBirthsSay) {
  note_ = "fridge-1 t: certificate K-1 of 2026-01-01, offset 0.00Cel, accuracy 0.10Cel";
  tell(lot.at(0) - 1000, birth(c.fridge, made("K-1", 20250105)));
  EXPECT_THAT(codes(), ElementsAre(5)) << texts();
  EXPECT_TRUE(found_.refuse());
}

TEST_F(CalibrationFindings, ANoteLeftOutIsFoundAsWell) {
  note_.clear();
  tell(lot.at(0) - 1000, birth(c.fridge, made("K-1", 20250105)));
  EXPECT_THAT(codes(), ElementsAre(5)) << texts();
}

TEST_F(CalibrationFindings, ANoteThatTheReleaseRecordKeepsBackIsFound) {
  kept_back_ = true;
  tell(lot.at(0) - 1000, birth(c.fridge, made("K-1", 20250105)));
  EXPECT_THAT(codes(), ElementsAre(5)) << texts();
  EXPECT_THAT(texts(), HasSubstr("the note \"calibration\" of record 1 is not in it"));
}

TEST_F(CalibrationFindings, ANoteWithoutBirthsIsWhatTheEnrolmentsSay) {
  enrolled_[c.fridge.kid()] = {{"t", ChannelKind::kQuantity, "Cel", {-2}, made("E-1", 20250601)}};
  note_ =
      "fridge-1 t: certificate E-1 of 2025-06-01, offset -0.05Cel, accuracy 0.10Cel, as enrolled";
  EXPECT_THAT(codes(), ElementsAre()) << texts();
}

TEST_F(CalibrationFindings, ANoteOfTheNodesOwnWithoutBirthsIsFound) {
  enrolled_[c.fridge.kid()] = {{"t", ChannelKind::kQuantity, "Cel", {-2}, made("E-1", 20250601)}};
  note_ = "recalled: do not buy";
  EXPECT_THAT(codes(), ElementsAre(5)) << texts();
  EXPECT_THAT(texts(), HasSubstr("is not what the enrolments say"));
  EXPECT_TRUE(found_.refuse());
}

TEST_F(CalibrationFindings, ANoteThatCannotBeMadeAgainIsNotPassed) {
  EXPECT_THAT(codes(), testing::Contains(16)) << texts();
  EXPECT_THAT(texts(), HasSubstr("an enrolment's block is cut"));
  EXPECT_TRUE(found_.refuse());
}

TEST_F(CalibrationFindings, ANoteThatStandsTwiceIsFound) {
  told_twice_ = true;
  tell(lot.at(0) - 1000, birth(c.fridge, made("K-1", 20250105)));
  EXPECT_THAT(codes(), ElementsAre(5)) << texts();
}

TEST_F(CalibrationFindings, ABirthThatCannotBeReadIsSaid) {
  tell(lot.at(0) - 1000, Bytes{0xd2, 0x00});
  EXPECT_THAT(codes(), testing::Contains(16)) << texts();
}

}  // namespace
}  // namespace lotmark
