// Against SoftHSM: a token in a folder, the module loaded as any vendor's is.
#include "core/crypto/token_key.h"

#include <thread>

#include "core/crypto/sha256.h"
#include "core/crypto/token_module.h"
#include "tests/integration/crypto/soft_token.h"

namespace lotmark {
namespace {

class TokenKey : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    if (test::SoftToken::installed()) token_ = std::make_unique<test::SoftToken>();
  }
  static void TearDownTestSuite() { token_.reset(); }
  void SetUp() override {
    if (!token_) GTEST_SKIP() << test::SoftToken::kModule << " is not installed";
  }
  static std::string uri(const std::string& object, const std::string& pin = "") {
    return token_->uri(object, pin);
  }
  static std::unique_ptr<test::SoftToken> token_;
};
std::unique_ptr<test::SoftToken> TokenKey::token_;

TEST_F(TokenKey, MakesSignsAndIsFoundAgain) {
  const auto made = make_token_key(uri("record"));
  ASSERT_TRUE(made) << made.error().message();
  const auto signer = signer_token(uri("record"));
  ASSERT_TRUE(signer) << signer.error().message();
  EXPECT_EQ((*signer)->public_key(), *made);
  EXPECT_EQ((*signer)->kid(), key_id(*made));
  const Digest digest = sha256(as_bytes("a reading"));
  const auto signature = (*signer)->sign(digest);
  ASSERT_TRUE(signature) << signature.error().message();
  EXPECT_TRUE(verify_once(*made, digest, *signature));
  EXPECT_FALSE(verify_once(*made, sha256(as_bytes("another")), *signature));
  EXPECT_EQ(make_token_key(uri("record")).code(), Errc::kConflict);
}

TEST_F(TokenKey, CannotBeTakenOut) {
  ASSERT_TRUE(make_token_key(uri("inside")));
  const auto name = TokenUri::parse(uri("inside"));
  auto session = TokenSession::open(*name, false);
  ASSERT_TRUE(session) << session.error().message();
  const auto found = session->find(*name, CKO_PRIVATE_KEY);
  ASSERT_TRUE(found);
  ASSERT_EQ(found->size(), 1u);
  EXPECT_FALSE(session->attribute((*found)[0], CKA_VALUE));
  EXPECT_EQ(*session->attribute((*found)[0], CKA_EXTRACTABLE), Bytes{0});
  EXPECT_EQ(*session->attribute((*found)[0], CKA_SENSITIVE), Bytes{1});
}

TEST_F(TokenKey, ManyThreadsShareASigner) {
  const auto made = make_token_key(uri("shared"));
  const auto signer = signer_token(uri("shared"));
  ASSERT_TRUE(signer);
  std::vector<std::thread> threads;
  std::atomic<int> good = 0;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&, i] {
      for (int n = 0; n < 50; ++n) {
        const Digest digest = sha256(as_bytes(std::to_string(i * 1000 + n)));
        const auto s = (*signer)->sign(digest);
        if (s && verify_once(*made, digest, *s)) ++good;
      }
    });
  }
  for (auto& t : threads) t.join();
  EXPECT_EQ(good, 200);
}

TEST_F(TokenKey, SignsAgainAfterItsSessionWasClosed) {
  const auto made = make_token_key(uri("reset"));
  const auto signer = signer_token(uri("reset"));
  ASSERT_TRUE(signer);
  const auto name = TokenUri::parse(uri("reset"));
  {
    auto other = TokenSession::open(*name, false);
    ASSERT_TRUE(other);
    CK_SESSION_INFO info{};
    ASSERT_EQ(other->api().C_GetSessionInfo(other->handle(), &info), CKR_OK);
    ASSERT_EQ(other->api().C_CloseAllSessions(info.slotID), CKR_OK);
  }
  const Digest digest = sha256(as_bytes("after"));
  const auto signature = (*signer)->sign(digest);
  ASSERT_TRUE(signature) << signature.error().message();
  EXPECT_TRUE(verify_once(*made, digest, *signature));
}

TEST_F(TokenKey, SaysWhatIsWrong) {
  ASSERT_TRUE(make_token_key(uri("twice")));
  EXPECT_EQ(signer_token(uri("none")).code(), Errc::kNotFound);
  EXPECT_EQ(signer_token("pkcs11:token=other;object=a?module-path=" +
                         std::string(test::SoftToken::kModule))
                .code(),
            Errc::kNotFound);
  EXPECT_EQ(signer_token("pkcs11:object=a?module-path=/no/such.so&pin-value=1").code(),
            Errc::kNotFound);
  std::ofstream(token_->dir() / "open-pin") << "1234";
  std::filesystem::permissions(token_->dir() / "open-pin", std::filesystem::perms(0644));
  EXPECT_EQ(signer_token(uri("twice", "file:" + (token_->dir() / "open-pin").string())).code(),
            Errc::kDenied);
  EXPECT_EQ(signer_token(uri("twice", "file:/no/such/pin")).code(), Errc::kIo);
  EXPECT_NE(check_token_uri("pkcs11:token=site"), "");
  EXPECT_NE(check_token_uri("file:record.key"), "");
  EXPECT_NE(check_token_uri("pkcs11:object=a;colour=red"), "");
  EXPECT_EQ(check_token_uri(uri("twice")), "");
}

// Another program's idea of the same key: OpenSSL verifies, RSA and other curves are refused.
TEST_F(TokenKey, KeyOfAnotherCurveIsRefused) {
  const auto name = TokenUri::parse(uri("p384"));
  auto session = TokenSession::open(*name, true);
  ASSERT_TRUE(session);
  std::array<CK_BYTE, 7> p384 = {0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x22};
  CK_BBOOL yes = CK_TRUE;
  auto open = name->name();
  open.push_back({CKA_TOKEN, &yes, 1});
  auto secret = open;
  open.push_back({CKA_EC_PARAMS, p384.data(), p384.size()});
  CK_MECHANISM mechanism{CKM_EC_KEY_PAIR_GEN, nullptr, 0};
  CK_OBJECT_HANDLE a = 0;
  CK_OBJECT_HANDLE b = 0;
  ASSERT_EQ(session->api().C_GenerateKeyPair(session->handle(), &mechanism, open.data(),
                                             open.size(), secret.data(), secret.size(), &a, &b),
            CKR_OK);
  EXPECT_EQ(signer_token(uri("p384")).code(), Errc::kKeyBad);
}

}  // namespace
}  // namespace lotmark
