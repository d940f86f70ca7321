// What an enterprise sends its reviewer: openings, transactions, applications, and what is not taken.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/review/reviewer_harness.h"

namespace lotmark {
namespace {

using node::Reply;
using test::ReviewerHarness;
using testing::ElementsAre;

Errc answered(const Reply& reply) { return reply.error ? reply.error->code : Errc::kOk; }

class Submitting : public testing::Test {
 protected:
  double late(const std::string& what) const {
    for (const auto& [name, n] : h.reviewer->metrics()) {
      if (name == "lotmark_late_total{what=\"" + what + "\"}") return n;
    }
    return 0;
  }
  Bytes seal_opening(const Opening& o) { return seal(o, *h.c.enterprise.signer, h.c.chain)->bytes; }
  Reply post_opening(const Opening& o) {
    return h.post("/peer/v1/openings", node::encode_list({seal_opening(o), h.lot.start.bytes}));
  }
  Opening opening() { return open<Opening>(h.lot.opening.bytes, h.c.chain)->body; }
  Bytes seal_tx(const Digest& prev, std::uint64_t time) {
    Transaction t{Digest{}, prev, time};
    t.commitment.bytes[0] = ++salt_;
    return seal(t, *h.c.enterprise.signer, h.c.chain)->bytes;
  }

