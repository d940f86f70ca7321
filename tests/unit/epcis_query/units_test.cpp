#include "core/epcis/query/units.h"

#include <gtest/gtest.h>

namespace lotmark::epcis {
namespace {

std::partial_ordering points(double left, std::string_view l, double right, std::string_view r) {
  return compare_amounts({left, l}, {right, r}, AmountKind::kPoint);
}

TEST(Units, SameTemperaturesAreEqualInEveryScale) {
  EXPECT_TRUE(points(2, "CEL", 275.15, "KEL") == 0);
  EXPECT_TRUE(points(8, "CEL", 46.4, "FAH") == 0);
  EXPECT_TRUE(points(-40, "FAH", -40, "CEL") == 0);
  EXPECT_TRUE(points(0, "KEL", -459.67, "FAH") == 0);
}

TEST(Units, OrderHoldsAcrossScales) {
  EXPECT_TRUE(points(8.01, "CEL", 281.15, "KEL") > 0);
  EXPECT_TRUE(points(7.99, "CEL", 281.15, "KEL") < 0);
  EXPECT_TRUE(points(1, "KEL", -272, "CEL") < 0);
}

TEST(Units, CommonFactors) {
  EXPECT_TRUE(points(1500, "GRM", 1.5, "KGM") == 0);
  EXPECT_TRUE(points(1, "LBR", 453.59237, "GRM") == 0);
  EXPECT_TRUE(points(250, "MLT", 0.25, "LTR") == 0);
  EXPECT_TRUE(points(1, "MTQ", 1000, "LTR") == 0);
  EXPECT_TRUE(points(1013.25, "A97", 1, "ATM") == 0);
  EXPECT_TRUE(points(1, "BAR", 100, "KPA") == 0);
  EXPECT_TRUE(points(90, "MIN", 1.5, "HUR") == 0);
  EXPECT_TRUE(points(36, "KMH", 10, "MTS") == 0);
  EXPECT_TRUE(points(2, "KLX", 2000, "LUX") == 0);
  EXPECT_TRUE(points(180, "DD", 200, "A91") == 0);
  EXPECT_TRUE(points(1, "KWH", 3.6, "3B") == 0);
  EXPECT_TRUE(points(5, "2Z", 0.005, "VLT") == 0);
  EXPECT_TRUE(points(25, "C13", 2.5, "C80") == 0);
  EXPECT_TRUE(points(1, "D13", 100, "D91") == 0);
  EXPECT_TRUE(points(1, "D54", 1000, "C32") == 0);
  EXPECT_TRUE(points(2, "DZN", 24, "H87") == 0);
  EXPECT_TRUE(points(1, "P1", 10000, "59") == 0);
  EXPECT_TRUE(points(12, "A93", 0.012, "KMQ") == 0);
}

TEST(Units, AUnitIsComparedWithItsOwnDimensionOnly) {
  EXPECT_TRUE(points(1, "CEL", 1, "KGM") == std::partial_ordering::unordered);
  EXPECT_TRUE(points(1, "P1", 1, "A93") == std::partial_ordering::unordered);
  EXPECT_TRUE(points(1, "AMH", 1, "AMP") == std::partial_ordering::unordered);
}

TEST(Units, AnUnknownUnitIsComparedWithItselfOnly) {
  EXPECT_EQ(unit_of("ZZ"), nullptr);
  EXPECT_TRUE(points(3, "ZZ", 2, "ZZ") > 0);
  EXPECT_TRUE(points(3, "ZZ", 3, "XX") == std::partial_ordering::unordered);
  EXPECT_TRUE(points(3, "ZZ", 3, "") == std::partial_ordering::unordered);
  EXPECT_EQ(dimension_of("ZZ"), "=ZZ");
  EXPECT_EQ(dimension_of("CEL"), dimension_of("KEL"));
}

TEST(Units, CodesAreOfCapitals) {
  EXPECT_EQ(unit_of("cel"), nullptr);
  EXPECT_EQ(unit_of(""), nullptr);
  EXPECT_EQ(unit_of("CELS"), nullptr);
}

TEST(Units, ADifferenceHasNoZeroPoint) {
  EXPECT_TRUE(compare_amounts({1, "CEL"}, {1, "KEL"}, AmountKind::kDifference) == 0);
  EXPECT_TRUE(compare_amounts({9, "FAH"}, {5, "CEL"}, AmountKind::kDifference) == 0);
  EXPECT_TRUE(compare_amounts({1, "CEL"}, {200, "KEL"}, AmountKind::kDifference) < 0);
}

TEST(Units, NumbersOfOneUnitAreComparedExactly) {
  EXPECT_TRUE(points(1.0000000000000002, "CEL", 1, "CEL") > 0);
  EXPECT_TRUE(points(0, "GRM", -0.0, "KGM") == 0);
}

}  // namespace
}  // namespace lotmark::epcis
