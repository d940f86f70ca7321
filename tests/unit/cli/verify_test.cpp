// `lotmark verify` on the contract's own receipt: exit codes, JSON, words.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "core/base/clock.h"
#include "tests/unit/cli/run.h"
#include "tests/unit/proof_vectors.h"

namespace lotmark::cli::test {
namespace {

using lotmark::test::contract;
using lotmark::test::hex;
using ::testing::HasSubstr;

class Verify : public ::testing::Test {
 protected:
  Verify() : vector_(contract("receipt.json")), receipt_(hex(vector_["receipt"])) {
    write(dir_ / "anchor", std::string(as_text(hex(vector_["anchor"]))));
    put(receipt_);
  }
  void put(const Bytes& receipt) { write(dir_ / "receipt", std::string(as_text(receipt))); }
  Ran verify(std::vector<std::string> more = {}) {
    std::vector<std::string> all = {
        "verify",        dir_ / "receipt", "--anchor",
        dir_ / "anchor", "--now",          to_iso(from_ms(vector_["now"].get<std::int64_t>()))};
    all.insert(all.end(), more.begin(), more.end());
    return lotmark(all);
  }
  TempDir dir_;
  nlohmann::json vector_;
  Bytes receipt_;
};

TEST_F(Verify, ReleasedLotEndsWithZeroAndSaysWhatItDoesNotProve) {
  const Ran ran = verify({"--gtin", "6901234567892", "--lot", "A-2026/01"});
  EXPECT_EQ(ran.exit, 0) << ran.out;
  EXPECT_EQ(ran.out.substr(0, ran.out.find('\n')), "released");
  EXPECT_THAT(ran.out, HasSubstr("reviewed and released"));
  EXPECT_THAT(ran.out, HasSubstr("What this does not prove:"));
  EXPECT_THAT(ran.out, HasSubstr("A copied code looks the same"));
  EXPECT_EQ(ran.out.find("\x1b["), std::string::npos);
}

TEST_F(Verify, JsonHasTheFourteenChecksAndFieldsCanBePicked) {
  const Ran ran = verify({"--json"});
  const auto j = nlohmann::json::parse(ran.out);
  EXPECT_EQ(j["verdict"], "released");
  EXPECT_EQ(j["checks"].size(), 14u);
  EXPECT_EQ(verify({"--field", "verdict"}).out, "released\n");
  EXPECT_EQ(verify({"--field", "claims.0.min"}).out, j["claims"][0]["min"].dump() + "\n");
  EXPECT_EQ(verify({"--field", "claims.7.min"}).exit, 1);
}

TEST_F(Verify, EveryFlippedByteIsNeverReleased) {
  for (std::size_t i = 3; i < receipt_.size(); i += 97) {
    Bytes bad = receipt_;
    bad[i] ^= 0x01;
    put(bad);
    const int exit = verify({"--json"}).exit;
    EXPECT_TRUE(exit == 3 || exit == 1) << i;
  }
}

TEST_F(Verify, TamperedEndsWithThree) {
  Bytes bad = receipt_;
  bad.back() ^= 0x01;
  put(bad);
  const Ran ran = verify();
  EXPECT_EQ(ran.exit, 3);
  EXPECT_EQ(ran.out.substr(0, ran.out.find('\n')), "tampered");
}

TEST_F(Verify, OtherVerdictsEndWithOne) {
  EXPECT_EQ(verify({"--lot", "B"}).exit, 1);
  EXPECT_EQ(verify({"--lot", "B", "--field", "verdict"}).out, "unknown\n");
  const Ran late = lotmark({"verify", dir_ / "receipt", "--anchor", dir_ / "anchor", "--now",
                            "2090-01-01", "--field", "verdict"});
  EXPECT_EQ(late.exit, 1);
  EXPECT_EQ(late.out, "expired\n");
}

TEST_F(Verify, AReceiptOfAnyLengthGetsAVerdict) {
  Bytes long_one = receipt_;
  long_one.resize(17u << 20);
  put(long_one);
  const Ran ran = verify({"--json"});
  EXPECT_EQ(ran.exit, 3) << ran.err;
  EXPECT_EQ(nlohmann::json::parse(ran.out)["checks"][1]["error"], "receipt-too-large");
}

TEST_F(Verify, WhatIsAskedForIsValidatedFirst) {
  EXPECT_EQ(verify({"--json", "--gtin", "\xff\xfe"}).exit, 2);
  EXPECT_EQ(verify({"--gtin", "6901234567893"}).exit, 2) << "wrong check digit";
  EXPECT_EQ(verify({"--gtin", ""}).exit, 2);
  EXPECT_EQ(verify({"--lot", ""}).exit, 2);
  EXPECT_EQ(verify({"--json", "--lot", "\xff"}).exit, 2);
}

TEST_F(Verify, MissingFileAndBadTimeAreToldApart) {
  EXPECT_EQ(lotmark({"verify", dir_ / "no", "--anchor", dir_ / "anchor"}).exit, 1);
  EXPECT_EQ(
      lotmark({"verify", dir_ / "receipt", "--anchor", dir_ / "anchor", "--now", "soon"}).exit, 2);
  EXPECT_EQ(lotmark({"verify", dir_ / "receipt"}).exit, 2);
}

// The first case of tests/vectors/archived, found by its magic.
class VerifyArchived : public Verify {
 protected:
  VerifyArchived() { put(lotmark::test::proof_vectors("archived")[0].file); }
};

TEST_F(VerifyArchived, ProofIsShownToWhoNamesTheLot) {
  const Ran ran = verify({"--gtin", "6901234567892", "--lot", "A-2026/01"});
  EXPECT_EQ(ran.exit, 1) << "archived is not released";
  EXPECT_EQ(ran.out.substr(0, ran.out.find('\n')), "archived");
  EXPECT_THAT(ran.out, HasSubstr("blocks 1 to 8, by block 11"));
  EXPECT_THAT(ran.out, HasSubstr("ask an archive holder"));
  EXPECT_EQ(verify({"--gtin", "6901234567892", "--lot", "A-2026/01", "--field", "cut.last"}).out,
            "8\n");
}

TEST_F(VerifyArchived, OfAnotherLotOrOfNoneIsUnknown) {
  EXPECT_EQ(verify({"--field", "verdict"}).out, "unknown\n");
  EXPECT_EQ(verify({"--gtin", "6901234567892", "--lot", "B", "--field", "verdict"}).out,
            "unknown\n");
}

// The first case of tests/vectors/event_proof.
class VerifyEvent : public Verify {
 protected:
  VerifyEvent() {
    const auto v = lotmark::test::proof_vectors("event_proof")[0];
    file_ = v.file;
    expected_ = v.expected;
    write(dir_ / "event", std::string(as_text(file_)));
  }
  Ran event(const std::vector<std::string>& more = {}) {
    std::vector<std::string> all = {"verify", "--event", dir_ / "event", "--anchor",
                                    dir_ / "anchor"};
    all.insert(all.end(), more.begin(), more.end());
    return lotmark(all);
  }
  Bytes file_;
  nlohmann::json expected_;
};

TEST_F(VerifyEvent, CommittedEndsWithZeroAndShowsTheEvent) {
  const Ran ran = event();
  EXPECT_EQ(ran.exit, 0) << ran.err;
  EXPECT_EQ(ran.out.substr(0, ran.out.find('\n')), "committed");
  EXPECT_THAT(ran.out, HasSubstr("\"farm:crate\": \"C-12\""));
  EXPECT_THAT(ran.out, HasSubstr("is the organisation's word"));
  const std::string sha = expected_["event"]["sha256"];
  EXPECT_EQ(event({"--field", "event.sha256"}).out, sha + "\n");
}

TEST_F(VerifyEvent, IsKnownByItsMagicToo) {
  put(file_);
  EXPECT_EQ(verify({"--field", "verdict"}).out, "committed\n");
}

TEST_F(VerifyEvent, ChangedOrNoneIsNotCommitted) {
  file_.back() ^= 0x01;
  write(dir_ / "event", std::string(as_text(file_)));
  EXPECT_EQ(event().exit, 3);
  write(dir_ / "event", std::string(as_text(receipt_)));
  EXPECT_EQ(event({"--field", "verdict"}).out, "unknown\n");
  EXPECT_EQ(event().exit, 1);
}

TEST_F(VerifyEvent, OneFileIsNamed) {
  EXPECT_EQ(lotmark({"verify", "--anchor", dir_ / "anchor"}).exit, 2);
  EXPECT_EQ(event({dir_ / "receipt"}).exit, 2);
  EXPECT_EQ(event({"--lot", "A"}).exit, 2) << "an event proof answers for no lot";
}

}  // namespace
}  // namespace lotmark::cli::test