  ReviewerHarness h;
  std::uint8_t salt_ = 0;
};

// ---- openings ------------------------------------------------------------------------------------

TEST_F(Submitting, AnOpeningIsCheckedInThePagesOrder) {
  h.build();
  EXPECT_EQ(answered(h.send_opening()), Errc::kStartUsed);  // the start signal never arrived here
  h.receive_start();
  Opening o = opening();
  o.programme = "herbs";
  EXPECT_EQ(answered(post_opening(o)), Errc::kProgrammeUnknown);
  o = opening();
  o.line.bytes[0] ^= 1;
  EXPECT_EQ(answered(post_opening(o)), Errc::kProgrammeUnknown);
  o = opening();
  o.gtin = {"06901234000009"};
  EXPECT_EQ(answered(post_opening(o)), valid(o.gtin) ? Errc::kProgrammeUnknown : Errc::kGtin);
  o = opening();
  o.reviewers = {h.c.east.kid(), h.c.supervisors[0].kid()};
  EXPECT_EQ(answered(post_opening(o)), Errc::kReleaseSigner);
  o = opening();
  o.reviewers = {h.c.west.kid()};
  EXPECT_EQ(answered(post_opening(o)), Errc::kReleaseSigner);
  o = opening();
  o.slots.pop_back();
  EXPECT_EQ(answered(post_opening(o)), Errc::kOpeningCount);
  o = opening();
  o.slots[3] += 1;
  EXPECT_EQ(answered(post_opening(o)), Errc::kOpeningCount);
  o = opening();
  for (auto& s : o.slots) s -= 600000;
  EXPECT_EQ(answered(post_opening(o)), Errc::kOpeningCount);
  EXPECT_EQ(answered(h.post_as(*h.c.statement.find(h.c.east.kid()), "/peer/v1/openings",
                               node::encode_list({h.lot.opening.bytes, h.lot.start.bytes}))),
            Errc::kApplicationSigner);
  Bytes forged = h.lot.opening.bytes;
  forged.back() ^= 1;
  EXPECT_EQ(answered(h.post("/peer/v1/openings", node::encode_list({forged, h.lot.start.bytes}))),
            Errc::kCoseSignature);
  EXPECT_EQ(answered(h.post("/peer/v1/openings", node::encode_list({h.lot.opening.bytes}))),
            Errc::kFieldType);
  EXPECT_EQ(answered(h.post("/peer/v1/openings", {0x82})), Errc::kCborTruncated);
  EXPECT_TRUE(h.send_opening().ok());
}

TEST_F(Submitting, WhatComesAfterItsTimeIsTakenAndCounted) {
  h.build();
  h.receive_start();
  ASSERT_TRUE(h.send_opening().ok());
  const auto slots = opening().slots;
  const auto set = [&](std::uint64_t ms) { h.c.clock.set(from_ms(static_cast<std::int64_t>(ms))); };
  set(slots[0] + h.c.options.lateness_ms);
  ASSERT_TRUE(h.send_transaction(0).ok());
  EXPECT_EQ(late("transaction"), 0);
  set(slots[1] + h.c.options.lateness_ms + 1);
  ASSERT_TRUE(h.send_transaction(1).ok());
  ASSERT_TRUE(h.send_transaction(1).ok()) << "the same again is late once";
  EXPECT_EQ(late("transaction"), 1);
  set(slots.back());
  for (std::size_t n = 2; n < h.lot.transactions.size(); ++n)
    ASSERT_TRUE(h.send_transaction(n).ok());
  set(slots.back() + h.c.options.window_ms + h.c.options.lateness_ms + 1);
  ASSERT_TRUE(h.send_application().ok());
  EXPECT_EQ(late("application"), 1);
}

TEST_F(Submitting, AStartSignalServesOneOpeningWithinItsWindow) {
  h.build();
  h.receive_start();
  h.c.clock.advance(Millis(h.c.options.window_ms + 1));
  EXPECT_EQ(answered(h.send_opening()), Errc::kStartUsed);
  h.c.clock.set(h.c.options.begin + Millis(h.c.options.window_ms));
  const Reply first = h.send_opening();
  ASSERT_TRUE(first.ok());
  Opening o = opening();
  o.lot = LotNumber{"B"};
  EXPECT_EQ(answered(post_opening(o)), Errc::kStartUsed);
  h.c.clock.advance(std::chrono::hours(5));
  EXPECT_EQ(h.send_opening().body, first.body);  // the same bytes, the same arrival
}

// ---- transactions and applications ---------------------------------------------------------------

TEST_F(Submitting, TransactionsComeInTheirOrderAndOnce) {
  h.build();
  h.receive_start();
  ASSERT_TRUE(h.send_opening().ok());
  EXPECT_EQ(answered(h.send_transaction(1)), Errc::kPrevMismatch);
  const Reply first = h.send_transaction(0);
  ASSERT_TRUE(first.ok());
  const auto arrival = open<Arrival>(first.body, h.c.chain);
  ASSERT_TRUE(arrival);
  EXPECT_EQ(arrival->body.object, h.lot.transactions[0].id);
  EXPECT_EQ(h.send_transaction(0).body, first.body);
  EXPECT_EQ(answered(h.post("/peer/v1/transactions", seal_tx(h.lot.start.id, h.lot.at(10)))),
            Errc::kTransactionFork);
  EXPECT_EQ(
      answered(h.post("/peer/v1/transactions", seal_tx(h.lot.transactions[0].id, h.lot.at(1)))),
      Errc::kTimeOrder);
  const Bytes theirs =
      seal(Transaction{{}, h.lot.start.id, h.lot.at(10)}, *h.c.stranger.signer, h.c.chain)->bytes;
  EXPECT_EQ(answered(h.post("/peer/v1/transactions", theirs)), Errc::kTransactionSigner);
  for (std::size_t n = 1; n < h.lot.transactions.size(); ++n) {
    EXPECT_TRUE(h.send_transaction(n).ok());
  }
  EXPECT_EQ(answered(h.post("/peer/v1/transactions",
                            seal_tx(h.lot.transactions.back().id, h.lot.at(90)))),
            Errc::kTransactionCount);
}

TEST_F(Submitting, ALateTransactionIsAnsweredAndRefusesTheLot) {
  h.build();
  h.receive_start();
  ASSERT_TRUE(h.send_opening().ok());
  h.c.clock.set(from_ms(static_cast<std::int64_t>(h.lot.at(10) + h.c.options.lateness_ms + 1)));
  for (std::size_t n = 0; n < h.lot.transactions.size(); ++n) {
    ASSERT_TRUE(h.send_transaction(n).ok());
  }
  ASSERT_TRUE(h.send_application().ok());
  h.log_intake();
  h.run(6);
  EXPECT_EQ(h.state(), "refused");
  EXPECT_THAT(h.codes(), ElementsAre(10));
}

TEST_F(Submitting, AnApplicationStandsOnEveryTransaction) {
  h.build();
  EXPECT_EQ(answered(h.send_application()), Errc::kNotFound);
  h.receive_start();
  ASSERT_TRUE(h.send_opening().ok());
  for (std::size_t n = 0; n + 1 < h.lot.transactions.size(); ++n) {
    ASSERT_TRUE(h.send_transaction(n).ok());
  }
  EXPECT_EQ(answered(h.send_application()), Errc::kNeedSeq);
  ASSERT_TRUE(h.send_transaction(h.lot.transactions.size() - 1).ok());
  const auto post = [&](auto edit) {
    Application a = open<Application>(h.lot.application.bytes, h.c.chain)->body;
    edit(a);
    return answered(
        h.post("/peer/v1/applications", seal(a, *h.c.enterprise.signer, h.c.chain)->bytes));
  };
  EXPECT_EQ(post([](Application& a) { a.tx_root.bytes[0] ^= 1; }), Errc::kTreePath);
  EXPECT_EQ(post([](Application& a) { a.tx_count -= 1; }), Errc::kTransactionCount);
  EXPECT_EQ(post([](Application& a) { a.lot = {"B"}; }), Errc::kLot);
  EXPECT_EQ(post([](Application& a) { a.programme = "herbs"; }), Errc::kProgrammeUnknown);
  EXPECT_EQ(post([](Application& a) { a.opening.bytes[0] ^= 1; }), Errc::kNotFound);
  const Reply taken = h.send_application();
  ASSERT_TRUE(taken.ok());
  EXPECT_EQ(h.send_application().body, taken.body);
  EXPECT_EQ(post([](Application& a) { a.product = "Vaccine B"; }), Errc::kConflict);
}

TEST_F(Submitting, AForkIsKeptAsEvidenceOnce) {
  h.build();
  h.receive_start();
  ASSERT_TRUE(h.send_opening().ok());
  ASSERT_TRUE(h.send_transaction(0).ok());
  const Bytes fork = seal_tx(h.lot.start.id, h.lot.at(10));
  EXPECT_EQ(answered(h.post("/peer/v1/transactions", fork)), Errc::kTransactionFork);
  EXPECT_EQ(answered(h.post("/peer/v1/transactions", fork)), Errc::kTransactionFork);
  EXPECT_EQ(h.evidence_kept(), 1u);
}

TEST_F(Submitting, ManyForksOfOneSignerAreKeptUpToALimit) {
  h.build();
  h.receive_start();
  ASSERT_TRUE(h.send_opening().ok());
  ASSERT_TRUE(h.send_transaction(0).ok());
  for (int i = 0; i < 70; ++i) {
    EXPECT_EQ(answered(h.post("/peer/v1/transactions", seal_tx(h.lot.start.id, h.lot.at(10)))),
              Errc::kTransactionFork);
  }
  EXPECT_EQ(h.evidence_kept(), 64u);
}

}  // namespace
}  // namespace lotmark
