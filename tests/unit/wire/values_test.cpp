#include <gtest/gtest.h>

#include "core/wire/values.h"

namespace lotmark {
namespace {

TEST(Gtin, NeedsFourteenDigitsAndARightCheckDigit) {
  EXPECT_TRUE(valid(Gtin{"09506000134352"}));
  EXPECT_FALSE(valid(Gtin{"09506000134353"}));
  EXPECT_FALSE(valid(Gtin{"9506000134352"}));
  EXPECT_FALSE(valid(Gtin{"0950600013435a"}));
  EXPECT_TRUE(covers("9506000", Gtin{"09506000134352"}));
  EXPECT_FALSE(covers("0950600", Gtin{"09506000134352"}));
}

TEST(Expiry, IsARealDayAndEndsAtMidnight) {
  EXPECT_TRUE(valid(Expiry{20280229}));
  EXPECT_FALSE(valid(Expiry{20270229}));
  EXPECT_FALSE(valid(Expiry{19991231}));
  EXPECT_EQ(to_iso(expired_from(Expiry{20281231})), "2029-01-01T00:00:00.000Z");
}

TEST(Decimal, IsExactBothWays) {
  std::int64_t v = 0;
  EXPECT_TRUE(from_decimal("2.31", -2, v));
  EXPECT_EQ(v, 231);
  EXPECT_EQ(to_decimal(v, -2), "2.31");
  EXPECT_TRUE(from_decimal("-0.050", -2, v));
  EXPECT_EQ(to_decimal(v, -2), "-0.05");
  EXPECT_TRUE(from_decimal("1.5e2", -1, v));
  EXPECT_EQ(v, 1500);
  EXPECT_TRUE(from_decimal("2.500", -1, v));
  EXPECT_EQ(v, 25);
  EXPECT_FALSE(from_decimal("2.55", -1, v));
  EXPECT_FALSE(from_decimal("NA", -1, v));
  EXPECT_FALSE(from_decimal("", -1, v));
  EXPECT_FALSE(from_decimal("99999999999999999999", 0, v));
  EXPECT_EQ(to_decimal(5, 3), "5000");
  EXPECT_EQ(to_decimal(0, -2), "0.00");
}

}  // namespace
}  // namespace lotmark
