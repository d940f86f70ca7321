#include "core/http/client.h"

#include <gtest/gtest.h>

#include <thread>

#include "core/http/server.h"
#include "tests/free_ports.h"
#include "tests/unit/http/raw_socket.h"

namespace lotmark::http {
namespace {

using test::Stopwatch;
using namespace std::chrono_literals;

Server serve(Handler handler) {
  auto s = Server::start({.threads = 4}, std::move(handler));
  EXPECT_TRUE(s);
  return std::move(*s);
}

// A server that says the same to everybody, rightly or wrongly, and closes if told.
class FakeServer {
 public:
  FakeServer(std::string answer, bool close) : fd_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ::bind(fd_, reinterpret_cast<sockaddr*>(&at), sizeof at);
    ::listen(fd_, 5);
    socklen_t size = sizeof at;
    ::getsockname(fd_, reinterpret_cast<sockaddr*>(&at), &size);
    port_ = ntohs(at.sin_port);
    thread_ = std::thread([this, answer = std::move(answer), close] {
      std::vector<int> open;
      for (;;) {
        const int c = ::accept(fd_, nullptr, nullptr);
        if (c < 0) break;
        char buffer[2048];
        (void)!::read(c, buffer, sizeof buffer);
        (void)!::send(c, answer.data(), answer.size(), MSG_NOSIGNAL);
        if (close) ::close(c);
        else open.push_back(c);
      }
      for (const int c : open) ::close(c);
    });
  }
  ~FakeServer() {
    ::shutdown(fd_, SHUT_RDWR);
    thread_.join();
    ::close(fd_);
  }
  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }

 private:
  int fd_;
  std::uint16_t port_ = 0;
  std::thread thread_;
};

Result<Response> get(const std::string& url, std::chrono::milliseconds timeout = 2s) {
  auto client = Client::make({.base_url = url, .timeout = timeout});
  if (!client) return client.error();
  return client->send("GET", "/");
}

TEST(Client, ASilentOrSlowServerIsUnavailableAtTheDeadline) {
  const Server slow = serve([](const Request&) {
    std::this_thread::sleep_for(700ms);
    return Response{};
  });
  const Stopwatch watch;
  EXPECT_EQ(get(slow.url(), 200ms).code(), Errc::kUnavailable);
  EXPECT_LT(watch.seconds(), 9);
}

TEST(Client, ABodyThatStallsIsUnavailableAtTheDeadline) {
  const FakeServer stalls("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc", false);
  const Stopwatch watch;
  EXPECT_EQ(get(stalls.url(), 300ms).code(), Errc::kUnavailable);
  EXPECT_LT(watch.seconds(), 9);
}

TEST(Client, NobodyThereIsANetworkError) {
  const int port = lotmark::test::free_port();
  EXPECT_EQ(get("http://127.0.0.1:" + std::to_string(port)).code(), Errc::kNetwork);
}

TEST(Client, BrokenAnswersAreNetworkErrors) {
  EXPECT_EQ(get(FakeServer("", true).url()).code(), Errc::kNetwork);
  EXPECT_EQ(get(FakeServer("nonsense\r\n\r\n", true).url()).code(), Errc::kNetwork);
  EXPECT_EQ(get(FakeServer("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc", true).url()).code(),
            Errc::kNetwork);
}

TEST(Client, ABodyAboveTheLimitIsTooLarge) {
  const Server server = serve(
      [](const Request&) { return text_response(200, "text/plain", std::string(5000, 'x')); });
  auto client = Client::make({.base_url = server.url()});
  EXPECT_EQ(client->send("GET", "/", {}, {}, 4999).code(), Errc::kTooLarge);
  EXPECT_TRUE(client->send("GET", "/", {}, {}, 5000));
  std::string chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (int i = 0; i < 100; ++i) chunked += "40\r\n" + std::string(64, 'x') + "\r\n";
  const FakeServer endless(chunked, false);
  auto to_endless = Client::make({.base_url = endless.url(), .timeout = 3s});
  EXPECT_EQ(to_endless->send("GET", "/", {}, {}, 1000).code(), Errc::kTooLarge);
}

TEST(Client, ErrorsOfTheServerAndRedirectsAreAnswers) {
  const Server server = serve([](const Request& r) {
    Response out = text_response(r.path == "/moved" ? 307 : 404, "text/plain", "x");
    out.headers["Location"] = "/elsewhere";
    return out;
  });
  auto client = Client::make({.base_url = server.url()});
  EXPECT_EQ(client->send("GET", "/gone")->status, 404);
  EXPECT_EQ(client->send("GET", "/moved")->status, 307);
}

TEST(Client, AServerThatCameBackIsReachedAgain) {
  const auto port = static_cast<std::uint16_t>(lotmark::test::free_port());
  const auto answer = [](const Request&) { return Response{}; };
  auto server = Server::start({.port = port}, answer);
  ASSERT_TRUE(server) << server.error().message();
  auto client = Client::make({.base_url = server->url(), .timeout = 2s});
  EXPECT_TRUE(client->send("GET", "/"));
  server->stop();
  EXPECT_FALSE(client->send("GET", "/"));
  auto again = Server::start({.port = port}, answer);
  ASSERT_TRUE(again) << again.error().message();
  EXPECT_TRUE(client->send("GET", "/"));
}

TEST(Client, UnusableUrlsAreConfigurationErrors) {
  for (const char* url : {"", "nonsense", "ftp://a", "http://", "http://[::1"}) {
    EXPECT_EQ(Client::make({.base_url = url}).code(), Errc::kConfig) << url;
  }
}

TEST(Client, HeadWithALengthDoesNotWaitForABody) {
  const Server server =
      serve([](const Request&) { return text_response(200, "text/plain", "12345"); });
  auto client = Client::make({.base_url = server.url(), .timeout = 1s});
  const auto r = client->send("HEAD", "/");
  ASSERT_TRUE(r) << r.error().message();
  EXPECT_EQ(r->headers.at("content-length"), "5");
  EXPECT_TRUE(r->body.empty());
}

}  // namespace
}  // namespace lotmark::http
