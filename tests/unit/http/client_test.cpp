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

// One of -1 or -2 once ended the process.
TEST(Client, AChunkWhoseSizeIsNoneIsANetworkError) {
  const std::string chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (const char* size :
       {"-1", "-2", "-7fffffff", "ffffffffffffffffff", "fffffffffffffffe", "x", ""}) {
    for (const char* more : {"\r\n", "\r\nab\r\n0\r\n\r\n"}) {
      EXPECT_FALSE(get(FakeServer(chunked + size + more, true).url())) << size;
    }
  }
}

TEST(Client, AStatusThatIsNoneIsANetworkError) {
  for (const char* status :
       {"0", "00", "000", "-200", "99", "600", "999", "1000", "2000", "x", ""}) {
    const FakeServer server("HTTP/1.1 " + std::string(status) + " x\r\nContent-Length: 0\r\n\r\n",
                            true);
    EXPECT_EQ(get(server.url(), 5s).code(), Errc::kNetwork) << status;
  }
  EXPECT_EQ(get(FakeServer("HTTP/0.9 200 OK\r\n\r\n", true).url()).code(), Errc::kNetwork);
  for (const char* line : {"HTTP/1.1 200OK", "HTTP/2 200", "HTTP/1.1 101 Switching Protocols"})
    EXPECT_EQ(get(FakeServer(line + std::string("\r\nContent-Length: 0\r\n\r\n"), false).url(), 30s)
                  .code(),
              Errc::kNetwork)
        << line;
  EXPECT_EQ(get(FakeServer("ICY 200 OK\r\nContent-Length: 0\r\n\r\n", true).url()).code(),
            Errc::kNetwork);
}

TEST(Client, InterimAnswersArePassedOver) {
  const FakeServer server(
      "HTTP/1.1 102 Processing\r\nX-A: 1\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"
      "HTTP/1.1 201 Created\r\nX-B: 2\r\nContent-Length: 1\r\n\r\nx",
      false);
  const auto r = get(server.url());
  ASSERT_TRUE(r) << r.error().message();
  EXPECT_EQ(r->status, 201);
  EXPECT_EQ(r->headers, (Headers{{"x-b", "2"}, {"content-length", "1"}}));
}

TEST(Client, WhatComesBehindAnAnswerIsNoAnswerToTheNextRequest) {
  const FakeServer server(
      "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\naHTTP/1.1 202 Accepted\r\nContent-Length: "
      "1\r\n\r\nb",
      false);
  const auto client = Client::make({.base_url = server.url(), .timeout = 5s});
  for (int i = 0; i < 3; ++i) {
    const auto r = client->send("GET", "/");
    ASSERT_TRUE(r) << r.error().message();
    EXPECT_EQ(r->status, 200);
  }
}

TEST(Client, RepeatedHeadersAreJoinedAndTrailersAreNone) {
  const FakeServer server(
      "HTTP/1.1 200 OK\r\nX-A: 1\r\nx-a:2 \r\nX-Empty:\r\nX-B: 1\r\n X-Folded: 2\r\nX Odd: "
      "3\r\nContent-Type: "
      "text/plain\r\nTransfer-Encoding: "
      "chunked\r\n\r\n1\r\nx\r\n0\r\nX-A: 3\r\nContent-Type: no\r\n\r\n",
      false);
  const auto r = get(server.url());
  ASSERT_TRUE(r) << r.error().message();
  EXPECT_EQ(r->headers.at("x-a"), "1, 2");
  EXPECT_EQ(r->headers.at("x-empty"), "");
  EXPECT_EQ(r->headers.size(), 5u) << "no folded line, no odd name";
  EXPECT_EQ(r->content_type, "text/plain");
  EXPECT_EQ(as_text(r->body), "x");
}

TEST(Client, AHeadAboveTheLimitIsTooLarge) {
  const std::string begin = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n";
  std::string lines;
  while (begin.size() + lines.size() + 100 < Client::kHeadMax)
    lines += "x-a: " + std::string(90, 'y') + "\r\n";
  EXPECT_TRUE(get(FakeServer(begin + lines + "\r\n", false).url()));
  EXPECT_EQ(get(FakeServer(begin + lines + lines + "\r\n", false).url()).code(), Errc::kTooLarge);
}

