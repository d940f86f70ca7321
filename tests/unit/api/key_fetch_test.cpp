// Key sets from files and over HTTPS, and servers that give something else.
#include "api/key_fetch.h"

#include <gtest/gtest.h>

#include "api/access/issue.h"
#include "core/crypto/key_file.h"
#include "core/http/server.h"
#include "tests/unit/api/api_fixture.h"
#include "tests/unit/http/test_certificates.h"

namespace lotmark::api::test {
namespace {

class KeyFetch : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!certificates.ok()) GTEST_SKIP() << "the openssl program is not here";
    http::ServerOptions options;
    options.certificate = certificates.cert("server");
    options.key = certificates.key("server");
    auto started = http::Server::start(options, [this](const http::Request& r) {
      asked = r.target();
      return answer;
    });
    ASSERT_TRUE(started) << started.error().message();
    server.emplace(*std::move(started));
    answer = http::text_response(200, "application/json", key_set);
    source.url = server->url() + "/realm/keys?version=2";
    source.ca = certificates.cert("ca");
  }

  http::test::Certificates certificates;
  std::unique_ptr<Signer> signer = *signer_openssl(new_scalar().view());
  const std::string key_set = access::key_set_json({&signer->public_key(), 1});
  http::Response answer;
  std::string asked;
  std::optional<http::Server> server;
  access::KeySource source;
};

TEST_F(KeyFetch, TheSetComesFromItsUrl) {
  const auto bytes = fetch_keys(source);
  ASSERT_TRUE(bytes) << bytes.error().message();
  EXPECT_EQ(as_text(*bytes), key_set);
  EXPECT_EQ(asked, "/realm/keys?version=2");
  source.url = server->url();
  EXPECT_TRUE(fetch_keys(source));
  EXPECT_EQ(asked, "/");
}

TEST_F(KeyFetch, WhoWasNotNamedIsNotBelieved) {
  source.ca = certificates.cert("other");
  EXPECT_EQ(fetch_keys(source).code(), Errc::kNetwork);
  EXPECT_TRUE(asked.empty());
  source.ca.clear();
  EXPECT_FALSE(fetch_keys(source));
  source.ca = certificates.key("ca");
  EXPECT_FALSE(fetch_keys(source)) << "no certificate";
}

TEST_F(KeyFetch, OtherAnswersAreNone) {
  for (const int status : {201, 204, 301, 302, 307, 404, 500}) {
    answer.status = status;
    answer.headers["Location"] = "/elsewhere";
    EXPECT_EQ(fetch_keys(source).code(), Errc::kDenied) << status;
    EXPECT_NE(asked, "/elsewhere");
  }
}

TEST_F(KeyFetch, AnswersHaveABound) {
  answer.body = Bytes(access::KeySet::kBytesMax + 1, ' ');
  EXPECT_EQ(fetch_keys(source).code(), Errc::kTooLarge);
  answer.body = Bytes(8 * access::KeySet::kBytesMax, ' ');
  EXPECT_FALSE(fetch_keys(source));
}

TEST_F(KeyFetch, NobodyThereIsAnError) {
  server.reset();
  EXPECT_EQ(fetch_keys(source).code(), Errc::kNetwork);
}

TEST_F(KeyFetch, ATokenIsTakenOnceTheUrlGivesItsKey) {
  source.rules.issuer = "https://i";
  source.rules.audience = "https://a";
  auto tokens = *access::TokenJudge::make({source.rules});
  const Time now = from_ms(1'790'000'000'000);
  const auto token = *access::issue_token({"https://i",
                                           "https://a",
                                           "erp",
                                           "yunhe",
                                           {access::AccessRole::kReader},
                                           now,
                                           now + Millis(9000)},
                                          *signer);
  EXPECT_EQ(tokens.judge(token, now).code(), Errc::kKeyUnknown);
  const auto keeper = *access::KeyKeeper::open({source}, tokens, fetch_keys);
  keeper->run();
  EXPECT_EQ(tokens.judge(token, now).code(), Errc::kOk);
}

TEST(KeyFiles, AreReadWithinABound) {
  const TempDir dir;
  access::KeySource file;
  file.file = dir.write("keys.json", "{\"keys\":[]}");
  EXPECT_EQ(as_text(*fetch_keys(file)), "{\"keys\":[]}");
  file.file = dir.path() / "none";
  EXPECT_EQ(fetch_keys(file).code(), Errc::kIo);
  file.file = dir.write("large", std::string(access::KeySet::kBytesMax + 1, ' '));
  EXPECT_EQ(fetch_keys(file).code(), Errc::kTooLarge);
  file.file = "/dev/zero";
  EXPECT_FALSE(fetch_keys(file));
}

}  // namespace
}  // namespace lotmark::api::test
