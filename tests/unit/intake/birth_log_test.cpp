// Births as an enterprise's node keeps them: what differs, in the order it came.
#include <gtest/gtest.h>

#include <filesystem>

#include "ledger-node/intake/birth_log.h"
#include "tests/make_folder.h"
#include "tests/unit/intake/simulated_device.h"

namespace lotmark::test {
namespace {

class BirthLogTest : public testing::Test {
 protected:
  BirthLogTest() {
    folder_ = make_folder("births");
    birth_.device = device_->kid();
    birth_.life.bytes = {1};
    birth_.boot = 1;
    birth_.session = 1;
    reopen();
  }
  ~BirthLogTest() override {
    log_.reset();
    std::filesystem::remove_all(folder_);
  }
  void reopen() {
    log_.reset();
    auto log = node::BirthLog::open(folder_ / "births.db");
    ASSERT_TRUE(log) << log.error().message();
    log_.emplace(std::move(*log));
  }
  void calibrated(const char* certificate) {
    birth_.sources = {{"sensor", "t", Calibration{certificate, 20260105, 0, 1, {-1}}}};
  }
  Status take(std::int64_t at) {
    const auto sealed = seal(birth_, *device_, test_chain());
    return log_->take(*open<Birth>(sealed->bytes, test_chain()), from_ms(at));
  }
  // "K-1@1000 K-2@2000"
  std::string over(std::uint64_t start, std::uint64_t end) {
    const auto list = log_->over(device_->kid(), start, end, test_chain());
    if (!list) return list.error().message();
    std::string out;
    for (const auto& b : *list) {
      const auto* c = chain::calibration_in(b.birth.body, "t");
      out += (out.empty() ? "" : " ") + (c != nullptr ? c->certificate : "none") + "@" +
             std::to_string(b.at);
    }
    return out;
  }

  std::unique_ptr<Signer> device_ = test_signer(7);
  Birth birth_;
  std::filesystem::path folder_;
  std::optional<node::BirthLog> log_;
};

TEST_F(BirthLogTest, OnlyWhatDiffersIsKeptAndItIsKept) {
  calibrated("K-1");
  ASSERT_TRUE(take(1000));
  birth_.session = 2;  // started again, nothing else
  ASSERT_TRUE(take(2000));
  calibrated("K-2");
  ASSERT_TRUE(take(3000));
  reopen();
  EXPECT_EQ(over(0, 9000), "K-1@1000 K-2@3000");
  birth_.boot = 2;
  ASSERT_TRUE(take(4000));
  EXPECT_EQ(over(0, 9000), "K-1@1000 K-2@3000 K-2@4000") << "another boot";
}

TEST_F(BirthLogTest, AWindowHasTheOneBeforeThoseInItAndTheFirstBehind) {
  for (int i = 1; i <= 5; ++i) {
    calibrated(("K-" + std::to_string(i)).c_str());
    ASSERT_TRUE(take(i * 1000));
  }
  EXPECT_EQ(over(2500, 3500), "K-2@2000 K-3@3000 K-4@4000");
  EXPECT_EQ(over(3000, 3001), "K-3@3000 K-4@4000");
  EXPECT_EQ(over(7000, 8000), "K-5@5000");
  EXPECT_EQ(over(100, 200), "K-1@1000") << "it could not tell before";
}

TEST_F(BirthLogTest, AnOldBirthSaidAgainChangesNothing) {
  calibrated("K-1");
  ASSERT_TRUE(take(1000));
  birth_.session = 2;
  calibrated("K-2");
  ASSERT_TRUE(take(2000));
  birth_.session = 1;
  calibrated("K-1");
  ASSERT_TRUE(take(3000));
  EXPECT_EQ(over(0, 9000), "K-1@1000 K-2@2000");
  birth_.life.bytes = {2};  // another outbox, whose sessions begin anew
  calibrated("K-3");
  ASSERT_TRUE(take(4000));
  birth_.life.bytes = {1};
  birth_.session = 9;
  ASSERT_TRUE(take(5000));
  EXPECT_EQ(over(0, 9000), "K-1@1000 K-2@2000 K-3@4000");
}

TEST_F(BirthLogTest, ALastWillDoesNotTakeBackWhatWasReloaded) {
  calibrated("K-1");
  ASSERT_TRUE(take(1000));
  calibrated("K-2");  // a reload: the same session
  ASSERT_TRUE(take(2000));
  calibrated("K-1");  // the will was sealed at the connect
  birth_.gone = true;
  ASSERT_TRUE(take(3000));
  EXPECT_EQ(over(0, 9000), "K-1@1000 K-2@2000");
}

TEST_F(BirthLogTest, ALastWillIsAllThereIsOfADeviceThatIsAway) {
  calibrated("K-1");
  birth_.gone = true;
  ASSERT_TRUE(take(1000));
  EXPECT_EQ(over(0, 9000), "K-1@1000");
}

TEST_F(BirthLogTest, TimeNeverFallsAndTheOldestGo) {
  for (std::uint64_t i = 0; i < node::BirthLog::kPerDevice + 20; ++i) {
    calibrated(("K-" + std::to_string(i)).c_str());
    ASSERT_TRUE(take(i == 5 ? 1 : 1000 + static_cast<std::int64_t>(i)));
  }
  EXPECT_EQ(over(1000, 1000), "K-20@1020") << "the first that is left";
  EXPECT_EQ(over(1100, 1100), "K-100@1100");
  EXPECT_EQ(over(1030, 9000).substr(0, 6), "K-268@") << "the newest eight";
}

TEST_F(BirthLogTest, OneThatGoesIntoNoSegmentIsRefused) {
  birth_.sources.clear();
  for (int i = 0; i < 64; ++i) {
    birth_.sources.push_back({std::string(256, 'n'), "t" + std::to_string(i),
                              Calibration{std::string(256, 'c'), 20260105, 0, 1, {-1}}});
  }
  EXPECT_EQ(take(1000).code(), Errc::kTooLarge);
  EXPECT_EQ(over(0, 9000), "");
}

}  // namespace
}  // namespace lotmark::test