TEST(Client, ACodingThatNobodyAskedForIsANetworkError) {
  for (const char* coding : {"gzip", "gzip, chunked", "identity"}) {
    const FakeServer server(
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: " + std::string(coding) + "\r\n\r\nx", true);
    EXPECT_EQ(get(server.url()).code(), Errc::kNetwork) << coding;
  }
}

TEST(Client, OneLineAboveTheLimitIsTooLarge) {
  const FakeServer server("HTTP/1.1 200 OK\r\nX: " + std::string(400'000, 'y') + "\r\n\r\n", false);
  EXPECT_EQ(get(server.url(), 30s).code(), Errc::kTooLarge);
}

TEST(Client, WhereNoBodyIsWantedTheHeadIsTheAnswerWhateverFollows) {
  for (const char* more :
       {"Content-Length: 5\r\n\r\nab", "Transfer-Encoding: chunked\r\n\r\n", "\r\nab"}) {
    for (const bool close : {false, true}) {
      const FakeServer server("HTTP/1.1 202 Accepted\r\n" + std::string(more), close);
      auto client = Client::make({.base_url = server.url(), .timeout = 30s});
      const Stopwatch watch;
      const auto r = client->send("POST", "/", {}, as_bytes("x"), Client::kNoBody);
      ASSERT_TRUE(r) << more << r.error().message();
      EXPECT_EQ(r->status, 202);
      EXPECT_LT(watch.seconds(), 30);
    }
  }
}

TEST(Client, ABodyThatIsNotWantedMakesNoAnswerFail) {
  const Server server = serve(
      [](const Request&) { return text_response(200, "text/plain", std::string(5000, 'x')); });
  auto client = Client::make({.base_url = server.url()});
  for (int i = 0; i < 3; ++i) {
    const auto r = client->send("POST", "/", {}, as_bytes("x"), Client::kNoBody);
    ASSERT_TRUE(r) << r.error().message();
    EXPECT_EQ(r->status, 200);
    EXPECT_TRUE(r->body.empty());
  }
}

TEST(Client, ARequestIsSentAsItIsAndWithNothingElse) {
  Request got;
  const Server server = serve([&](const Request& r) {
    got = r;
    return Response{};
  });
  auto client = Client::make({.base_url = server.url() + "/base/"});
  const Bytes body = {0, 1, 255};
  for (const char* method : {"POST", "PUT", "DELETE", "PATCH", "GET"}) {
    ASSERT_TRUE(
        client->send(method, "/a/../b%2Fc?d=%20&e=f%23", {{"x-a", "b, c"}, {"x-empty", ""}}, body))
        << method;
    EXPECT_EQ(got.method, method);
    EXPECT_EQ(got.target(), "/base/a/../b%2Fc?d=%20&e=f%23");
    EXPECT_EQ(got.body, body);
    EXPECT_EQ(got.header("x-a"), "b, c");
    EXPECT_TRUE(got.headers.contains("x-empty"));
    EXPECT_EQ(got.header("content-type"), "application/octet-stream");
    EXPECT_FALSE(got.headers.contains("expect"));
    EXPECT_FALSE(got.headers.contains("accept-encoding"));
  }
  for (const char* method : {"GET", "DELETE", "OPTIONS", "POST"}) {
    ASSERT_TRUE(client->send(method, "/")) << method;
    EXPECT_EQ(got.method, method);
    EXPECT_TRUE(got.body.empty());
    EXPECT_FALSE(got.headers.contains("content-type")) << method;
  }
  ASSERT_TRUE(client->send("POST", "/", {{"Content-Type", "application/cbor"}}, body));
  EXPECT_EQ(got.header("content-type"), "application/cbor");
}

TEST(Client, WhatWouldSayMoreThanItIsThereForIsNotSent) {
  std::atomic<int> calls = 0;
  const Server server = serve([&](const Request&) {
    ++calls;
    return Response{};
  });
  auto client = Client::make({.base_url = server.url()});
  for (const char* target :
       {"", "a", "http://b.example/", "/a b", "/a\r\nX: y", "/a#b", "/\xc3\xa4"})
    EXPECT_EQ(client->send("GET", target).code(), Errc::kUsage) << target;
  for (const char* method : {"", "GET /", "A\r\nB"})
    EXPECT_EQ(client->send(method, "/").code(), Errc::kUsage) << method;
  for (const Headers& headers :
       {Headers{{"a", "b\r\nC: d"}}, {{"a", std::string(1, '\0')}}, {{"a: b", "c"}}, {{"", "c"}}})
    EXPECT_EQ(client->send("GET", "/", headers).code(), Errc::kUsage);
  EXPECT_EQ(calls, 0);
}

TEST(Client, OneThatIsSlowKeepsNoOtherWaiting) {
  const FakeServer silent("HTTP/1.1 200 OK\r\n", false);
  const Server server = serve([](const Request&) { return Response{}; });
  std::vector<std::jthread> waiting;
  for (int i = 0; i < 16; ++i) waiting.emplace_back([&] { EXPECT_FALSE(get(silent.url(), 3s)); });
  const Stopwatch watch;
  EXPECT_TRUE(get(server.url()));
  EXPECT_LT(watch.seconds(), 3);
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
  for (const char* url :
       {"", "nonsense", "ftp://a", "http://", "http://[::1", "file:///etc/passwd", "http://a:b@c",
        "http://a?b", "http://a#b", "http://a:99999", "http://a b"}) {
    EXPECT_EQ(Client::make({.base_url = url}).code(), Errc::kConfig) << url;
  }
}

TEST(Client, AnAddressOfSixteenBytesIsReached) {
  auto server = Server::start({.address = "::1"}, [](const Request&) { return Response{}; });
  if (!server) GTEST_SKIP() << server.error().message();
  EXPECT_TRUE(get(server->url())) << server->url();
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
