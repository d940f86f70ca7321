#include "core/proof/verdict.h"

#include <gtest/gtest.h>

#include "tests/unit/contract_vectors.h"

namespace lotmark::proof {
namespace {

using test::hex;

class ContractReceipt : public testing::Test {
 protected:
  nlohmann::json v = test::contract("receipt.json");
  Bytes receipt = hex(v["receipt"]);
  Bytes anchor = hex(v["anchor"]);
  Asked asked{v["gtin"].get<std::string>(), v["lot"].get<std::string>()};
  Time now = from_ms(v["now"].get<std::int64_t>());
};

TEST_F(ContractReceipt, IsReleasedWithEveryCheckAsListed) {
  const auto r = verify_receipt(receipt, anchor, asked, now);
  EXPECT_EQ(lotmark::name(r.verdict), v["verdict"].get<std::string>());
  const auto j = to_json(r);
  ASSERT_EQ(j["checks"].size(), v["checks"].size());
  for (std::size_t i = 0; i < kCheckCount; ++i) {
    EXPECT_EQ(j["checks"][i]["name"], v["checks"][i]["name"]);
    EXPECT_EQ(j["checks"][i]["ok"], v["checks"][i]["ok"]) << v["checks"][i]["name"];
    EXPECT_EQ(j["checks"][i]["why"], v["checks"][i]["why"]);
  }
}

TEST_F(ContractReceipt, NoSingleChangedByteIsReleased) {
  for (std::size_t i = 0; i < receipt.size(); ++i) {
    Bytes bad = receipt;
    bad[i] = static_cast<std::uint8_t>(bad[i] ^ (1u << (i % 8)));
    const auto r = verify_receipt(bad, anchor, asked, now);
    EXPECT_TRUE(r.verdict == VerdictKind::kTampered || r.verdict == VerdictKind::kUnknown)
        << "byte " << i << " gave " << lotmark::name(r.verdict);
  }
}

TEST_F(ContractReceipt, AnotherGtinOrLotIsUnknown) {
  auto r = verify_receipt(receipt, anchor, {"09506000134352", {}}, now);
  EXPECT_EQ(r.verdict, VerdictKind::kUnknown);
  EXPECT_EQ(r.check(CheckName::kAsked).error, Errc::kGtin);
  r = verify_receipt(receipt, anchor, {{}, "A-2026/02"}, now);
  EXPECT_EQ(r.verdict, VerdictKind::kUnknown);
  EXPECT_FALSE(r.check(CheckName::kVotes).ok.has_value());
}

TEST_F(ContractReceipt, ExpiresAtTheEndOfItsDay) {
  auto fresh = verify_receipt(receipt, anchor, asked, now);
  const Time end = expired_from(fresh.application->expires);
  EXPECT_EQ(verify_receipt(receipt, anchor, asked, end - Millis{1}).verdict,
            VerdictKind::kReleased);
  EXPECT_EQ(verify_receipt(receipt, anchor, asked, end).verdict, VerdictKind::kExpired);
}

TEST_F(ContractReceipt, AnUnreadableAnchorIsUnknownNeverTampered) {
  anchor[40] = static_cast<std::uint8_t>(anchor[40] ^ 1);
  const auto r = verify_receipt(receipt, anchor, asked, now);
  EXPECT_EQ(r.verdict, VerdictKind::kUnknown);
  EXPECT_EQ(r.check(CheckName::kAnchor).ok, false);
}

}  // namespace
}  // namespace lotmark::proof
