// Bytes at random in place of what was sent: nothing is let in by it, and nothing falls over. Seeded, so that what fails
// once fails again.
#include <gtest/gtest.h>

#include <atomic>
#include <random>
#include <thread>

#include "api/access/caller.h"
#include "api/access/issue.h"
#include "core/crypto/key_file.h"

namespace lotmark::api::access::test {
namespace {

constexpr Time kHostileTime = Time(Millis(1'790'000'000'000));

class Hostile : public ::testing::Test {
 protected:
  Hostile() {
    TokenIssuer issuer;
    issuer.issuer = "https://i";
    issuer.audience = "https://a";
    tokens_ = *TokenJudge::make({issuer});
    signer_ = *signer_openssl(new_scalar().view());
    set_ = key_set_json({&signer_->public_key(), 1});
    EXPECT_TRUE(tokens_.set_keys("https://i", *KeySet::read(as_bytes(set_))));
    token_ = *issue_token({"https://i",
                           "https://a",
                           "erp",
                           "hualin",
                           {AccessRole::kReader},
                           kHostileTime,
                           kHostileTime + Millis(60'000)},
                          *signer_);
  }
  std::size_t below(std::size_t n) {
    return std::uniform_int_distribution<std::size_t>(0, n - 1)(random_);
  }
  // One to three bytes changed, taken out, doubled or cut off.
  std::string damaged(std::string text, std::string_view alphabet) {
    for (std::size_t i = below(3) + 1; i > 0 && !text.empty(); --i) {
      const std::size_t at = below(text.size());
      switch (below(4)) {
        case 0: text[at] = alphabet[below(alphabet.size())]; break;
        case 1: text.erase(at, 1); break;
        case 2: text.insert(at, 1, alphabet[below(alphabet.size())]); break;
        default: text.resize(at); break;
      }
    }
    return text;
  }

  std::mt19937 random_{20260611};
  TokenJudge tokens_;
  std::unique_ptr<Signer> signer_;
  std::string set_;
  std::string token_;
};

TEST_F(Hostile, NoDamagedTokenIsTaken) {
  constexpr std::string_view kAlphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.=+/ \n\xff";
  ASSERT_TRUE(tokens_.judge(token_, kHostileTime));
  for (int i = 0; i < 3000; ++i) {
    const std::string bad = damaged(token_, kAlphabet);
    EXPECT_TRUE(bad == token_ || !tokens_.judge(bad, kHostileTime)) << bad;
  }
}

TEST_F(Hostile, ADamagedKeySetNeverMakesAnotherKeyOfItsKid) {
  constexpr std::string_view kAlphabet = "{}[]\",:abcxyzEC012-_\\\n\xc3\xff";
  const auto whole = KeySet::read(as_bytes(set_));
  ASSERT_TRUE(whole);
  const TokenKey& key = whole->keys()[0];
  for (int i = 0; i < 3000; ++i) {
    const std::string bad = damaged(set_, kAlphabet);
    const auto read = KeySet::read(as_bytes(bad));
    if (!read) continue;
    EXPECT_LE(read->keys().size(), 1u);
    const TokenKey* same = read->find(key.kid);
    EXPECT_TRUE(same == nullptr || same->pem == key.pem) << bad;
  }
}

TEST_F(Hostile, DamagedHeadersOfAProxyGiveNoOtherRoles) {
  CallerRules rules;
  rules.proxies = {"127.0.0.1"};
  rules.certificates = {{"hualin/erp", {}, "hualin", {AccessRole::kCapture}}};
  const auto callers = Callers::make(rules, tokens_);
  ASSERT_TRUE(callers);
  const std::string dn = "O=Hualin\\, Ltd,CN=hualin/erp,C=CN";
  constexpr std::string_view kAlphabet = "CN=,+\\\"#;/ abhulin0F\x01\xff";
  for (int i = 0; i < 5000; ++i) {
    http::Request r;
    r.remote = "127.0.0.1";
    r.headers["x-lotmark-client-verify"] = "SUCCESS";
    r.headers["x-lotmark-client-dn"] = damaged(dn, kAlphabet);
    r.headers["x-lotmark-client-certificate"] =
        below(4) == 0 ? damaged("-----BEGIN%20", kAlphabet) : "";
    r.headers["x-lotmark-client-address"] = damaged("2001:db8::1", "0123456789abcdef:.%/ ");
    const auto caller = callers->identify(r, kHostileTime);
    ASSERT_TRUE(caller);
    EXPECT_FALSE(caller->loopback);
    EXPECT_LE(caller->id.size(), 600u);
    const bool is_erp = caller->id == "certificate:hualin/erp";
    EXPECT_EQ(caller->roles, is_erp ? RoleSet{AccessRole::kCapture} : RoleSet{});
  }
}

TEST_F(Hostile, RandomBytesAreNobodysCredentials) {
  for (int i = 0; i < 2000; ++i) {
    std::string bytes(below(300), '\0');
    for (char& c : bytes) c = static_cast<char>(below(256));
    EXPECT_FALSE(tokens_.judge(bytes, kHostileTime));
    EXPECT_FALSE(KeySet::read(as_bytes(bytes)));
    EXPECT_FALSE(read_escaped_certificate(bytes));
  }
}

TEST_F(Hostile, AnyPathAndMethodGetsAnAnswerAndNoPrivateOne) {
  constexpr std::string_view kAlphabet = "/.%2eEvnts{}?#capture01";
  for (int i = 0; i < 5000; ++i) {
    const std::string path = damaged("/queries/q/subscriptions/7", kAlphabet);
    const auto d = decide("GET", path, {});
    EXPECT_FALSE(d.is_private && d.verdict == Verdict::kAllowed) << path;
    EXPECT_TRUE(d.verdict == Verdict::kAllowed || refusal(d, {}).status >= 401) << path;
  }
}

TEST_F(Hostile, KeysAreReplacedUnderThreadsThatJudge) {
  std::atomic<int> taken = 0;
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 3; ++t) {
      threads.emplace_back([&] {
        for (int i = 0; i < 200; ++i) taken += tokens_.judge(token_, kHostileTime) ? 1 : 0;
      });
    }
    for (int i = 0; i < 200; ++i) {
      auto keys = KeySet::read(as_bytes(set_));
      ASSERT_TRUE(keys);
      ASSERT_TRUE(tokens_.set_keys("https://i", *std::move(keys)));
    }
  }
  EXPECT_EQ(taken, 600);
}

}  // namespace
}  // namespace lotmark::api::access::test
