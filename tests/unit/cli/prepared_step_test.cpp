// What an author looks into before signing: entries that the node sealed, and whether they are what was given and shown.
#include "cli/prepared_step.h"

#include <gtest/gtest.h>

#include "core/base/hex.h"
#include "core/crypto/p256.h"
#include "core/sealed/recipient.h"
#include "ledger-node/chain/private/calibration.h"
#include "ledger-node/chain/private/event_sets.h"
#include "tests/must.h"

namespace lotmark::cli {
namespace {

using lotmark::test::must;
using nlohmann::json;

class PreparedStep : public testing::Test {
 protected:
  static Segment note(const std::string& name, const std::string& text, Audience audience) {
    return {{}, name, audience, "text/plain", to_bytes(as_bytes(text))};
  }
  static Segment claim_segment(const Claim& c, Audience audience = Audience::kRegulator) {
    return {{}, std::string(kClaimName), audience, std::string(kClaimMedia), encode(c)};
  }
  static Segment calibration(const std::string& text) {
    return note(std::string(chain::kCalibrationName), text, Audience::kPublic);
  }
  static Claim claim() {
    Claim c;
    c.step = "filling";
    c.channel = "t";
    c.unit = "Cel";
    c.exp = {-2};
    c.start = 1000;
    c.end = 2000;
    c.annotation = {3, 200, 800, 1000, 2000, 500};
    c.tree_size = 1;
    c.limits = {200, 800, 61000};
    return c;
  }
  void add(const Segment& s) {
    const json none;
    if (s.audience == Audience::kPublic) {
      entries.push_back(encode(s));
      prepared["recipients"].push_back(none);
      return;
    }
    auto sealing = must(sealed::seal_segment(chain, s));
    const auto reader = must(sealed::ReaderKey::from(*fixed_from_hex<PublicKey>(opener.reader())));
    prepared["recipients"].push_back(to_hex(must(sealed::wrap(sealing.key, reader))));
    entries.push_back(std::move(sealing.entry));
  }
  // As an honest node answers of this claim.
  void add_claim(const Claim& c, Audience audience = Audience::kRegulator) {
    add(claim_segment(c, audience));
    json shown = to_json(c);
    shown["shown"] = "2.00..8.00Cel";
    shown["device_name"] = "fridge-1";
    prepared["claims"].push_back(shown);
  }
  // A step of the filling from 1000 to 2000, without notes.
  void filling() {
    typed.notes = json::array();
    typed.start = 1000;
    typed.end = 2000;
  }
  Bytes birth() const {
    Birth b;
    b.life.bytes = {1, 2, 3, 4, 5, 6, 7, 8};
    b.boot = 1;
    b.session = 1;
    b.device = device->kid();
    return chain::encode_told(900, must(seal(b, *device, chain)).bytes);
  }
  Status check() {
    auto segments = opener.open(prepared, entries, chain);
    if (!segments) return segments.error();
    return check_prepared(prepared, typed, *segments, chain);
  }

