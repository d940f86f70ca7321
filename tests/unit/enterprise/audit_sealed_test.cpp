// An audit of sealed rows: with a key everything, without one all that holds without opening.
#include "core/base/hex.h"
#include "tests/must.h"
#include "tests/unit/enterprise/released_plant.h"
#include "tests/unit/enterprise/sealed_plant.h"

namespace lotmark::test {
namespace {

class AuditSealed : public testing::Test {
 protected:
  AuditSealed() {
    s.run();
    s.plant.log_intake();
    s.plant.shut();
  }
  chain::AuditReport audit(chain::OpeningKeys keys = {}) {
    chain::AuditOptions o;
    o.private_dbs = {s.plant.file("private.db")};
    o.chain_db = s.plant.file("chain.db");
    o.anchor = s.plant.c.anchor;
    o.opening_keys = std::move(keys);
    auto done = chain::audit(o);
    EXPECT_TRUE(done) << done.error().message();
    return done ? done->report : chain::AuditReport{};
  }
  chain::AuditReport audit_own(const std::shared_ptr<const sealed::OpeningKey>& key) {
    chain::AuditOptions o;
    o.private_dbs = {s.plant.file("private.db")};
    o.chain_db = s.plant.file("chain.db");
    o.anchor = s.plant.c.anchor;
    o.opening_keys = {key};
    o.own_keys = true;
    return must(chain::audit(o)).report;
  }
  std::int64_t change(const std::string& sql) { return spoil(s.plant.file("private.db"), sql); }

