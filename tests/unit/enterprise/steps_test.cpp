#include "tests/unit/enterprise/plant.h"

#include "core/base/hex.h"

namespace lotmark::test {
namespace {

using Json = nlohmann::json;

class StepsTest : public testing::Test {
 protected:
  void SetUp() override {
    p.open_batch();
    p.c.clock.set(p.at(9));
    p.measure(0, 8);
  }
  Json request(const char* step, double from, double to) {
    return {{"step", step}, {"start", p.ms(from)}, {"end", p.ms(to)}, {"notes", Json::array()}};
  }
  std::string prepare_refusal(const Json& r, const Party& by) {
    return p.refusal("POST", kSteps, r, by);
  }
  const std::string kSteps = "batches/A-2026%2F01/steps";
  Plant p;
};

TEST_F(StepsTest, AClaimCountsWholeBundles) {
  const Json j = p.json("POST", kSteps, request("filling", 1, 7), p.c.qa);
  ASSERT_EQ(j["claims"].size(), 1u);
  const Json& c = j["claims"][0];
  EXPECT_EQ(c["annotation"]["count"], 8);  // the bundle holds minutes 0 to 7
  EXPECT_EQ(c["expected"], 6);
  EXPECT_EQ(c["gap_edge"], 0);
  EXPECT_EQ(c["device_name"], "fridge-1");
  EXPECT_EQ(c["enroller"], to_hex(p.c.root.kid()));
  EXPECT_TRUE(j["warnings"].empty());
}

TEST_F(StepsTest, TheOperatorCanRecomputeWhatItSigns) {
  Json r = request("filling", 1, 7);
  r["notes"] = {{{"name", "batch sheet"}, {"text", "nothing unusual"}}};
  const Json j = p.json("POST", kSteps, r, p.c.qa);
  std::vector<Bytes> entries;
  for (const auto& e : j["entries"]) entries.push_back(*from_hex(e.get<std::string>()));
  ASSERT_EQ(entries.size(), 2u);
  RecordHead head;
  head.step = "filling";
  head.time = j["time_ms"];
  head.author = p.c.qa.kid();
  head.segments = entries.size();
  const auto start = *fixed_from_hex<Digest>(j["start"].get<std::string>());
  const Digest c = commitment(p.c.chain, start, head, segments_root(entries));
  EXPECT_EQ(to_hex(c), j["commitment"]);
  EXPECT_EQ(to_hex(encode(Record{c, {}})), j["payload"]);
}

TEST_F(StepsTest, WhatAReviewerWouldFindIsToldBeforeSigning) {
  p.c.clock.set(p.at(20));
  const Json j = p.json("POST", kSteps, request("filling", 1, 19), p.c.qa);
  ASSERT_EQ(j["warnings"].size(), 2u) << j["warnings"];
  EXPECT_NE(j["warnings"][0].get<std::string>().find("a pause of 720000 ms"), std::string::npos);
  EXPECT_NE(j["warnings"][1].get<std::string>().find("7 readings, 18 expected"), std::string::npos);
}

TEST_F(StepsTest, AWarningCountsInsideTheStepAsAReviewerDoes) {
  const auto warnings = [&](double from, double to) {
    return p.json("POST", kSteps, request("filling", from, to), p.c.qa)["warnings"].dump();
  };
  EXPECT_NE(warnings(2, 9).find("6 readings, 7 expected"), std::string::npos)
      << "the bundle holds 8: " << warnings(2, 9);
  EXPECT_EQ(warnings(2, 8).find("expected"), std::string::npos) << warnings(2, 8);
}

TEST_F(StepsTest, ARecordedStepIsListedWithItsCommitmentAndNoDecoyIs) {
  EXPECT_TRUE(p.batch()["records"].empty());
  const Json signed_step = p.record("filling", 1, 7, p.c.qa);
  EXPECT_TRUE(p.batch()["records"].empty()) << "it waits for its slot";
  p.tick_until(31);
  const Json b = p.batch();
  ASSERT_GT(b["transactions"], 1u) << "decoys too";
  ASSERT_EQ(b["records"].size(), 1u) << b["records"];
  const Json& r = b["records"][0];
  EXPECT_EQ(r["step"], "filling");
  EXPECT_EQ(r["kind"], "step");
  EXPECT_EQ(r["commitment"], signed_step["commitment"]);
  EXPECT_GE(r["time_ms"], p.ms(9));
  EXPECT_EQ(b["records_left_out"], 0);
}

TEST_F(StepsTest, AnApplicationThatCanOnlyBeRefusedIsToldSo) {
  p.record("filling", 1, 7, p.c.qa);
  const Json apply = {{"product", "Vaccine A"}, {"expires", "2028-12-31"}};
  Json j = p.json("POST", "batches/A-2026%2F01/apply", apply, p.c.qa);
  ASSERT_EQ(j["warnings"].size(), 2u) << j;
  EXPECT_NE(j["warnings"][0].get<std::string>().find("step storage is not recorded yet"),
            std::string::npos)
      << j;
  p.tick_until(61);  // every slot has passed
  j = p.json("POST", "batches/A-2026%2F01/apply", apply, p.c.qa);
  ASSERT_EQ(j["warnings"].size(), 2u) << j;
  EXPECT_NE(j["warnings"][1].get<std::string>().find("step-missing"), std::string::npos) << j;
}

TEST_F(StepsTest, ABatchTellsWhenItsNextTransactionIsLate) {
  const Json b = p.batch();
  EXPECT_EQ(b["next_slot_ms"], p.ms(10));
  EXPECT_EQ(b["next_deadline_ms"], p.ms(10) + p.c.options.lateness_ms);
  EXPECT_EQ(b["last_deadline_ms"], p.ms(60) + p.c.options.lateness_ms);
}

TEST_F(StepsTest, OnlyTheLinesAuthorPrepares) {
  EXPECT_EQ(prepare_refusal(request("filling", 1, 7), p.c.packer), "denied");
  EXPECT_EQ(prepare_refusal(request("painting", 1, 7), p.c.qa), "not-found");
}

TEST_F(StepsTest, TimesMustMakeSense) {
  EXPECT_EQ(prepare_refusal(request("filling", 7, 1), p.c.qa), "time-order");
  EXPECT_EQ(prepare_refusal(request("filling", 1, 10), p.c.qa), "not-ready");  // ends in the future
  Json none = request("filling", 1, 7);
  none["start"] = nullptr;
  none["end"] = nullptr;
  EXPECT_EQ(prepare_refusal(none, p.c.qa), "usage");
  none["start"] = "yesterday";
  EXPECT_EQ(prepare_refusal(none, p.c.qa), "usage");
}

TEST_F(StepsTest, NoReadingsNoClaim) {
  p.c.clock.set(p.at(40));
  EXPECT_EQ(prepare_refusal(request("filling", 30, 39), p.c.qa), "not-ready");
}

TEST_F(StepsTest, ASignatureOfSomebodyElseOrOverSomethingElseIsRefused) {
  const Json j = p.json("POST", kSteps, request("filling", 1, 7), p.c.qa);
  const std::string at = kSteps + "/" + j["commitment"].get<std::string>();
  const auto commitment = *fixed_from_hex<Digest>(j["commitment"].get<std::string>());
  const auto by_packer = *seal(Record{commitment, {}}, *p.c.packer.signer, p.c.chain);
  EXPECT_EQ(p.refusal("POST", at, {{"record_object", to_hex(by_packer.bytes)}}, p.c.qa),
            "device-unknown");
  const auto other = *seal(Record{Digest{}, {}}, *p.c.qa.signer, p.c.chain);
  EXPECT_EQ(p.refusal("POST", at, {{"record_object", to_hex(other.bytes)}}, p.c.qa),
            "commitment-mismatch");
  EXPECT_EQ(p.refusal("POST", at, {{"record_object", "zz"}}, p.c.qa), "usage");
  EXPECT_EQ(p.refusal("POST", kSteps + "/" + to_hex(Digest{}),
                      {{"record_object", to_hex(other.bytes)}}, p.c.qa),
            "not-found");
}

TEST_F(StepsTest, AStepIsRecordedOnce) {
  EXPECT_EQ(p.record("filling", 1, 7, p.c.qa)["slot_ms"], p.ms(10));
  EXPECT_EQ(prepare_refusal(request("filling", 1, 7), p.c.qa), "conflict");
  p.tick_until(11);
  EXPECT_EQ(prepare_refusal(request("filling", 1, 7), p.c.qa), "conflict");
  EXPECT_EQ(p.batch()["steps"][0]["state"], "recorded");
}

TEST_F(StepsTest, CommittingAgainGivesTheSameAnswer) {
  const Json j = p.json("POST", kSteps, request("filling", 1, 7), p.c.qa);
  const std::string at = kSteps + "/" + j["commitment"].get<std::string>();
  const auto object = *seal_payload("record", *from_hex(j["payload"].get<std::string>()),
                                    *p.c.qa.signer, &p.c.chain);
  const Json body = {{"record_object", to_hex(object.bytes)}};
  const Json first = p.json("POST", at, body, p.c.qa);
  p.reopen();
  EXPECT_EQ(p.json("POST", at, body, p.c.qa), first);
  p.tick_until(11);
  const Json later = p.json("POST", at, body, p.c.qa);
  EXPECT_EQ(later["state"], "recorded");
  EXPECT_EQ(later["slot"], first["slot"]);
}

TEST_F(StepsTest, SignedAfterATransactionLeftIsRefused) {
  const Json j = p.json("POST", kSteps, request("filling", 1, 7), p.c.qa);
  p.tick_until(11);  // a decoy took the slot
  const auto object = *seal_payload("record", *from_hex(j["payload"].get<std::string>()),
                                    *p.c.qa.signer, &p.c.chain);
  EXPECT_EQ(p.refusal("POST", kSteps + "/" + j["commitment"].get<std::string>(),
                      {{"record_object", to_hex(object.bytes)}}, p.c.qa),
            "conflict");
}

TEST_F(StepsTest, DeclaredGapsAreListedAsTheBundlesDeclareThem) {
  p.c.clock.set(p.at(20));
  p.fridge.skip = [&](std::uint64_t t) { return t >= p.ms(10) && t < p.ms(13); };
  p.fridge.declared = {{0, p.ms(10), p.ms(13), GapReason::kSensorLost},
                       {{}, p.ms(16), p.ms(17), GapReason::kPower}};
  p.take(p.c.fridge, p.fridge.run(p.at(8), p.at(18), 60000, {cold_channel()}));
  const Json j = p.json("POST", kSteps, request("filling", 9, 15), p.c.qa);
  const Json& gaps = j["claims"][0]["gaps"];
  ASSERT_EQ(gaps.size(), 1u) << gaps;  // the other does not meet the step
  EXPECT_EQ(gaps[0]["from"], p.ms(10));
  EXPECT_EQ(gaps[0]["to"], p.ms(13));
  EXPECT_TRUE(gaps[0]["channel"].is_null());
}

TEST_F(StepsTest, ALostStretchOfTheLogIsPartOfTheEvidence) {
  p.c.clock.set(p.at(30));
  // Bundle 2 is lost; the device says so before bundle 3.
  p.fridge.run(p.at(8), p.at(12), 60000, {cold_channel()});
  const auto lost = *p.fridge.newest();
  const auto third = p.fridge.run(p.at(12), p.at(20), 60000, {cold_channel()});
  Gap gap;
  gap.device = p.c.fridge.kid();
  gap.life.bytes = {1, 2, 3, 4, 5, 6, 7, 8};
  gap.seq = 2;
  gap.last = 2;
  auto first = p.intake().meeting(p.c.fridge.kid(), p.ms(0), p.ms(8));
  ASSERT_TRUE(first);
  gap.prev = first->at(0).id;
  gap.lost = lost;
  gap.readings = 4;
  gap.reason = GapReason::kOutboxFull;
  const auto object = *seal(gap, *p.c.fridge.signer, p.c.chain);
  p.take(p.c.fridge, {object.bytes});
  p.take(p.c.fridge, third);
  p.record("filling", 1, 19, p.c.qa);
  p.tick_until(31);
  const auto route =
      *node::parse_route("/peer/v1/batches/" + p.batch()["start"].get<std::string>() + "/rows");
  const auto rows = p.engine().peer(route, {"GET", "", {}, {}}, *p.chain().member(p.c.east.kid()),
                                    p.c.clock.now());
  ASSERT_TRUE(rows && rows->ok());
  const std::string all = to_hex(rows->body);
  EXPECT_NE(all.find(to_hex(object.id)), std::string::npos) << "the gap object is not named";
}

class CalibratedSteps : public StepsTest {
 protected:
  void tell(double minute, const Party& device, const char* certificate, std::uint64_t session) {
    Birth b;
    b.device = device.kid();
    b.life.bytes = {1, 2, 3, 4, 5, 6, 7, 8};
    b.boot = 1;
    b.session = session;
    b.sources = {{"sensor", "t", Calibration{certificate, 20260105, -5, 10, {-2}}},
                 {"sensor", "h", std::nullopt}};
    const auto sealed = seal(b, *device.signer, p.c.chain);
    ASSERT_TRUE(p.births().take(*open<Birth>(sealed->bytes, p.c.chain), p.at(minute)));
  }
  // The segments of a prepared step behind its claims.
  std::vector<Segment> told(const Json& prepared) {
    std::vector<Segment> out;
    for (const auto& e : prepared["entries"]) {
      auto s = decode<Segment>(*from_hex(e.get<std::string>()));
      if (s && s->name != kClaimName) out.push_back(*std::move(s));
    }
    return out;
  }
};

TEST_F(CalibratedSteps, AStepTellsTheBirthsOfItsDevicesAndTheirCalibrationToThePublic) {
  tell(-5, p.c.fridge, "K-1", 1);
  tell(4, p.c.fridge, "K-2", 2);
  const auto list = told(p.json("POST", kSteps, request("filling", 1, 7), p.c.qa));
  ASSERT_EQ(list.size(), 3u);
  for (std::size_t i = 0; i < 2; ++i) {
    EXPECT_EQ(list[i].name, chain::kBirthName);
    EXPECT_EQ(list[i].audience, Audience::kRegulator);
    const auto birth = chain::read_told(list[i].content, p.c.chain);
    ASSERT_TRUE(birth);
    EXPECT_TRUE(birth->birth.verified_by(p.c.fridge.key()));
    EXPECT_EQ(birth->at, p.ms(i == 0 ? -5 : 4));
  }
  EXPECT_EQ(list[2].name, "calibration");
  EXPECT_EQ(list[2].audience, Audience::kPublic);
  EXPECT_EQ(as_text(list[2].content),
            "fridge-1 t: certificate K-1 of 2026-01-05, offset -0.05Cel, accuracy 0.10Cel; then "
            "certificate K-2 of 2026-01-05, offset -0.05Cel, accuracy 0.10Cel");
}

TEST_F(CalibratedSteps, NothingIsToldWhereNothingIsKnown) {
  tell(-5, p.c.room, "K-1", 1);  // whose h is not calibrated
  EXPECT_TRUE(told(p.json("POST", kSteps, request("storage", 1, 7), p.c.qa)).empty());
  EXPECT_TRUE(told(p.json("POST", kSteps, request("filling", 1, 7), p.c.qa)).empty());
}

TEST_F(CalibratedSteps, ASensorWithoutOneIsSaidBesideThoseThatHaveOne) {
  tell(-5, p.c.room, "K-1", 1);
  const auto list = told(p.json("POST", kSteps, request("packing", 1, 7), p.c.packer));
  ASSERT_EQ(list.size(), 2u);
  EXPECT_EQ(as_text(list[1].content),
            "fridge-1 t: no calibration named\nroom-1 t: certificate K-1 of 2026-01-05, offset "
            "-0.05Cel, accuracy 0.10Cel");
}

TEST_F(CalibratedSteps, NobodyTypesANoteOfThatName) {
  for (const char* name : {"birth", "calibration"}) {
    Json r = request("filling", 1, 7);
    r["notes"] = {{{"name", name}, {"text", "certificate K-9"}, {"audience", "public"}}};
    EXPECT_EQ(prepare_refusal(r, p.c.qa), "usage") << name;
  }
}

}  // namespace
}  // namespace lotmark::test
