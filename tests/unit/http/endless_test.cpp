// A server with a certificate of the right CA that does not stop: what a client takes into memory before it gives up.
#include <gtest/gtest.h>
#include <openssl/ssl.h>

#include <csignal>
#include <fstream>
#include <thread>

#include "core/http/client.h"
#include "core/http/server.h"
#include "tests/unit/http/raw_socket.h"
#include "tests/unit/http/test_certificates.h"

namespace lotmark::http {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kEnough = 64u << 20;

// The most this process had in memory since it was asked last.
std::size_t peak_kib() {
  std::ifstream status("/proc/self/status");
  std::size_t kib = 0;
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("VmHWM:")) kib = std::stoul(line.substr(6));
  }
  std::ofstream("/proc/self/clear_refs") << 5;
  return kib;
}

// Begins an answer to each of its callers and goes on with it for as long as it is taken.
class EndlessServer {
 public:
  EndlessServer(const test::Certificates& certificates, std::string begin, std::string more,
                bool new_keys = false)
      : context_(SSL_CTX_new(TLS_server_method())),
        fd_(::socket(AF_INET, SOCK_STREAM, 0)),
        begin_(std::move(begin)),
        more_(std::move(more)),
        new_keys_(new_keys) {
    SSL_CTX_use_certificate_file(context_, certificates.cert("server").c_str(), SSL_FILETYPE_PEM);
    SSL_CTX_use_PrivateKey_file(context_, certificates.key("server").c_str(), SSL_FILETYPE_PEM);
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ::bind(fd_, reinterpret_cast<sockaddr*>(&at), sizeof at);
    ::listen(fd_, 5);
    socklen_t size = sizeof at;
    ::getsockname(fd_, reinterpret_cast<sockaddr*>(&at), &size);
    port_ = ntohs(at.sin_port);
    thread_ = std::thread([this] { answer(); });
  }
  ~EndlessServer() {
    ::shutdown(fd_, SHUT_RDWR);
    if (thread_.joinable()) thread_.join();
    ::close(fd_);
    SSL_CTX_free(context_);
  }
  std::string url() const { return "https://127.0.0.1:" + std::to_string(port_); }
  // How much of it was taken, what the kernel holds included.
  std::size_t taken() {
    thread_.join();
    return taken_;
  }

 private:
  void answer() {
    sigset_t pipe;  // a caller that left is what is waited for
    sigemptyset(&pipe);
    sigaddset(&pipe, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &pipe, nullptr);
    const int c = ::accept(fd_, nullptr, nullptr);
    if (c < 0) return;
    SSL* ssl = SSL_new(context_);
    SSL_set_fd(ssl, c);
    char request[4096];
    if (SSL_accept(ssl) == 1 && SSL_read(ssl, request, sizeof request) > 0) {
      if (!begin_.empty()) SSL_write(ssl, begin_.data(), static_cast<int>(begin_.size()));
      while (taken_ < kEnough && SSL_write(ssl, more_.data(), static_cast<int>(more_.size())) > 0) {
        taken_ += more_.size();
        if (new_keys_) SSL_key_update(ssl, SSL_KEY_UPDATE_REQUESTED);
      }
    }
    SSL_free(ssl);
    ::close(c);
  }

  SSL_CTX* context_;
  int fd_;
  std::string begin_;
  std::string more_;
  bool new_keys_;
  std::uint16_t port_ = 0;
  std::size_t taken_ = 0;
  std::thread thread_;
};

class Endless : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!certificates.ok()) GTEST_SKIP() << "no openssl program to make certificates with";
  }
  Client client(const std::string& url) const {
    auto made = Client::make({.base_url = url,
                              .ca = certificates.cert("ca"),
                              .certificate = certificates.cert("client"),
                              .key = certificates.key("client"),
                              .timeout = 20s});
    EXPECT_TRUE(made) << made.error().message();
    return std::move(*made);
  }
  Result<Response> get(const std::string& url) const {
    return client(url).send("GET", "/", {}, {}, 1000);
  }
  void expect_given_up(EndlessServer& server) const {
    EXPECT_FALSE(get(server.url()));
    EXPECT_LT(server.taken(), 16u << 20);  // sockets' buffers included
  }
  // What is thrown away as it comes may go on until the deadline.
  void expect_not_held(EndlessServer& server) const {
    const std::size_t before = peak_kib();
    EXPECT_FALSE(get(server.url()));
    EXPECT_EQ(server.taken(), kEnough);
    EXPECT_LT(peak_kib(), before + 16 * 1024);
  }
  test::Certificates certificates;
  const std::string piece = std::string(64 * 1024, 'x');
  const std::string chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
};

TEST_F(Endless, AChunkIsNotHeldWhole) {
  EndlessServer server(certificates, chunked + "7fffffff\r\n", piece);
  expect_given_up(server);
}

TEST_F(Endless, NorWhatFollowsAChunksSize) {
  EndlessServer server(certificates, chunked + "7f;", piece);
  expect_not_held(server);
}

TEST_F(Endless, NorLinesOfAHead) {
  std::string lines;
  for (int i = 0; i < 8000; ++i) lines += "a: 1\r\n";
  EndlessServer server(certificates, "HTTP/1.1 200 OK\r\n", lines);
  expect_given_up(server);
}

TEST_F(Endless, NorInterimAnswers) {
  std::string interim;
  for (int i = 0; i < 2000; ++i) interim += "HTTP/1.1 102 Processing\r\n\r\n";
  EndlessServer server(certificates, "", interim);
  expect_given_up(server);
}

TEST_F(Endless, NorTrailers) {
  std::string lines;
  for (int i = 0; i < 8000; ++i) lines += "a: 1\r\n";
  EndlessServer server(certificates, chunked + "1\r\nx\r\n0\r\n", lines);
  expect_given_up(server);
}

TEST_F(Endless, NorIsABodyThatIsNotWantedReadOn) {
  EndlessServer server(certificates, chunked + "7fffffff\r\n", piece);
  const auto answer = client(server.url()).send("GET", "/", {}, {}, Client::kNoBody);
  ASSERT_TRUE(answer) << answer.error().message();
  EXPECT_EQ(answer->status, 200);
  EXPECT_TRUE(answer->body.empty());
  EXPECT_LT(server.taken(), 16u << 20);
}

TEST_F(Endless, NorAHead) {
  EndlessServer server(certificates, "HTTP/1.1 200 OK\r\nX: ", piece);
  expect_given_up(server);
}

TEST_F(Endless, NorAStatusLine) {
  EndlessServer server(certificates, "", piece);
  expect_given_up(server);
}

// Each makes a TLS 1.3 client say something, which is no new request.
TEST_F(Endless, NewKeysInBetweenChangeNothing) {
  EndlessServer server(certificates, chunked + "7fffffff\r\n", piece, true);
  expect_given_up(server);
}

TEST_F(Endless, WhatIsTakenIsCountedForEachRequestAnew) {
  ServerOptions o;
  o.certificate = certificates.cert("server");
  o.key = certificates.key("server");
  const std::string most(900 * 1024, 'x');
  auto server =
      Server::start(o, [&](const Request&) { return text_response(200, "text/plain", most); });
  ASSERT_TRUE(server) << server.error().message();
  auto client = Client::make({.base_url = server->url(), .ca = certificates.cert("ca")});
  for (int i = 0; i < 4; ++i) {
    const auto r = client->send("GET", "/", {}, {}, most.size());
    ASSERT_TRUE(r) << r.error().message();
    EXPECT_EQ(r->body.size(), most.size());
  }
}

}  // namespace
}  // namespace lotmark::http