  Digest chain;
  StepOpener opener = must(StepOpener::make());
  const std::unique_ptr<Signer> device = must(signer_openssl(new_scalar().view()));
  std::vector<Bytes> entries;
  json prepared = {{"claims", json::array()}, {"recipients", json::array()}};
  TypedStep typed{
      "filling", {}, {}, {{{"name", "sheet"}, {"text", "as planned"}, {"audience", "regulator"}}}};
};

TEST_F(PreparedStep, NotesAndClaimsAsGivenAndShownAreFine) {
  typed.start = 1000;
  typed.end = 2000;
  add_claim(claim());
  add(note("sheet", "as planned", Audience::kRegulator));
  add(calibration("fridge-1 t: ..."));
  const Status fine = check();
  EXPECT_TRUE(fine) << fine.error().message();
  prepared["claims"][0]["shown"] = "2.00..7.00Cel";
  EXPECT_EQ(check().code(), Errc::kCommitmentMismatch);
  prepared["claims"] = json::array();
  EXPECT_EQ(check().code(), Errc::kCommitmentMismatch);
}

TEST_F(PreparedStep, AClaimOfAnotherSpanIsNotSignedThoughItIsShown) {
  filling();
  Claim c = claim();
  c.end = 1500;  // the fridge warmed up later
  c.annotation = {3, 200, 800, 1000, 1500, 250};
  add_claim(c);
  const Status s = check();
  EXPECT_EQ(s.code(), Errc::kCommitmentMismatch);
  EXPECT_NE(s.error().text.find("which is not the span that you gave"), std::string::npos)
      << s.error().text;
  typed.end = 1500;
  EXPECT_TRUE(check());
  typed.start = 900;
  EXPECT_EQ(check().code(), Errc::kCommitmentMismatch);
}

TEST_F(PreparedStep, AClaimOfAnotherStepIsNotSigned) {
  filling();
  Claim c = claim();
  c.step = "storage";
  add_claim(c);
  EXPECT_EQ(check().code(), Errc::kCommitmentMismatch);
}

TEST_F(PreparedStep, AClaimInAStepWithoutSpanIsNotSigned) {
  add_claim(claim());
  add(note("sheet", "as planned", Audience::kRegulator));
  EXPECT_EQ(check().code(), Errc::kCommitmentMismatch);
}

TEST_F(PreparedStep, ASpanWithoutAnyClaimIsNotSigned) {
  filling();
  add(calibration("fridge-1 t: ..."));
  EXPECT_EQ(check().code(), Errc::kCommitmentMismatch);
  entries.clear();
  EXPECT_EQ(check().code(), Errc::kCommitmentMismatch);
}

TEST_F(PreparedStep, AClaimForOthersThanTheRegulatorIsNotSigned) {
  filling();
  add_claim(claim(), Audience::kPublic);
  EXPECT_EQ(check().code(), Errc::kCommitmentMismatch);
}

TEST_F(PreparedStep, TextOfTheNodesForThePublicNeedsClaimsAndStandsOnce) {
  add(note("sheet", "as planned", Audience::kRegulator));
  add(calibration("recalled, do not buy"));
  EXPECT_EQ(check().code(), Errc::kCommitmentMismatch) << "a step without claims";
  entries.clear();
  filling();
  prepared["recipients"] = json::array();
  add_claim(claim());
  add(calibration("fridge-1 t: ..."));
  EXPECT_TRUE(check());
  add(calibration("and more"));
  EXPECT_EQ(check().code(), Errc::kCommitmentMismatch);
  entries.pop_back();
  entries.pop_back();
  Segment page = calibration("<p>fridge-1</p>");
  page.media = "text/html";
  add(page);
  EXPECT_EQ(check().code(), Errc::kCommitmentMismatch);
}

TEST_F(PreparedStep, WhatTheNodeTellsOfCalibrationsIsGivenToTheAuthor) {
  EXPECT_EQ(told_of_calibration({claim_segment(claim()), calibration("fridge-1 t: K-1")}),
            "fridge-1 t: K-1");
  EXPECT_EQ(told_of_calibration({claim_segment(claim())}), "");
}

TEST_F(PreparedStep, ABirthIsOfAClaimsDeviceAndForTheRegulator) {
  filling();
  add_claim(claim());
  const auto add_birth = [&](Bytes content, Audience audience) {
    add({{},
         std::string(chain::kBirthName),
         audience,
         std::string(chain::kBirthMedia),
         std::move(content)});
  };
  add_birth(birth(), Audience::kRegulator);
  EXPECT_EQ(check().code(), Errc::kCommitmentMismatch) << "of a device without a claim";
  entries = {};
  prepared = {{"claims", json::array()}, {"recipients", json::array()}};
  Claim c = claim();
  c.device = device->kid();
  add_claim(c);
  add_birth(birth(), Audience::kRegulator);
  const Status fine = check();
  EXPECT_TRUE(fine) << fine.error().text;
  add_birth(birth(), Audience::kPublic);
  EXPECT_EQ(check().code(), Errc::kCommitmentMismatch);
  entries.pop_back();
  prepared["recipients"].erase(2);
  add_birth(to_bytes(as_bytes("by the node")), Audience::kRegulator);
  EXPECT_EQ(check().code(), Errc::kCommitmentMismatch);
}

TEST_F(PreparedStep, EventsAreOneTreeForTheRegulator) {
  merkle::CompactRange tree;
  tree.append(Digest{});
  Segment events{{},
                 std::string(chain::kEventsName),
                 Audience::kRegulator,
                 std::string(chain::kEventsMedia),
                 chain::encode_event_tree(tree)};
  add(note("sheet", "as planned", Audience::kRegulator));
  add(events);
  EXPECT_TRUE(check());
  add(events);
  EXPECT_EQ(check().code(), Errc::kCommitmentMismatch);
  entries.resize(1);
  prepared["recipients"].erase(2);
  prepared["recipients"].erase(1);
  events.audience = Audience::kPublic;
  add(events);
  EXPECT_EQ(check().code(), Errc::kCommitmentMismatch);
  entries.resize(1);
  prepared["recipients"].erase(1);
  events.audience = Audience::kRegulator;
  events.content = to_bytes(as_bytes("by the node"));
  add(events);
  EXPECT_EQ(check().code(), Errc::kCommitmentMismatch);
}

TEST_F(PreparedStep, AnotherTextUnderTheSealIsSeen) {
  add(note("sheet", "as planned, but for one vial", Audience::kRegulator));
  EXPECT_EQ(check().code(), Errc::kCommitmentMismatch);
}

TEST_F(PreparedStep, AnotherAudienceIsSeen) {
  add(note("sheet", "as planned", Audience::kPartner));
  EXPECT_EQ(check().code(), Errc::kCommitmentMismatch);
}

TEST_F(PreparedStep, ANoteThatNobodyGaveOrThatIsLeftOutIsSeen) {
  add(note("sheet", "as planned", Audience::kRegulator));
  add(note("more", "by the node", Audience::kPublic));
  EXPECT_EQ(check().code(), Errc::kCommitmentMismatch);
  entries.pop_back();
  EXPECT_TRUE(check());
  entries.clear();
  EXPECT_EQ(check().code(), Errc::kCommitmentMismatch);
}

TEST_F(PreparedStep, WhatTheNodeDoesNotLetBeOpenedIsNotSigned) {
  add(note("sheet", "as planned", Audience::kRegulator));
  prepared["recipients"][0] = json();
  EXPECT_EQ(check().code(), Errc::kSealReader);
  prepared.erase("recipients");
  EXPECT_EQ(check().code(), Errc::kSealReader);
}

TEST_F(PreparedStep, TheKeyOfAnotherSegmentIsSeen) {
  add(note("sheet", "as planned", Audience::kRegulator));
  add(note("sheet", "as planned", Audience::kRegulator));
  std::swap(prepared["recipients"][0], prepared["recipients"][1]);
  EXPECT_EQ(check().code(), Errc::kSeal);
}

TEST_F(PreparedStep, EachStepHasAKeyOfItsOwn) {
  EXPECT_NE(opener.reader(), must(StepOpener::make()).reader());
}

}  // namespace
}  // namespace lotmark::cli
