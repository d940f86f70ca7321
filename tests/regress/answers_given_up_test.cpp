// An answer over TLS that was too large or late was given up by closing its connection on the asker's thread, while a
// thread of cpprestsdk's pool was reading from it: the process ended by SIGSEGV in asio's reactor, once in some hundred
// such answers on a busy machine. Any server that is asked (a key set, a webhook's receiver) could end the API or the
// node with some patience. The same held for the deadline cpprestsdk keeps itself.
#include <gtest/gtest.h>

#include <thread>

#include "core/http/client.h"
#include "core/http/server.h"
#include "tests/unit/http/test_certificates.h"

namespace lotmark::http {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kTaken = 1000;

// Asks `times` times in each of eight threads, on a new connection each as after every answer that was given up.
void ask(const Client& client, int times) {
  std::vector<std::jthread> askers;
  for (int t = 0; t < 8; ++t) {
    askers.emplace_back([&] {
      for (int i = 0; i < times; ++i) EXPECT_FALSE(client.send("GET", "/", {}, {}, kTaken));
    });
  }
}

class AnswersGivenUp : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!certificates.ok()) GTEST_SKIP() << "no openssl program to make certificates with";
    ServerOptions options;
    options.certificate = certificates.cert("server");
    options.key = certificates.key("server");
    auto started = Server::start(options, [](const Request&) {
      return text_response(200, "text/plain", std::string(512 * 1024, 'x'));
    });
    ASSERT_TRUE(started) << started.error().message();
    server.emplace(*std::move(started));
  }
  Client client(std::chrono::milliseconds timeout) const {
    return *Client::make(
        {.base_url = server->url(), .ca = certificates.cert("ca"), .timeout = timeout});
  }

  test::Certificates certificates;
  std::optional<Server> server;
};

TEST_F(AnswersGivenUp, EndNothingElseWhereTheyAreTooLarge) {
  const auto c = client(20s);
  ask(c, 50);
}

TEST_F(AnswersGivenUp, EndNothingElseWhereTheyAreTooLate) {
  const auto c = client(5ms);
  ask(c, 50);
}

}  // namespace
}  // namespace lotmark::http