  SealedPlant s;
};

TEST_F(AuditSealed, WithTheKeyEveryClaimIsRecomputed) {
  const auto report = audit({s.own});
  EXPECT_TRUE(report.ok()) << lines(report);
  EXPECT_EQ(report.sealed, 6u);
  EXPECT_EQ(report.not_opened, 0u);
  EXPECT_EQ(report.claims, 4u + 3u);
}

TEST_F(AuditSealed, WithoutAKeyItSaysWhatStayedClosedAndFindsNoFault) {
  const auto report = audit();
  EXPECT_TRUE(report.ok()) << lines(report);
  EXPECT_EQ(report.not_opened, 6u);
  EXPECT_EQ(report.claims, 3u) << "the release record's";
  EXPECT_NE(chain::to_text(report).find("6 of them sealed, not opened"), std::string::npos)
      << chain::to_text(report);
}

TEST_F(AuditSealed, AKeyThatOpensNothingIsToldFromNoKey) {
  const auto stranger =
      std::make_shared<const sealed::OpeningKey>(must(sealed::OpeningKey::from(new_scalar())));
  const auto report = audit({stranger});
  EXPECT_TRUE(report.ok()) << lines(report);
  EXPECT_EQ(report.not_opened, report.sealed);
  const auto says = [](const chain::AuditReport& r, std::size_t keys, const char* words) {
    return chain::to_text(r, keys).find(words) != std::string::npos;
  };
  EXPECT_TRUE(says(audit(), 0, "no key at hand"));
  EXPECT_TRUE(says(report, 1, "the key given (--opening-key) opens none of them"));
  EXPECT_FALSE(says(report, 1, "no key at hand"));
  EXPECT_TRUE(says(report, 2, "the keys given (--opening-key) open none of them"));
  EXPECT_TRUE(says(audit({s.partner}), 1,
                   "5 of them sealed, not opened: the key given "
                   "(--opening-key) does not open these"));
  EXPECT_FALSE(says(audit({s.own}), 1, "not opened"));
}

TEST_F(AuditSealed, AReviewersKeyOpensAllOfThemAPartnersWhatIsForPartners) {
  EXPECT_EQ(audit({s.east}).not_opened, 0u);
  const auto report = audit({s.partner});
  EXPECT_TRUE(report.ok()) << lines(report);
  EXPECT_EQ(report.not_opened, 5u);
}

TEST_F(AuditSealed, AByteOfACiphertextIsNamedWithoutAKey) {
  // The last byte of the last entry: of a tag.
  ASSERT_EQ(change("UPDATE record SET segments = CAST(substr(segments, 1, length(segments) - 1) || "
                   "CASE substr(segments, -1) WHEN x'00' THEN x'01' ELSE x'00' END AS BLOB) WHERE "
                   "n = (SELECT min(n) FROM record WHERE length(evidence) > 10)"),
            1);
  const auto report = audit();
  EXPECT_NE(lines(report).find("what is stored does not give its commitment"), std::string::npos)
      << lines(report);
}

TEST_F(AuditSealed, AByteOfARecipientIsNamedByWhoHasTheKey) {
  const std::string own = "reader = x'" + to_hex(s.own->kid()) + "'";
  ASSERT_GE(change("UPDATE segment_key SET recipient = CAST(substr(recipient, 1, "
                   "length(recipient) - 1) || CASE substr(recipient, -1) WHEN x'00' THEN x'01' "
                   "ELSE x'00' END AS BLOB) WHERE segment = 0 AND " +
                   own),
            1);
  EXPECT_TRUE(audit().ok()) << "nobody can tell without it: " << lines(audit());
  const auto report = audit({s.own});
  EXPECT_NE(lines(report).find("segment_key"), std::string::npos) << lines(report);
  EXPECT_NE(lines(report).find("does not open"), std::string::npos) << lines(report);
}

TEST_F(AuditSealed, ARecipientUnderAnotherReadersNameAndASegmentForNobodyAreNamed) {
  change(
      "UPDATE segment_key SET reader = x'00112233445566778899aabbccddeeff' WHERE segment = 0 AND "
      "reader = x'" +
      to_hex(s.west->kid()) + "'");
  EXPECT_NE(lines(audit()).find("is no recipient of reader 00112233"), std::string::npos)
      << lines(audit());
  change("DELETE FROM segment_key WHERE segment = 1");
  EXPECT_NE(lines(audit()).find("its content key is wrapped for nobody"), std::string::npos)
      << lines(audit());
}

// The release record of an applied lot is made; what an open one still needs must open.
TEST_F(AuditSealed, AnOwnRecipientThatIsLostIsAFaultOfALotThatIsNotDecided) {
  EXPECT_TRUE(audit_own(s.own).ok()) << lines(audit_own(s.own));
  EXPECT_TRUE(audit_own(opening_key(111)).ok()) << "all its records are made";
  SealedPlant open;
  open.plant.open_batch();
  open.plant.tick_until(9);
  open.plant.measure(0, 8);
  open.plant.record("filling", 1, 7, open.plant.c.qa);
  open.plant.tick_until(12);
  open.plant.json("POST", "batches/A-2026%2F01/steps",
                  {{"step", "storage"}, {"start", open.plant.ms(1)}, {"end", open.plant.ms(7)}},
                  open.plant.c.qa);  // not signed: it would be prepared anew
  open.plant.shut();
  chain::AuditOptions o;
  o.private_dbs = {open.plant.file("private.db")};
  o.chain_db = open.plant.file("chain.db");
  o.anchor = open.plant.c.anchor;
  o.own_keys = true;
  o.opening_keys = {open.own};
  EXPECT_TRUE(must(chain::audit(o)).report.ok());
  ASSERT_EQ(spoil(o.private_dbs[0],
                  "DELETE FROM segment_key WHERE reader = x'" + to_hex(open.own->kid()) + "'"),
            2);
  const auto report = must(chain::audit(o)).report;
  ASSERT_EQ(report.faults.size(), 1u) << lines(report);
  EXPECT_EQ(report.faults[0].lot, "A-2026/01");
  EXPECT_EQ(report.faults[0].error, Errc::kSealReader);
  o.own_keys = false;
  EXPECT_TRUE(must(chain::audit(o)).report.ok()) << "to others it is no fault";
}

TEST_F(AuditSealed, KeysOfSegmentsThatAreNotThereOrNotSealedAreNamed) {
  const std::string put =
      "INSERT INTO segment_key(commitment, segment, reader, recipient, made) SELECT commitment, ";
  change(put + "200, reader, recipient, made FROM segment_key WHERE n = 1");
  EXPECT_NE(lines(audit()).find("segment 200) of lot A-2026/01: is no sealed segment"),
            std::string::npos)
      << lines(audit());
  change("DELETE FROM segment_key WHERE segment = 200");
  ASSERT_TRUE(audit().ok()) << lines(audit());
  change(put + "0, x'00112233445566778899aabbccddeeff', x'00', 1 FROM record WHERE n = 0");
  EXPECT_NE(lines(audit()).find("is no sealed segment, and a key is wrapped for reader 00112233"),
            std::string::npos)
      << lines(audit());
}

TEST_F(AuditSealed, KeysOfNoRecordAreNamed) {
  change("UPDATE segment_key SET commitment = randomblob(32) WHERE n = 1");
  EXPECT_NE(lines(audit()).find("segment_key (left over): 1 rows belong to no record"),
            std::string::npos)
      << lines(audit());
  EXPECT_TRUE(chain::names_its_lots(audit())) << "nor keeps a lot from going on";
}

}  // namespace
}  // namespace lotmark::test
