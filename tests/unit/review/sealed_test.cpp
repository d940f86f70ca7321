// Segments sealed for a reviewer: an honest lot has no finding, and each lie about a seal is one.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/base/hex.h"
#include "core/sealed/segment.h"
#include "tests/must.h"
#include "tests/unit/review/reviewer_harness.h"

namespace lotmark {
namespace {

using review::compute_findings;
using review::FindingCode;
using test::Consortium;
using test::LotMaker;
using test::must;
using testing::ElementsAre;
using testing::HasSubstr;

std::shared_ptr<const sealed::OpeningKey> key_of(std::uint8_t number) {
  Scalar scalar;
  scalar.data()[31] = number;
  return std::make_shared<const sealed::OpeningKey>(must(sealed::OpeningKey::from(scalar)));
}

constexpr std::size_t kRelease = 6;
using Recipients = std::map<std::size_t, std::vector<std::pair<std::uint64_t, Bytes>>>;

// What a record of the lot holds but its release record, for one reader.
void seal_entries(const Digest& chain, std::size_t n, std::vector<Bytes>& entries,
                  const sealed::ReaderKey& reader, Recipients& recipients) {
  for (std::size_t i = 0; i < entries.size(); ++i) {
    auto plain = must(decode<Segment>(entries[i]));
    if (n == kRelease || plain.media == kDecoyMedia) continue;
    plain.audience = Audience::kRegulator;
    auto sealing = must(sealed::seal_segment(chain, plain));
    recipients[n].emplace_back(i, must(sealed::wrap(sealing.key, reader)));
    entries[i] = std::move(sealing.entry);
  }
}

class SealedReview : public testing::Test {
 protected:
  void SetUp() override {
    lot.edit_segments = [this](std::size_t n, std::vector<Bytes>& entries) {
      seal_entries(c.chain, n, entries, mine->reader(), recipients);
      if (spoil) spoil(n, entries);
    };
  }
  // `key`: the reviewer's.
  std::set<std::uint64_t> codes(const std::shared_ptr<const sealed::OpeningKey>& key) {
    if (!built) lot.build();
    built = true;
    auto in = lot.input();
    for (auto& [n, list] : recipients) in.rows->rows.at(n).recipients = list;
    if (edit) edit(*in.rows);
    if (key) in.opening_keys = {key};
    const auto found = compute_findings(in);
    std::set<std::uint64_t> out;
    for (const auto& f : found.findings) {
      out.insert(f.finding.code);
      texts += f.finding.text + "\n";
    }
    claims = found.claims.size();
    return out;
  }

  Consortium c;
  LotMaker lot{c};
  std::shared_ptr<const sealed::OpeningKey> mine = key_of(77);
  Recipients recipients;
  std::function<void(std::size_t, std::vector<Bytes>&)> spoil;
  std::function<void(review::LotRows&)> edit;
  bool built = false;
  std::string texts;
  std::size_t claims = 0;
  const std::uint64_t unreadable = static_cast<std::uint64_t>(FindingCode::kUnreadable);
};

TEST_F(SealedReview, AnHonestLotHasNoFinding) {
  EXPECT_THAT(codes(mine), ElementsAre()) << texts;
  EXPECT_EQ(claims, 4u);
  EXPECT_GE(recipients.size(), 3u) << "something was sealed";
}

TEST_F(SealedReview, ASealedReleaseRecordShowsThePublicNothing) {
  spoil = [this](std::size_t n, std::vector<Bytes>& entries) {
    if (n != kRelease) return;
    auto plain = must(decode<Segment>(entries[0]));
    plain.audience = Audience::kRegulator;
    auto sealing = must(sealed::seal_segment(c.chain, plain));
    recipients[n].emplace_back(0, must(sealed::wrap(sealing.key, mine->reader())));
    entries[0] = std::move(sealing.entry);
  };
  EXPECT_THAT(codes(mine), ElementsAre(5)) << texts;
}

TEST_F(SealedReview, ForAnotherKeyIsAFindingThatNamesIt) {
  EXPECT_TRUE(codes(key_of(78)).contains(unreadable));
  EXPECT_THAT(texts, HasSubstr("its key is not wrapped for " + to_hex(key_of(78)->kid())));
}

TEST_F(SealedReview, WithoutAKeyIsAFinding) {
  EXPECT_TRUE(codes(nullptr).contains(unreadable));
  EXPECT_THAT(texts, HasSubstr("there is no opening key here"));
}

TEST_F(SealedReview, NoChangedByteOfARecipientOpens) {
  for (std::size_t at = 0; at < sealed::kRecipientSize; at += 13) {
    texts.clear();
    edit = [&](review::LotRows& rows) { rows.rows[1].recipients[0].second[at] ^= 1; };
    EXPECT_TRUE(codes(mine).contains(unreadable)) << at << ": " << texts;
  }
}

TEST_F(SealedReview, ACiphertextThatItsAuthorSignedAndNobodyOpensIsAFinding) {
  spoil = [](std::size_t n, std::vector<Bytes>& entries) {
    if (n == 1) entries[0].back() ^= 1;
  };
  EXPECT_TRUE(codes(mine).contains(unreadable)) << texts;
  EXPECT_THAT(texts, HasSubstr("record 1: segment 0: "));
}

TEST_F(SealedReview, TheRecipientOfAnotherSegmentOpensNothing) {
  edit = [](review::LotRows& rows) {
    rows.rows[1].recipients[0].second = rows.rows[3].recipients[0].second;
  };
  EXPECT_TRUE(codes(mine).contains(unreadable)) << texts;
}

// A reviewer whose enterprise seals everything for it and answers with two recipients that do not open.
class SealedReviewing : public testing::Test {
 protected:
  void apply(std::uint64_t wait_s) {
    h.config.fetch_wait_s = wait_s;
    h.config.opening_key = mine;
    h.restart();
    Recipients recipients;
    h.lot.edit_segments = [&](std::size_t n, std::vector<Bytes>& entries) {
      seal_entries(h.c.chain, n, entries, mine->reader(), recipients);
    };
    h.build();
    for (auto& [n, list] : recipients) h.lot.rows.rows.at(n).recipients = list;
    h.submit_all();
    h.log_intake();
    answer_closed({1, 3});
  }
  // Of each of these rows the first segment stays closed.
  void answer_closed(const std::vector<std::size_t>& closed) {
    auto rows = h.lot.rows;
    for (const std::size_t n : closed) rows.rows[n].recipients[0].second.back() ^= 1;
    h.rows = [answer = test::LotMaker::encode_rows(rows)](const node::Outgoing&) {
      return node::reply_cbor(answer);
    };
  }

