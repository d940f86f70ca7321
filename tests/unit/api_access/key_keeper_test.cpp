// When key sets are asked for anew, and what a bad one changes: nothing.
#include <gtest/gtest.h>

#include <fstream>

#include "api/access/issue.h"
#include "api/access/key_keeper.h"
#include "core/crypto/key_file.h"

namespace lotmark::api::access::test {
namespace {

using namespace std::chrono_literals;

constexpr KeyKeeper::Instant kBegin{std::chrono::hours(9)};
constexpr Time kJudged = Time(Millis(1'790'000'000'000));

class KeyKeeperTest : public ::testing::Test {
 protected:
  KeyKeeperTest() {
    char name[] = "/tmp/lotmark-keys-XXXXXX";
    dir = ::mkdtemp(name);
    url.rules.issuer = "https://i";
    url.rules.audience = "https://a";
    url.url = "https://i/keys";
    file = url;
    file.url.clear();
    file.file = dir / "keys.json";
  }
  ~KeyKeeperTest() override { std::filesystem::remove_all(dir); }

  // The answer of a URL, or a file's content.
  std::string set_of(const Signer& signer) { return key_set_json({&signer.public_key(), 1}); }
  void write(std::string_view text) {
    std::ofstream(file.file, std::ios::binary) << text;
    // Its time may have no finer grain than the test.
    std::filesystem::last_write_time(file.file, std::filesystem::file_time_type(++written * 1s));
  }
  Result<std::unique_ptr<KeyKeeper>> open(const KeySource& source) {
    tokens = *TokenJudge::make({source.rules});
    return KeyKeeper::open({source}, tokens, [this](const KeySource& s) -> Result<Bytes> {
      ++asked;
      if (!s.file.empty()) {
        std::ifstream in(s.file, std::ios::binary);
        if (!in) return fail(Errc::kIo, "none");
        return to_bytes(as_bytes(std::string(std::istreambuf_iterator<char>(in), {})));
      }
      if (!answer) return fail(Errc::kNetwork, "away");
      return to_bytes(as_bytes(*answer));
    });
  }
  Errc judged(const Signer& signer) {
    const auto token = *issue_token({"https://i",
                                     "https://a",
                                     "erp",
                                     "hualin",
                                     {AccessRole::kReader},
                                     kJudged,
                                     kJudged + Millis(60'000)},
                                    signer);
    return tokens.judge(token, kJudged).code();
  }

  std::filesystem::path dir;
  KeySource url, file;
  TokenJudge tokens;
  std::unique_ptr<Signer> first = *signer_openssl(new_scalar().view());
  std::unique_ptr<Signer> second = *signer_openssl(new_scalar().view());
  std::optional<std::string> answer;
  int asked = 0;
  int written = 0;
};

TEST_F(KeyKeeperTest, AFileIsReadAtOnceAndWhenItChanges) {
  write(set_of(*first));
  auto keeper = open(file);
  ASSERT_TRUE(keeper) << keeper.error().message();
  EXPECT_EQ(judged(*first), Errc::kOk);
  (*keeper)->look(kBegin);
  (*keeper)->look(kBegin + 1h);
  EXPECT_EQ(asked, 1) << "it did not change";
  write(set_of(*second));
  (*keeper)->look(kBegin + 2h);
  EXPECT_EQ(judged(*second), Errc::kOk);
  EXPECT_EQ(judged(*first), Errc::kKeyUnknown) << "a key that was taken out is good no more";
}

TEST_F(KeyKeeperTest, AFileThatIsBadAtTheStartIsAFault) {
  EXPECT_EQ(open(file).code(), Errc::kConfig);
  for (const char* bad : {"", "{}", "{\"keys\":[]}", "[", "{\"keys\":[{\"kty\":\"oct\"}]}"}) {
    write(bad);
    EXPECT_EQ(open(file).code(), Errc::kConfig) << bad;
  }
}

TEST_F(KeyKeeperTest, AFileThatGoesBadOrAwayLeavesTheKeys) {
  write(set_of(*first));
  auto keeper = *open(file);
  write("{\"keys\":");
  keeper->look(kBegin);
  EXPECT_EQ(judged(*first), Errc::kOk);
  std::filesystem::remove(file.file);
  keeper->look(kBegin + 1s);
  EXPECT_EQ(judged(*first), Errc::kOk);
  write(set_of(*second));
  keeper->look(kBegin + 2s);
  EXPECT_EQ(judged(*second), Errc::kOk);
}

TEST_F(KeyKeeperTest, AUrlIsAskedEveryQuarterOfAnHour) {
  answer = set_of(*first);
  auto keeper = *open(url);
  EXPECT_EQ(asked, 0);
  for (auto at = 0s; at <= 3600s; at += 1s) keeper->look(kBegin + at);
  EXPECT_EQ(asked, 5);
  EXPECT_EQ(judged(*first), Errc::kOk);
}

TEST_F(KeyKeeperTest, AUrlThatIsAwayIsNoFaultAndIsAskedEachMinute) {
  auto keeper = *open(url);
  for (auto at = 0s; at < 180s; at += 1s) keeper->look(kBegin + at);
  EXPECT_EQ(asked, 3);
  EXPECT_EQ(judged(*first), Errc::kKeyUnknown);
  answer = set_of(*first);
  keeper->look(kBegin + 180s);
  EXPECT_EQ(judged(*first), Errc::kOk);
  answer = std::nullopt;
  keeper->look(kBegin + 2000s);
  EXPECT_EQ(judged(*first), Errc::kOk) << "the old keys are kept";
  answer = "<html>";
  keeper->look(kBegin + 2100s);
  EXPECT_EQ(judged(*first), Errc::kOk);
}

TEST_F(KeyKeeperTest, AnUnknownKeyHasItAskedOnceAMinute) {
  answer = set_of(*first);
  auto keeper = *open(url);
  keeper->look(kBegin);
  answer = set_of(*second);
  keeper->ask_soon();
  keeper->look(kBegin + 30s);
  EXPECT_EQ(asked, 1) << "it was asked less than a minute ago";
  keeper->look(kBegin + 60s);
  EXPECT_EQ(asked, 2);
  EXPECT_EQ(judged(*second), Errc::kOk);
  for (auto at = 61s; at < 600s; at += 1s) {
    keeper->ask_soon();
    keeper->look(kBegin + at);
  }
  EXPECT_EQ(asked, 10);
  keeper->look(kBegin + 660s);
  keeper->look(kBegin + 720s);
  EXPECT_EQ(asked, 11) << "nobody called for it since";
}

TEST_F(KeyKeeperTest, RunsByItselfAndEnds) {
  answer = set_of(*first);
  auto keeper = *open(url);
  keeper->run();
  EXPECT_EQ(judged(*first), Errc::kOk) << "asked before it returns";
  keeper.reset();
}

}  // namespace
}  // namespace lotmark::api::access::test
