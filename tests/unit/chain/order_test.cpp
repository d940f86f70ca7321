// The primary and the voters, driven by hand: what leaves one is put into the other.
#include <gtest/gtest.h>

#include "ledger-node/chain/public/complaints.h"
#include "ledger-node/chain/public/recalls.h"
#include "ledger-node/chain/public/revocations.h"
#include "ledger-node/chain/public/usages.h"
#include "ledger-node/order/primary.h"
#include "ledger-node/replicate/head_sender.h"
#include "ledger-node/vote/voter.h"
#include "tests/scenario/block_maker.h"
#include "tests/unit/chain/temp_folder.h"

namespace lotmark::node {
namespace {

using test::Consortium;

class Ordering : public testing::Test {
 protected:
  Consortium c{{.agency = true}};
  test::TempFolder folder;
  chain::PublicChain chain = std::move(*chain::PublicChain::open(folder / "chain.db", c.anchor));
  TurnGiver turns{chain, *c.supervisors[0].signer, true};
  std::unique_ptr<Primary> primary = open_primary();

  std::unique_ptr<Primary> open_primary() {
    EXPECT_TRUE(chain.store_standing({}));
    auto p = Primary::open(folder / "order.db", chain, *c.supervisors[0].signer, turns,
                           {.period = std::chrono::seconds(600), .first = c.supervisors[0].kid()});
    EXPECT_TRUE(p);
    return std::move(*p);
  }
  Reply post(const std::string& route, Bytes body, const test::Party& from) {
    const Call call{"POST", "/peer/v1/" + route, std::move(body), {}};
    auto reply =
        primary->peer(*parse_route(call.path), call, *chain.member(from.kid()), c.clock.now());
    return reply.value_or(Reply{404, {}, {}, {}});
  }
  Bytes release(std::string lot = "A-1", std::string product = "Vaccine A",
                std::string number = "CN-1") {
    Application a = c.application(std::move(lot));
    a.product = std::move(product);
    const Bytes application = seal(a, *c.enterprise.signer, c.chain)->bytes;
    return seal(Release{{application}, std::move(number), Digest{{3}}, {}}, *c.east.signer, c.chain)
        ->bytes;
  }
  void tick() { primary->tick(c.clock.now()); }
  // Two of three vote for the chain as it is.
  void vote() {
    const VoteClaims claims{static_cast<std::uint64_t>(to_ms(c.clock.now())) / 1000, chain.size(),
                            0, chain.term()};
    for (std::size_t i = 0; i < 2; ++i) {
      const auto v = make_vote(claims, chain.root(), *c.supervisors[i].signer, c.chain);
      ASSERT_TRUE(chain.add_vote(*v));
    }
  }
};

TEST_F(Ordering, AReleaseIsPromisedOnceAndOrderedOnce) {
  const Bytes r = release();
  const Reply first = post("releases", r, c.east);
  ASSERT_TRUE(first.ok());
  auto promise = open<Promise>(first.body, c.chain);
  ASSERT_TRUE(promise);
  EXPECT_EQ(promise->body.object, open<Release>(r, c.chain)->id);
  EXPECT_EQ(post("releases", r, c.east).body, first.body);
  tick();
  EXPECT_EQ(chain.size(), 2u);
  EXPECT_EQ(post("releases", r, c.east).body, first.body) << "the same until it is final";
  tick();
  EXPECT_EQ(chain.size(), 2u);
}

TEST_F(Ordering, RevocationsAndRecallsArePromisedKeptAndOrderedAsReleasesAre) {
  const Bytes revocation = seal(Revocation{c.fridge.kid(), 0, RevokedReason::kLost, {}},
                                *c.supervisors[1].signer, c.chain)
                               ->bytes;
  const Bytes recall =
      seal(Recall{Consortium::gtin(), {}, true, "glass", 1}, *c.supervisors[2].signer, c.chain)
          ->bytes;
  const Reply first = post("revocations", revocation, c.supervisors[1]);
  ASSERT_TRUE(first.ok());
  EXPECT_EQ(open<Promise>(first.body, c.chain)->body.object, *id_of(revocation));
  primary = open_primary();
  EXPECT_EQ(post("revocations", revocation, c.supervisors[1]).body, first.body) << "on disk";
  ASSERT_TRUE(post("recalls", recall, c.supervisors[2]).ok());
  tick();
  ASSERT_EQ(chain.size(), 3u);
  EXPECT_TRUE(chain::revoked(chain, c.fridge.kid())->has_value());
  EXPECT_EQ(chain::open_recalls(chain)->size(), 1u);
}

TEST_F(Ordering, ADoorTakesItsOwnKindFromWhomItComes) {
  const Bytes own =
      seal(Revocation{c.qa.kid(), 0, RevokedReason::kLost, {}}, *c.qa.signer, c.chain)->bytes;
  EXPECT_EQ(post("releases", own, c.supervisors[1]).error->code, Errc::kDenied);
  EXPECT_EQ(post("recalls", own, c.supervisors[1]).error->code, Errc::kDenied);
  EXPECT_EQ(post("revocations", own, c.east).error->code, Errc::kDenied) << "another's operator";
  EXPECT_EQ(post("revocations", release(), c.east).error->code, Errc::kDenied);
  EXPECT_TRUE(post("revocations", own, c.enterprise).ok()) << "of its organisation";
}

TEST_F(Ordering, EventsAndEnrolmentsWaitOnDiskForThePeriodBlock) {
  const auto complaint = [&](const test::Party& by, std::uint64_t time) {
    const Complaint x{c.east.kid(), {}, ComplaintKind::kOther, "late", {}, time};
    return seal(x, *by.signer, c.chain)->bytes;
  };
  const test::Party fresh = test::make_party("fridge-2", "yunhe", 40);
  const Enrolment enrolment{fresh.key(), EnrolmentKind::kDevice, "fridge-2", "yunhe", "", {}, {}};
  const Bytes device = seal(enrolment, *c.enterprise.signer, c.chain)->bytes;
  const Bytes first = complaint(c.qa, 1);
  ASSERT_TRUE(post("events", first, c.enterprise).ok());
  EXPECT_TRUE(post("events", first, c.enterprise).ok()) << "again";
  ASSERT_TRUE(post("events", complaint(c.enterprise, 2), c.enterprise).ok());
  ASSERT_TRUE(post("enrolments", device, c.enterprise).ok());
  EXPECT_EQ(post("events", device, c.enterprise).error->code, Errc::kDenied);
  EXPECT_EQ(post("enrolments", first, c.enterprise).error->code, Errc::kDenied);
  primary = open_primary();
  c.clock.advance(std::chrono::seconds(600));
  tick();
  ASSERT_EQ(chain.size(), 2u);
  const auto& body = std::get<PeriodBody>(chain.tip().body.body);
  EXPECT_EQ(body.events.size(), 2u);
  EXPECT_EQ(body.enrolments.size(), 1u);
  EXPECT_NE(chain.enrolled(fresh.kid()), nullptr);
  c.clock.advance(std::chrono::seconds(600));
  tick();
  EXPECT_TRUE(std::get<PeriodBody>(chain.tip().body.body).events.empty()) << "once";
}

TEST_F(Ordering, ATransactionOfAPeriodRecordWaitsForThePeriodBlockAndIsLoggedOnce) {
  const auto transaction = [&](const test::Party& by, std::uint8_t first) {
    return seal(Transaction{Digest{{first}}, c.chain, 1}, *by.signer, c.chain)->bytes;
  };
  const Bytes own = transaction(c.enterprise, 1);
  EXPECT_EQ(post("transactions", transaction(c.qa, 2), c.enterprise).error->code,
            Errc::kTransactionSigner)
      << "an operator's";
  EXPECT_EQ(post("transactions", transaction(c.east, 3), c.enterprise).error->code,
            Errc::kTransactionSigner)
      << "a reviewer's";
  EXPECT_EQ(post("events", own, c.enterprise).error->code, Errc::kDenied) << "another door";
  ASSERT_TRUE(post("transactions", own, c.enterprise).ok());
  EXPECT_TRUE(post("transactions", own, c.enterprise).ok()) << "again";
  primary = open_primary();
  c.clock.advance(std::chrono::seconds(600));
  tick();
  ASSERT_EQ(chain.size(), 2u);
  ASSERT_EQ(std::get<PeriodBody>(chain.tip().body.body).transactions.size(), 1u);
  EXPECT_EQ(std::get<PeriodBody>(chain.tip().body.body).transactions[0].bytes, own);
  EXPECT_EQ(*chain.block_of(*id_of(own)), std::optional<std::uint64_t>(1));
  vote();
  c.clock.advance(std::chrono::seconds(600));
  tick();
  EXPECT_TRUE(std::get<PeriodBody>(chain.tip().body.body).transactions.empty()) << "once";
  EXPECT_EQ(post("transactions", own, c.enterprise).error->code, Errc::kListDuplicate);
}

TEST_F(Ordering, TheLargestReportOfUseThatTheFormatsAllowIsTaken) {
  ASSERT_TRUE(post("releases", release(), c.east).ok());
  tick();
  Usage u{test::Consortium::gtin(), {"A-1"}, UsageKind::kUsed, {}, 1'000'000'000, 1};
  for (std::size_t i = 0; i < limits::kUsageSerials; ++i)
    u.serials.push_back(std::string(16, 'S') + std::to_string(1000 + i));
  ASSERT_TRUE(post("events", seal(u, *c.west.signer, c.chain)->bytes, c.west).ok());
  c.clock.advance(std::chrono::seconds(600));
  tick();
  EXPECT_EQ(std::get<PeriodBody>(chain.tip().body.body).events.size(), 1u);
}

// The next record of its member waits for it, and so does a node whose rows came out of a copy.
TEST_F(Ordering, APeriodRecordsTransactionIsPutOffByNoNumberOfEvents) {
  ASSERT_TRUE(post("releases", release(), c.east).ok());
  tick();
  Usage u{test::Consortium::gtin(), {"A-1"}, UsageKind::kUsed, {}, 1'000'000'000, 1};
  std::size_t bytes = 0;
  for (std::uint64_t each = 0; each < 40; ++each) {
    u.serials.clear();
    for (std::size_t i = 0; i < limits::kUsageSerials; ++i)
      u.serials.push_back(std::string(12, 'S') + std::to_string(100'000 + 1000 * each + i));
    const Bytes object = seal(u, *c.west.signer, c.chain)->bytes;
    ASSERT_TRUE(post("events", object, c.west).ok());
    bytes += object.size();
  }
  ASSERT_GT(bytes, PeriodPool::kInABlock);
  const Transaction t{Digest{{7}}, c.chain, static_cast<std::uint64_t>(to_ms(c.clock.now()))};
  const Bytes own = seal(t, *c.enterprise.signer, c.chain)->bytes;
  ASSERT_TRUE(post("transactions", own, c.enterprise).ok());
  c.clock.advance(std::chrono::seconds(600));
  tick();
  const auto& body = std::get<PeriodBody>(chain.tip().body.body);
  EXPECT_LT(body.events.size(), 40u);
  EXPECT_EQ(body.transactions.size(), 1u);
}

TEST_F(Ordering, ASignerFillsNoMoreThanItsShareOfThePeriodPool) {
  const auto complaint = [&](const test::Party& by, std::uint64_t time) {
    const Complaint x{c.east.kid(), {}, ComplaintKind::kOther, "late", {}, time};
    return seal(x, *by.signer, c.chain)->bytes;
  };
  for (std::uint64_t i = 0; i < PeriodPool::kOfOneSigner; ++i)
    ASSERT_TRUE(post("events", complaint(c.qa, i), c.enterprise).ok());
  EXPECT_EQ(post("events", complaint(c.qa, 1000), c.enterprise).error->code, Errc::kTooLarge);
  EXPECT_TRUE(post("events", complaint(c.packer, 1000), c.enterprise).ok());
}

TEST_F(Ordering, WhatFitsNoMoreIsLetGoAndTheRestStillComesIn) {
  const Complaint x{c.east.kid(), {}, ComplaintKind::kOther, "late", {}, 1};
  const Bytes by_qa = seal(x, *c.qa.signer, c.chain)->bytes;
  const Bytes by_packer = seal(x, *c.packer.signer, c.chain)->bytes;
  ASSERT_TRUE(post("events", by_qa, c.enterprise).ok());
  ASSERT_TRUE(post("events", by_packer, c.enterprise).ok());
  const Revocation r{c.qa.kid(), 0, RevokedReason::kLost, {}};
  ASSERT_TRUE(
      post("revocations", seal(r, *c.supervisors[1].signer, c.chain)->bytes, c.supervisors[1])
          .ok());
  tick();
  c.clock.advance(std::chrono::seconds(600));
  tick();
  ASSERT_EQ(chain.tip().body.kind, BlockKind::kPeriod);
  const auto& body = std::get<PeriodBody>(chain.tip().body.body);
  ASSERT_EQ(body.events.size(), 1u);
  EXPECT_EQ(body.events[0].bytes, by_packer);
}

TEST_F(Ordering, OfOneLotOneReleaseIsPromisedAtATime) {
  ASSERT_TRUE(post("releases", release("A-1", "Vaccine A"), c.east).ok());
  for (const char* product : {"Vaccine B", "Vaccine C"}) {
    const Reply other = post("releases", release("A-1", product), c.east);
    ASSERT_FALSE(other.ok()) << "a promise that cannot be kept is evidence against the primary";
    EXPECT_EQ(other.error->code, Errc::kConflict);
  }
  EXPECT_EQ(post("releases", release("A-1", "Vaccine A", "CN-2"), c.east).error->code,
            Errc::kConflict)
      << "the promise names another object";
  EXPECT_TRUE(post("releases", release("A-2"), c.east).ok());
  primary = open_primary();
  EXPECT_EQ(post("releases", release("A-1", "Vaccine D"), c.east).error->code, Errc::kConflict);
  tick();
  EXPECT_EQ(chain.size(), 3u);
  EXPECT_EQ(post("releases", release("A-1", "Vaccine B"), c.east).error->code,
            Errc::kListDuplicate);
}

TEST_F(Ordering, WhatWasPromisedIsKeptWhileTheChainCannotBeRead) {
  ASSERT_TRUE(post("releases", release(), c.east).ok());
  auto other = store::Database::open(folder / "chain.db");
  ASSERT_TRUE(other);
  ASSERT_TRUE(other->exec("ALTER TABLE lot RENAME TO away"));
  tick();
  EXPECT_EQ(chain.size(), 1u);
  ASSERT_TRUE(other->exec("ALTER TABLE away RENAME TO lot"));
  tick();
  EXPECT_EQ(chain.size(), 2u);
}

TEST_F(Ordering, PromisedSubmissionsSurviveARestart) {
  ASSERT_TRUE(post("releases", release(), c.east).ok());
  primary = open_primary();
  tick();
  EXPECT_EQ(chain.size(), 2u);
}

TEST_F(Ordering, WhatItSignedForANumberIsFinishedAfterACrashAndNeverSignedDifferently) {
  Block b;
  b.kind = BlockKind::kPeriod;
  b.number = 1;
  b.prev = chain.tip().id;
  b.time = static_cast<std::uint64_t>(to_ms(c.clock.now()));
  b.body = PeriodBody{};
  ASSERT_TRUE(chain.reserve(0, 1, encode(b)));  // the crash came before it signed
  b.time += 1;
  EXPECT_EQ(chain.reserve(0, 1, encode(b)).code(), Errc::kConflict);
  primary = open_primary();
  tick();
  ASSERT_EQ(chain.size(), 2u);
  EXPECT_EQ(chain.tip().body.time, b.time - 1);
}

TEST_F(Ordering, ForeignAndForgedSubmissionsAreRefused) {
  EXPECT_FALSE(post("releases", release(), c.west).ok()) << "not the signer";
  Bytes bad = release();
  bad.back() = static_cast<std::uint8_t>(bad.back() ^ 1);
  EXPECT_EQ(post("releases", bad, c.east).error->code, Errc::kCoseSignature);
  EXPECT_FALSE(post("releases", {1, 2, 3}, c.east).ok());
  tick();
  EXPECT_EQ(chain.size(), 1u);
}

TEST_F(Ordering, PeriodBlocksComeOnTimeWithHeadsAndNameTheMissing) {
  merkle::MemoryTree log;
  log.append_entry(as_bytes("x"));
  HeadSender sender(
      chain, *c.enterprise.signer, [&] { return std::optional(c.supervisors[0].kid()); },
      LogKind::kIntake, Millis{1000},
      [&](std::uint64_t prior, Time now) {
        Head h;
        h.size = log.size();
        h.root = log.root();
        h.prior = prior;
        h.time = static_cast<std::uint64_t>(to_ms(now));
        h.path = merkle::consistency_path(log, prior, log.size());
        return h;
      });
  const auto send_heads = [&] {
    for (const auto& out : sender.tick(c.clock.now())) {
      const Reply r = post("heads", out.body, c.enterprise);
      EXPECT_TRUE(r.ok()) << (r.error ? r.error->message() : "");
      out.done(r);
    }
  };
  send_heads();
  tick();
  EXPECT_EQ(chain.size(), 1u) << "not yet";
  for (int period = 0; period < 3; ++period) {
    log.append_entry(as_bytes("y"));
    c.clock.advance(std::chrono::seconds(601));
    send_heads();
    tick();
    ASSERT_EQ(chain.size(), 2u + static_cast<unsigned>(period));
    vote();
    const auto& body = std::get<PeriodBody>(chain.tip().body.body);
    EXPECT_EQ(body.heads.size(), 1u);
    EXPECT_EQ(body.missing.size(), 2u);
    EXPECT_EQ(chain.logged_head(c.enterprise.kid(), LogKind::kIntake)->size, log.size());
  }
}

TEST_F(Ordering, APrimaryThatNobodyVotesForAsksForTurnsOfAHigherTerm) {
  ASSERT_TRUE(post("releases", release(), c.east).ok());
  tick();
  ASSERT_EQ(chain.size(), 2u);
  tick();
  c.clock.advance(Millis{5100});
  const auto asked = primary->tick(c.clock.now());
  ASSERT_EQ(asked.size(), 2u);
  for (const auto& call : asked) EXPECT_EQ(call.path, "/peer/v1/turns");
  EXPECT_EQ((*chain.standing())->term, 1u);
  EXPECT_EQ(post("releases", release("A-2"), c.east).error->code, Errc::kNotReady);
}

TEST_F(Ordering, AVoterVotesOnceABlockAndEveryMinuteAndStoresBeforeItSends) {
  Voter voter(chain, *c.supervisors[1].signer);
  EXPECT_TRUE(voter.tick(c.clock.now()).empty()) << "the genesis alone is not voted on";
  ASSERT_TRUE(post("releases", release(), c.east).ok());
  tick();
  auto out = voter.tick(c.clock.now());
  ASSERT_EQ(out.size(), 2u);
  EXPECT_TRUE(chain.own_vote()->has_value());
  for (auto& o : out) o.done(reply_cbor(encode_list({})));
  EXPECT_TRUE(voter.tick(c.clock.now()).empty());
  c.clock.advance(std::chrono::seconds(61));
  EXPECT_EQ(voter.tick(c.clock.now()).size(), 2u);
  Voter again(chain, *c.supervisors[1].signer);
  EXPECT_TRUE(again.tick(c.clock.now()).empty()) << "after a restart it knows its last vote";
}

TEST_F(Ordering, AVoteThatIsNotTakenComesAgainAfterPausesAndOneRefusedForGoodDoesNot) {
  Voter voter(chain, *c.supervisors[1].signer);
  ASSERT_TRUE(post("releases", release(), c.east).ok());
  tick();
  const KeyId slow = c.supervisors[0].kid();
  unsigned to_slow = 0;
  unsigned to_other = 0;
  for (int i = 0; i < 1000; ++i) {  // 50 s, of a tick each 50 ms
    for (auto& o : voter.tick(c.clock.now())) {
      ++(o.to == slow ? to_slow : to_other);
      o.done(reply_error(fail(o.to == slow ? Errc::kNotReady : Errc::kCoseSignature)));
    }
    c.clock.advance(Millis{50});
  }
  EXPECT_EQ(to_other, 1u);
  EXPECT_GE(to_slow, 20u);
  EXPECT_LE(to_slow, 45u);
  ASSERT_TRUE(post("releases", release("A-2"), c.east).ok());
  tick();
  EXPECT_EQ(voter.tick(c.clock.now()).size(), 2u) << "a new vote goes to everybody at once";
}

}  // namespace
}  // namespace lotmark::node
