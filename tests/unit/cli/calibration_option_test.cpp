#include "cli/calibration_option.h"

#include <gtest/gtest.h>

namespace lotmark::cli {
namespace {

class CalibrationOption : public testing::Test {
 protected:
  CalibrationOption() : channels_(2) {
    channels_[0].name = "t";
    channels_[1].name = "h";
  }
  std::vector<EnrolledChannel> channels_;
};

TEST_F(CalibrationOption, DecimalsKeepTheirDigits) {
  ASSERT_TRUE(calibrate("t=DKD-2026-1187,20260105,-0.05,0.1", channels_));
  ASSERT_TRUE(channels_[0].calibration);
  const Calibration& c = *channels_[0].calibration;
  EXPECT_EQ(c.certificate, "DKD-2026-1187");
  EXPECT_EQ(c.date, 20260105u);
  EXPECT_EQ(c.exp.value, -2);
  EXPECT_EQ(c.offset, -5);
  EXPECT_EQ(c.accuracy, 10u);
  EXPECT_FALSE(channels_[1].calibration);
}

TEST_F(CalibrationOption, ACertificateMayHoldCommasAndEquals) {
  ASSERT_TRUE(calibrate("h=A=1, page 2,20260105,0,3", channels_));
  EXPECT_EQ(channels_[1].calibration->certificate, "A=1, page 2");
  EXPECT_EQ(channels_[1].calibration->exp.value, 0);
}

TEST_F(CalibrationOption, WhatIsWrittenOtherwiseIsUsage) {
  for (const char* wrong :
       {"", "t", "t=K", "t=K,20260105,0", "t=,20260105,0,1", "t=K,20261305,0,1", "t=K,x,0,1",
        "t=K,20260105,0,-1", "t=K,20260105,0.x,1", "t=K,20260105,1.2.3,1", "t=K,20260105,,",
        "t=K,20260105,0.0000000000000000001,1", "t=K,20260105,99999999999999999999,1",
        "x=K,20260105,0,1"}) {
    EXPECT_EQ(calibrate(wrong, channels_).code(), Errc::kUsage) << wrong;
  }
  EXPECT_FALSE(channels_[0].calibration);
}

}  // namespace
}  // namespace lotmark::cli
