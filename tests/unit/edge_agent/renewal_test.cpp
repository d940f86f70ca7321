#include "edge-agent/tls/renewal.h"

#include <gtest/gtest.h>

#include <cstdlib>

#include "tests/unit/edge_agent/fixture.h"

namespace lotmark::agent {
namespace {

// A CA, a device's certificate of it, and a command that has it sign requests.
class RenewalTest : public testing::Test {
 protected:
  void SetUp() override {
    sh("mkdir ca tls");
    sh("openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout ca/ca.key "
       "-out ca/ca.crt -subj /CN=test -days 3650");
    ASSERT_TRUE(write_key_file(dir_.path() / "tls/tls.key", new_scalar()));
    issue("tls/tls.key", "tls/tls.crt");
    files_ = {dir_.path() / "tls/tls.crt", dir_.path() / "tls/tls.key"};
    options_.files = files_;
    // The request goes to a file; the answer is what the test put there (OpenSSL's own tool signs it).
    options_.command = {"/bin/sh", "-c",
                        "cd " + dir_.path().string() +
                            " && cat > csr.pem && openssl x509 -req -in csr.pem -CA ca/ca.crt "
                            "-CAkey ca/ca.key -CAcreateserial -days 90 2>/dev/null"};
  }
  void sh(const std::string& command) {
    ASSERT_EQ(
        std::system(("cd " + dir_.path().string() + " && (" + command + ") 2>/dev/null").c_str()),
        0)
        << command;
  }
  void issue(const std::string& key, const std::string& cert) {
    sh("openssl req -new -key " + key +
       " -subj '/CN=acme\\/line-1' | openssl x509 -req -CA ca/ca.crt "
       "-CAkey ca/ca.key -CAcreateserial -days 90 -out " +
       cert);
  }
  Renewal renewal() {
    return Renewal(options_, [this](const TlsFiles& f) -> Status {
      tried_ = f;
      return trial_;
    });
  }
  std::string content(const std::filesystem::path& file) {
    std::ifstream in(file);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  // Do certificate and key in place belong together?
  bool holds() {
    const auto cert = read_certificate_file(files_.cert);
    const auto key = read_key_file(files_.key);
    return cert && key && check_certificate(*cert, *key, now_);
  }
  test::TempDir dir_;
  TlsFiles files_;
  TlsFiles tried_;
  RenewalOptions options_;
  Status trial_;
  StopEvent stop_;
  Time now_ = SystemClock().now();
};

TEST_F(RenewalTest, IsDueAfterTwoThirdsOfItsLife) {
  const auto r = renewal();
  EXPECT_FALSE(*r.due(now_));
  EXPECT_FALSE(*r.due(now_ + std::chrono::days(59)));
  EXPECT_TRUE(*r.due(now_ + std::chrono::days(61)));
}

TEST_F(RenewalTest, NewPairTakesTheOldOnesPlaceOnceTheBrokerTookIt) {
  const auto old_cert = content(files_.cert);
  const auto old_key = content(files_.key);
  trial_ = {};
  auto r = renewal();
  const auto done = r.renew(now_, stop_);
  ASSERT_TRUE(done) << done.error().message();
  EXPECT_EQ(tried_.cert.filename(), "tls.crt.new");
  EXPECT_NE(content(files_.cert), old_cert);
  EXPECT_NE(content(files_.key), old_key);
  EXPECT_TRUE(holds());
  EXPECT_EQ(read_certificate_file(files_.cert)->common_name, "acme/line-1");
  EXPECT_FALSE(std::filesystem::exists(tried_.cert));
  EXPECT_FALSE(std::filesystem::exists(tried_.key));
}

TEST_F(RenewalTest, OldPairStandsWhenTheBrokerRefusesTheNewOne) {
  const auto old_cert = content(files_.cert);
  trial_ = fail(Errc::kUnavailable, "not authorised");
  auto r = renewal();
  const auto done = r.renew(now_, stop_);
  ASSERT_FALSE(done);
  EXPECT_NE(done.error().text.find("not authorised"), std::string::npos);
  EXPECT_EQ(content(files_.cert), old_cert);
  EXPECT_TRUE(holds());
}

TEST_F(RenewalTest, CertificateOfAnotherKeyNameOrAgeIsNotEvenTried) {
  const std::string ca = "cd " + dir_.path().string() + " && ";
  const std::string sign = " -CA ca/ca.crt -CAkey ca/ca.key -CAcreateserial";
  for (const std::string& answer :
       {std::string("cat tls/tls.crt"),
        "openssl req -new -key tls/tls.key.new -subj '/CN=acme\\/other' | openssl x509 -req -days "
        "9" +
            sign,
        "openssl x509 -req -days 0 -in /dev/stdin" + sign, std::string("echo nonsense"),
        std::string("exit 3"), std::string("yes")}) {
    options_.command = {"/bin/sh", "-c", ca + answer + " 2>/dev/null"};
    tried_ = {};
    auto r = renewal();
    EXPECT_FALSE(r.renew(now_ + std::chrono::hours(1), stop_)) << answer;
    EXPECT_TRUE(tried_.cert.empty()) << answer;
    EXPECT_TRUE(holds()) << answer;
  }
}

// Each state a crash can leave: the marker, then the key moved, then the certificate.
TEST_F(RenewalTest, CrashAtAnyStepLeavesAPairAfterRecovery) {
  for (int step = 0; step < 4; ++step) {
    const auto next = [](std::filesystem::path p) { return p += ".new"; };
    ASSERT_TRUE(write_key_file(next(files_.key), new_scalar()));
    issue("tls/tls.key.new", "tls/tls.crt.new");
    const std::string pem = content(next(files_.cert));
    const std::filesystem::path mark = files_.cert.string() + ".renewed";
    if (step >= 1) std::ofstream(mark).flush();
    if (step >= 2) std::filesystem::rename(next(files_.key), files_.key);
    if (step >= 3) std::filesystem::rename(next(files_.cert), files_.cert);
    ASSERT_TRUE(Renewal::recover(files_));
    EXPECT_TRUE(holds()) << step;
    EXPECT_EQ(content(files_.cert) == pem, step >= 1) << step;
    EXPECT_FALSE(std::filesystem::exists(mark));
    std::error_code ignored;
    std::filesystem::remove(next(files_.key), ignored);
    std::filesystem::remove(next(files_.cert), ignored);
  }
}

TEST_F(RenewalTest, WatchRenewsWhatIsDueAndCountsWhatFails) {
  options_.percent = 0;
  options_.look = std::chrono::seconds(3600);
  {
    const SystemClock clock;
    RenewalWatch watch(renewal(), clock);
    for (int i = 0; i < 500 && watch.renewed() == 0; ++i)
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    EXPECT_EQ(watch.renewed(), 1u);
  }
  EXPECT_TRUE(holds());
  const ManualClock unset(from_ms(1000));
  RenewalWatch watch(renewal(), unset);
  std::this_thread::sleep_for(std::chrono::milliseconds(100));
  EXPECT_EQ(watch.renewed() + watch.failed(), 0u) << "a clock of 1970 says nothing of certificates";
}

}  // namespace
}  // namespace lotmark::agent
