// Events of period blocks: reports of use.
#include "ledger-node/chain/public/usages.h"

#include "tests/unit/chain/chain_fixture.h"

namespace lotmark::chain {
namespace {

class UsageReports : public ChainTest {
 protected:
  UsageReports() { EXPECT_EQ(append(maker.lot_block(application())), Errc::kOk); }

  // By the agency, of lot A-1, when nothing else is said.
  Bytes report(UsageKind kind, std::vector<std::string> serials, std::uint64_t count = 1,
               const std::string& lot = "A-1") {
    Usage u{test::Consortium::gtin(), {lot}, kind, std::move(serials), count, ++time_};
    u.count = std::max<std::uint64_t>(count, u.serials.size());
    return seal(u, *by_->signer, c.chain)->bytes;
  }
  // In one period block; what the chain says of it. Nothing of a refused block stays.
  Errc events(const std::vector<Bytes>& list) {
    test::BlockMaker next = maker;
    const Errc e = append(next.period_block({}, {}, list));
    if (e == Errc::kOk) maker = next;
    return e;
  }
  LotUse use(const std::string& lot = "A-1") {
    auto u = lot_use(chain, test::Consortium::gtin(), {lot});
    EXPECT_TRUE(u) << u.error().message();
    return u ? *std::move(u) : LotUse{};
  }
  std::vector<SerialUse> uses_of(const std::string& serial, const std::string& lot = "A-1") {
    auto uses = serial_uses(chain, test::Consortium::gtin(), {lot}, serial);
    EXPECT_TRUE(uses) << uses.error().message();
    return uses ? *std::move(uses) : std::vector<SerialUse>{};
  }
  // Whether the last of these, each in a block of its own, comes again.
  bool again(const std::vector<UsageKind>& kinds) {
    const std::string serial = "S" + std::to_string(++serial_);
    const std::uint64_t before = use().again;
    std::uint64_t at = before;
    for (const auto kind : kinds) {
      at = use().again;
      EXPECT_EQ(events({report(kind, {serial})}), Errc::kOk);
    }
    EXPECT_EQ(at, before) << "before the last";
    return use().again > at;
  }

