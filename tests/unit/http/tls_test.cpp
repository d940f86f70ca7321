#include <gtest/gtest.h>

#include <thread>

#include "core/http/client.h"
#include "core/http/server.h"
#include "tests/unit/http/raw_socket.h"
#include "tests/unit/http/test_certificates.h"

namespace lotmark::http {
namespace {

using namespace std::chrono_literals;

class Tls : public ::testing::Test {
 protected:
  static void SetUpTestSuite() { certificates = new test::Certificates; }
  static void TearDownTestSuite() { delete certificates; }
  void SetUp() override {
    if (!certificates->ok()) GTEST_SKIP() << "no openssl program to make certificates with";
  }

  Server serve(bool require, const std::string& name = "server") const {
    ServerOptions o;
    o.certificate = certificates->cert(name);
    o.key = certificates->key(name);
    o.ca = certificates->cert("ca");
    o.require_client_cert = require;
    o.read_timeout = 2000ms;
    auto s = Server::start(
        o, [](const Request& r) { return text_response(200, "text/plain", r.peer_name); });
    EXPECT_TRUE(s) << s.error().message();
    return std::move(*s);
  }
  Result<Response> get(const Server& server, const std::string& ca,
                       const std::string& as = {}) const {
    ClientOptions o{.base_url = server.url(), .ca = certificates->cert(ca), .timeout = 10s};
    if (!as.empty()) {
      o.certificate = certificates->cert(as);
      o.key = certificates->key(as);
    }
    auto client = Client::make(o);
    EXPECT_TRUE(client) << client.error().message();
    return client->send("GET", "/");
  }
  static inline test::Certificates* certificates = nullptr;
};

TEST_F(Tls, AClientCertificateIsVerifiedAndNamed) {
  const Server server = serve(true);
  EXPECT_TRUE(server.url().starts_with("https://"));
  const auto r = get(server, "ca", "client");
  ASSERT_TRUE(r) << r.error().message();
  EXPECT_EQ(as_text(r->body), "client");
}

TEST_F(Tls, WithoutOrWithAStrangersCertificateIsRefused) {
  const Server server = serve(true);
  EXPECT_EQ(get(server, "ca").code(), Errc::kNetwork);
  EXPECT_EQ(get(server, "ca", "stranger").code(), Errc::kNetwork);
  EXPECT_TRUE(get(server, "ca", "client"));
}

TEST_F(Tls, WhereItIsNotRequiredNoneIsFineButAFalseOneIsNot) {
  const Server server = serve(false);
  const auto r = get(server, "ca");
  ASSERT_TRUE(r) << r.error().message();
  EXPECT_EQ(as_text(r->body), "");
  EXPECT_EQ(get(server, "ca", "stranger").code(), Errc::kNetwork);
}

TEST_F(Tls, AServerOfAnotherCaOrNameIsNotTrusted) {
  const Server server = serve(false);
  EXPECT_EQ(get(server, "other").code(), Errc::kNetwork);
  const Server named = serve(false, "named");  // a certificate of the right CA for another name
  EXPECT_EQ(get(named, "ca").code(), Errc::kNetwork);
}

TEST_F(Tls, PlainHttpAndHalfHandshakesAreDropped) {
  const Server server = serve(false);
  EXPECT_EQ(test::RawSocket::ask(server.port(), "GET / HTTP/1.0\r\n\r\n").find("HTTP"),
            std::string::npos);
  test::RawSocket silent(server.port());
  const test::Stopwatch watch;
  EXPECT_EQ(silent.hear(), "");
  EXPECT_LT(watch.seconds(), 9.0);
  EXPECT_TRUE(get(server, "ca"));
}

TEST_F(Tls, OldVersionsAreRefused) {
  const Server server = serve(false);
  const auto shake = [&](const std::string& flag) {
    const std::string command =
        "openssl s_client -connect 127.0.0.1:" + std::to_string(server.port()) + " " + flag +
        " -cipher ALL:@SECLEVEL=0 </dev/null >/dev/null 2>&1";
    return std::system(command.c_str()) == 0;
  };
  EXPECT_TRUE(shake("-tls1_2"));
  EXPECT_FALSE(shake("-tls1_1"));
}

TEST_F(Tls, ManyRequestsShareHandshakes) {
  const Server server = serve(true);
  auto client = Client::make({.base_url = server.url(),
                              .ca = certificates->cert("ca"),
                              .certificate = certificates->cert("client"),
                              .key = certificates->key("client"),
                              .timeout = 10s});
  ASSERT_TRUE(client);
  std::vector<std::thread> threads;
  std::atomic<int> right{0};
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 50; ++i) {
        const auto r = client->send("GET", "/");
        if (r && as_text(r->body) == "client") ++right;
      }
    });
  }
  for (auto& t : threads) t.join();
  EXPECT_EQ(right, 200);
}

TEST_F(Tls, UnusableFilesAreConfigurationErrors) {
  ServerOptions o;
  o.certificate = certificates->cert("server");
  o.key = certificates->key("client");  // of another certificate
  const Handler none = [](const Request&) { return Response{}; };
  EXPECT_EQ(Server::start(o, none).code(), Errc::kConfig);
  o.key = certificates->key("server");
  o.require_client_cert = true;  // but no CA
  EXPECT_EQ(Server::start(o, none).code(), Errc::kConfig);
  EXPECT_EQ(Client::make({.base_url = "https://localhost:1"}).code(), Errc::kConfig);
}

TEST_F(Tls, AKeyThatOthersMayReadIsRefused) {
  namespace fs = std::filesystem;
  const fs::path key = certificates->key("server");
  fs::permissions(key, fs::perms::group_read, fs::perm_options::add);
  ServerOptions o;
  o.certificate = certificates->cert("server");
  o.key = key;
  const auto server = Server::start(o, [](const Request&) { return Response{}; });
  EXPECT_EQ(server.code(), Errc::kDenied);
  const auto client = Client::make({.base_url = "https://localhost:1",
                                    .ca = certificates->cert("ca"),
                                    .certificate = certificates->cert("server"),
                                    .key = key,
                                    .timeout = 10s});
  EXPECT_EQ(client.code(), Errc::kDenied);
  fs::permissions(key, fs::perms::owner_read | fs::perms::owner_write);
}

}  // namespace
}  // namespace lotmark::http