  std::shared_ptr<const sealed::OpeningKey> mine = key_of(77);
  test::ReviewerHarness h;
};

TEST_F(SealedReviewing, ASegmentThatStaysClosedIsWaitedFor) {
  apply(86400);
  h.run(600);
  EXPECT_EQ(h.state(), "applied");
  EXPECT_THAT(h.review()["waits"].get<std::string>(), HasSubstr("record 1, segment 0: "));
  EXPECT_LT(h.rows_asked, 12u);
  h.rows = nullptr;  // the enterprise put it right
  h.run(600);
  EXPECT_EQ(h.state(), "reviewed");
  EXPECT_THAT(h.codes(), ElementsAre());
  EXPECT_TRUE(h.review()["waits"].is_null());
}

TEST_F(SealedReviewing, OneThatStaysClosedForGoodIsUnreadable) {
  apply(300);
  h.run(600);
  EXPECT_EQ(h.state(), "refused");
  EXPECT_TRUE(h.codes().contains(16));
}

// Or an enterprise has everything tried again with each answer, for a day, with many lots at once.
TEST_F(SealedReviewing, WhatOpenedIsNotTriedAgain) {
  apply(86400);
  answer_closed({3});
  h.run(60);
  EXPECT_EQ(h.state(), "applied");
  EXPECT_THAT(h.review()["waits"].get<std::string>(), HasSubstr("record 3, segment 0: "));
  answer_closed({1});
  h.run(120);
  EXPECT_EQ(h.state(), "refused") << "what is closed in the end is a finding";
  EXPECT_TRUE(h.codes().contains(16));
}

TEST(ReviewWaits, WhatAnEnterpriseSaysIsCutAndToldSeldom) {
  test::ReviewerHarness h;
  h.build();
  h.submit_all();
  h.rows = [n = 0](const node::Outgoing&) mutable {
    return node::reply_error(
        fail(Errc::kUnavailable, std::to_string(++n) + std::string(100'000, 'x')));
  };
  testing::internal::CaptureStdout();
  h.run(3600);
  const std::string log = testing::internal::GetCapturedStdout();
  std::size_t lines = 0;
  for (auto at = log.find("review.waits"); at != std::string::npos;
       at = log.find("review.waits", at + 1))
    ++lines;
  EXPECT_GE(lines, 1u);
  EXPECT_LE(lines, 7u) << log.size() << " bytes";
  EXPECT_LT(h.review()["waits"].get<std::string>().size(), 300u);
}

TEST(ReviewWaits, WhatCameIsNotWaitedFor) {
  test::ReviewerHarness h;
  h.build();
  h.submit_all();  // and no block logs the evidence for now
  h.bundles = [](const node::Outgoing&) {
    return node::reply_error(fail(Errc::kUnavailable, "away"));
  };
  h.run(5);
  EXPECT_THAT(h.review()["waits"].get<std::string>(), HasSubstr("away"));
  h.bundles = nullptr;
  h.run(20);
  EXPECT_EQ(h.state(), "applied");
  EXPECT_TRUE(h.review()["waits"].is_null());
}

TEST(SealedRowsShape, SixOrSevenPlacesAndNoOthers) {
  Consortium c;
  LotMaker lot{c};
  lot.build();
  const Bytes six = LotMaker::encode_rows(lot.rows);
  EXPECT_TRUE(must(review::read_rows(six)).rows[0].recipients.empty());
  lot.rows.rows[0].recipients = {{0, Bytes(143, 7)}};
  const auto seven = must(review::read_rows(LotMaker::encode_rows(lot.rows)));
  ASSERT_EQ(seven.rows[0].recipients.size(), 1u);
  EXPECT_EQ(seven.rows[0].recipients_of(0), std::vector<Bytes>{Bytes(143, 7)});
  EXPECT_TRUE(seven.rows[0].recipients_of(1).empty());
  lot.rows.rows[0].recipients[0].second.assign(1025, 7);
  EXPECT_EQ(review::read_rows(LotMaker::encode_rows(lot.rows)).code(), Errc::kFieldRange);
}

}  // namespace
}  // namespace lotmark