  const test::Party* by_ = &c.west;
  std::uint64_t time_ = 0;
  int serial_ = 0;
};

TEST_F(UsageReports, AnAgencyReportsOfALotThatIsReleased) {
  for (const test::Party* other : {&c.east, &c.enterprise, &c.supervisors[0], &c.qa, &c.stranger}) {
    by_ = other;
    EXPECT_EQ(events({report(UsageKind::kUsed, {"1"})}), Errc::kCoseKid) << other->name;
  }
  by_ = &c.west;
  Bytes forged = report(UsageKind::kUsed, {"1"});
  forged.back() = static_cast<std::uint8_t>(forged.back() ^ 1);
  EXPECT_EQ(events({forged}), Errc::kCoseSignature);
  EXPECT_EQ(events({report(UsageKind::kUsed, {"1"}, 1, "A-2")}), Errc::kUsageLotUnknown);
  const Bytes good = report(UsageKind::kUsed, {"1", "2"}, 40);
  EXPECT_EQ(events({good}), Errc::kOk);
  EXPECT_EQ(events({good}), Errc::kListDuplicate);
  EXPECT_EQ(use().reports, 1u);
}

TEST_F(UsageReports, ARevokedAgencyIsHeardNoMore) {
  const Revocation r{c.west.kid(), 0, RevokedReason::kLost, {}};
  ASSERT_EQ(append(maker.block(BlockKind::kRevocation,
                               ObjectBytes{seal(r, *c.supervisors[0].signer, c.chain)->bytes})),
            Errc::kOk);
  EXPECT_EQ(events({report(UsageKind::kUsed, {"1"})}), Errc::kKeyRevoked);
}

TEST_F(UsageReports, UnitsAddUpByKindAndLot) {
  ASSERT_EQ(append(maker.lot_block(application("A-2"))), Errc::kOk);
  ASSERT_EQ(events({report(UsageKind::kSold, {"1", "2"}, 100), report(UsageKind::kUsed, {}, 30)}),
            Errc::kOk);
  ASSERT_EQ(events({report(UsageKind::kUsed, {"1"}, 8), report(UsageKind::kDestroyed, {}, 5),
                    report(UsageKind::kUsed, {"1"}, 7, "A-2")}),
            Errc::kOk);
  EXPECT_EQ(use().units, (UsageUnits{38, 100, 5}));
  EXPECT_EQ(use().reports, 4u);
  EXPECT_EQ(use().again, 0u) << "sold and then used; of another lot it is another unit";
  EXPECT_EQ(use("A-2").units, (UsageUnits{7, 0, 0}));
  const auto behind = *usages(chain, test::Consortium::gtin(), {"A-1"}, 3, 10);
  ASSERT_EQ(behind.size(), 2u);
  EXPECT_EQ(behind[0].block, 4u);
  EXPECT_EQ(behind[0].by, c.west.kid());
}

// Who asks for what is behind the last block it was told of misses nothing.
TEST_F(UsageReports, APageEndsWithABlock) {
  const auto used = [&](const std::string& serial) { return report(UsageKind::kUsed, {serial}); };
  ASSERT_EQ(events({used("1"), used("2"), used("3")}), Errc::kOk);
  ASSERT_EQ(events({used("4")}), Errc::kOk);
  const auto page = *usages(chain, test::Consortium::gtin(), {"A-1"}, 0, 2);
  ASSERT_EQ(page.size(), 3u);
  EXPECT_EQ(usages(chain, test::Consortium::gtin(), {"A-1"}, page.back().block, 2)->size(), 1u);
}

TEST_F(UsageReports, AUnitIsSoldOnceAndUsedOrDestroyedOnce) {
  using enum UsageKind;
  EXPECT_FALSE(again({kSold, kUsed}));
  EXPECT_FALSE(again({kSold, kDestroyed}));
  EXPECT_FALSE(again({kDestroyed}));
  EXPECT_TRUE(again({kSold, kSold}));
  EXPECT_TRUE(again({kUsed, kUsed}));
  EXPECT_TRUE(again({kUsed, kSold}));
  EXPECT_TRUE(again({kDestroyed, kUsed}));
  EXPECT_TRUE(again({kSold, kUsed, kSold}));
  EXPECT_TRUE(again({kSold, kUsed, kDestroyed}));
  ASSERT_EQ(use().again_serials.size(), 6u);
  EXPECT_EQ(use().again_serials[0], "S4");
}

TEST_F(UsageReports, InOneBlockWhatIsSoldComesFirst) {
  for (int i = 0; i < 8; ++i) {  // whichever id is less
    const std::string serial = "S" + std::to_string(i);
    ASSERT_EQ(events({report(UsageKind::kUsed, {serial}), report(UsageKind::kSold, {serial})}),
              Errc::kOk);
  }
  EXPECT_EQ(use().again, 0u);
}

TEST_F(UsageReports, WhatIsTakenBackCountsNoMore) {
  vote_all();
  test::BlockMaker other = maker;
  ASSERT_EQ(events({report(UsageKind::kUsed, {"1"}, 40)}), Errc::kOk);
  ASSERT_EQ(use().reports, 1u);
  ASSERT_EQ(adopt({other.term_block(1)}), Errc::kOk);
  EXPECT_EQ(use().reports, 0u);
}

TEST_F(UsageReports, ASerialIsFoundInEveryReportThatNamesIt) {
  ASSERT_EQ(append(maker.lot_block(application("A-2"))), Errc::kOk);
  const Bytes sold = report(UsageKind::kSold, {"1", "2"});
  ASSERT_EQ(events({sold, report(UsageKind::kUsed, {"1", "3"}, 9)}), Errc::kOk);
  ASSERT_EQ(events({report(UsageKind::kDestroyed, {"1"}), report(UsageKind::kUsed, {}, 5)}),
            Errc::kOk);
  ASSERT_EQ(events({report(UsageKind::kUsed, {"1"}, 1, "A-2")}), Errc::kOk);
  const auto uses = uses_of("1");
  ASSERT_EQ(uses.size(), 3u);
  EXPECT_EQ(uses[0].kind, UsageKind::kSold);
  EXPECT_EQ(uses[0].block, 3u);
  EXPECT_EQ(uses[0].time, 1u);
  EXPECT_EQ(uses[0].agency, c.west.kid());
  EXPECT_EQ(uses[0].report, *id_of(sold));
  EXPECT_FALSE(uses[0].final);
  EXPECT_EQ(uses[1].kind, UsageKind::kUsed);
  EXPECT_EQ(uses[2].block, 4u);
  EXPECT_EQ(uses_of("1", "A-2").size(), 1u);
  EXPECT_EQ(uses_of("3").size(), 1u);
  EXPECT_TRUE(uses_of("4").empty());
  vote_all();
  EXPECT_TRUE(uses_of("1")[2].final);
}

// An agency that names a unit again and again hides nobody's word of another kind.
TEST_F(UsageReports, ReportsOfOneKindHideNoneOfAnother) {
  std::vector<Bytes> many;
  for (std::size_t i = 0; i < 300; ++i) many.push_back(report(UsageKind::kSold, {"1"}));
  ASSERT_EQ(events(many), Errc::kOk);
  ASSERT_EQ(events({report(UsageKind::kUsed, {"1"}), report(UsageKind::kUsed, {"11"})}), Errc::kOk);
  for (int i = 0; i < 70; ++i) ASSERT_EQ(events({report(UsageKind::kSold, {"1"})}), Errc::kOk);
  ASSERT_EQ(events({report(UsageKind::kDestroyed, {"1", "2"})}), Errc::kOk);
  const auto uses = uses_of("1");
  ASSERT_EQ(uses.size(), kUsesOfKind + 2);
  const auto of = [&](UsageKind kind) { return std::ranges::count(uses, kind, &SerialUse::kind); };
  EXPECT_EQ(of(UsageKind::kUsed), 1);
  EXPECT_EQ(of(UsageKind::kDestroyed), 1);
  EXPECT_TRUE(std::ranges::is_sorted(uses, {}, &SerialUse::block));
  EXPECT_EQ(uses_of("2").size(), 1u);
}

TEST_F(UsageReports, ASerialOfATakenBackBlockIsFoundNoMore) {
  vote_all();
  test::BlockMaker other = maker;
  ASSERT_EQ(events({report(UsageKind::kUsed, {"1"})}), Errc::kOk);
  ASSERT_EQ(uses_of("1").size(), 1u);
  ASSERT_EQ(adopt({other.term_block(1)}), Errc::kOk);
  EXPECT_TRUE(uses_of("1").empty());
}

TEST_F(UsageReports, TwoSerialsOfOneKeyAreToldApart) {
  ASSERT_EQ(events({report(UsageKind::kUsed, {"1"})}), Errc::kOk);
  const std::uint64_t of_two = serial_key(test::Consortium::gtin(), {"A-1"}, "2");
  ASSERT_TRUE(chain.database().exec("UPDATE used_serial SET key = " + std::to_string(of_two)));
  EXPECT_TRUE(uses_of("2").empty());
}

TEST_F(UsageReports, SerialsThatAnOlderProgramTookAreListedAtTheNextStart) {
  ASSERT_EQ(events({report(UsageKind::kSold, {"1", "2"}), report(UsageKind::kUsed, {"1"})}),
            Errc::kOk);
  ASSERT_TRUE(chain.database().exec(
      "DROP TABLE used_serial; DROP TABLE serials_due; PRAGMA user_version=11"));
  chain = open_chain();
  EXPECT_EQ(uses_of("1").size(), 2u);
  EXPECT_EQ(uses_of("2").size(), 1u);
  ASSERT_TRUE(chain.database().exec("DELETE FROM used_serial"));
  chain = open_chain();
  EXPECT_TRUE(uses_of("1").empty()) << "it is done once";
}

TEST_F(UsageReports, ADamagedReportOfAnOlderProgramStopsNoStart) {
  ASSERT_EQ(events({report(UsageKind::kSold, {"1"}), report(UsageKind::kUsed, {"2"})}), Errc::kOk);
  ASSERT_TRUE(chain.database().exec(
      "UPDATE used SET object = x'80' WHERE kind = 1; DROP TABLE used_serial; DROP TABLE "
      "serials_due; PRAGMA user_version=11"));
  chain = open_chain();
  EXPECT_EQ(uses_of("2").size(), 1u);
  EXPECT_EQ(usages(chain, test::Consortium::gtin(), {"A-1"}, 0, 10).code(), Errc::kCorrupt);
}

TEST(Above, UsedAndDestroyedTogetherOrSoldAlone) {
  EXPECT_FALSE(above({6, 10, 4}, 10));
  EXPECT_TRUE(above({7, 0, 4}, 10));
  EXPECT_TRUE(above({0, 11, 0}, 10));
}

}  // namespace
}  // namespace lotmark::chain
