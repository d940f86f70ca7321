// Receivers over https: judged by the authority that node.toml names, and no other.
#include "tests/unit/http/test_certificates.h"
#include "tests/unit/subscribe/subscribers.h"

namespace lotmark::node::test {
namespace {

class Https : public Subscribers {
 protected:
  void SetUp() override {
    Subscribers::SetUp();
    if (!certificates.ok()) GTEST_SKIP() << "the openssl program is not here";
    http::ServerOptions options;
    options.certificate = certificates.cert("server");
    options.key = certificates.key("server");
    server.emplace(must(http::Server::start(options, [this](const http::Request&) {
      ++calls;
      return http::text_response(200, "text/plain", "");
    })));
  }
  void run_with(const std::string& ca, const std::string& host) {
    const std::string url = "https://" + host + ":" + std::to_string(server->port()) + "/";
    add_query();
    s = subscribe(url);
    WebhookOptions options;
    options.allowed = must(AllowedDestinations::read({url}));
    options.ca = certificates.cert(ca);
    options.look = Millis{10};
    runner =
        must(WebhookRunner::start(folder.private_db(), *subscriptions, clock, std::move(options)));
    ship(1, 1);
  }
  void TearDown() override {
    runner.reset();
    if (server) server->stop();
  }
  http::test::Certificates certificates;
  std::optional<http::Server> server;
  std::atomic<int> calls = 0;
  Subscription s;
};

TEST_F(Https, AReceiverOfThatAuthorityIsCalled) {
  run_with("ca", "localhost");
  EXPECT_TRUE(becomes(s, [](const auto& k) { return k.upto == 1; }));
  EXPECT_EQ(calls, 1);
}

TEST_F(Https, AReceiverOfAnotherAuthorityGetsNothing) {
  run_with("other", "localhost");
  EXPECT_TRUE(becomes(s, [](const auto& k) { return k.failures == 1; }));
  EXPECT_EQ(calls, 0);
}

TEST_F(Https, ACertificateOfAnotherNameGetsNothing) {
  run_with("ca", "127.0.0.2");
  EXPECT_TRUE(becomes(s, [](const auto& k) { return k.failures == 1; }));
  EXPECT_EQ(calls, 0);
}

}  // namespace
}  // namespace lotmark::node::test
