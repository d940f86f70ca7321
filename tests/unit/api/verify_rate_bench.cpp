// GET /v1/verify against a bare cpprestsdk handler that answers the same bytes, on the listener as
// it comes. Each server runs in a process of its own; 64 kept connections ask one after the other,
// from one thread.
#include <cpprest/http_listener.h>
#include <sys/epoll.h>
#include <sys/wait.h>

#include <algorithm>
#include <csignal>
#include <cstdio>

#include "tests/free_ports.h"
#include "tests/unit/api/api_fixture.h"
#include "tests/unit/http/raw_socket.h"

namespace lotmark::api {
namespace {

constexpr int kConnections = 64;
constexpr double kRoundS = 3;

// A server in a child process, ended when this goes.
struct Child {
  template <class Fn>
  explicit Child(Fn serve)
      : port(static_cast<std::uint16_t>(lotmark::test::free_port())), pid(::fork()) {
    if (pid == 0) {
      serve(port);
      ::pause();
      ::_exit(0);
    }
  }
  ~Child() {
    ::kill(pid, SIGKILL);
    ::waitpid(pid, nullptr, 0);
  }
  std::uint16_t port;
  pid_t pid;
};

void serve_bare(std::uint16_t port, const std::string& body) {
  using namespace web::http;
  auto* listener =
      new experimental::listener::http_listener("http://127.0.0.1:" + std::to_string(port));
  listener->support(methods::GET, [body](const http_request& r) {
    http_response out(200);
    out.set_body(body, "application/json");
    r.reply(out);
  });
  listener->open().wait();
}

void serve_api(std::uint16_t port) {
  auto* source = new test::MemoryLots;
  auto* clock = new ManualClock{from_ms(1798761600000)};
  auto* routes = new Routes(*source, *clock, *PageFiles::read({}), "https://lot.example");
  http::ServerOptions options;
  options.port = port;
  auto server =
      http::Server::start(options, [routes](const http::Request& r) { return routes->handle(r); });
  if (!server) ::_exit(1);
  new http::Server(std::move(*server));
}

struct Load {
  double rate = 0;
  double p99_ms = 0;
};

Load load(std::uint16_t port) {
  using Now = std::chrono::steady_clock;
  const std::string ask =
      "GET /v1/verify" + test::kLotPath + " HTTP/1.1\r\nHost: a\r\nAccept: */*\r\n\r\n";
  struct Line {
    int fd = -1;
    std::string in;
    Now::time_point sent;
  };
  std::vector<Line> lines(kConnections);
  const int poll = ::epoll_create1(0);
  for (auto& l : lines) {
    l.fd = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::connect(l.fd, reinterpret_cast<sockaddr*>(&to), sizeof to), 0);
    epoll_event e{EPOLLIN, {.ptr = &l}};
    ::epoll_ctl(poll, EPOLL_CTL_ADD, l.fd, &e);
    l.sent = Now::now();
    (void)!::send(l.fd, ask.data(), ask.size(), MSG_NOSIGNAL);
  }
  std::vector<double> took_ms;
  const auto begin = Now::now();
  const auto elapsed = [&] { return std::chrono::duration<double>(Now::now() - begin).count(); };
  char buffer[65536];
  while (elapsed() < kRoundS) {
    epoll_event events[kConnections];
    const int n = ::epoll_wait(poll, events, kConnections, 100);
    for (int i = 0; i < n; ++i) {
      Line& l = *static_cast<Line*>(events[i].data.ptr);
      const ssize_t got = ::recv(l.fd, buffer, sizeof buffer, 0);
      if (got <= 0) {
        ADD_FAILURE() << "the server closed a connection";
        return {};
      }
      l.in.append(buffer, static_cast<std::size_t>(got));
      const auto head = l.in.find("\r\n\r\n");
      const auto length = l.in.find("Content-Length: ");
      if (head == std::string::npos || length == std::string::npos) continue;
      if (l.in.size() < head + 4 + std::stoul(l.in.substr(length + 16))) continue;
      const auto now = Now::now();
      took_ms.push_back(std::chrono::duration<double, std::milli>(now - l.sent).count());
      l.in.clear();
      l.sent = now;
      (void)!::send(l.fd, ask.data(), ask.size(), MSG_NOSIGNAL);
    }
  }
  const double seconds = elapsed();
  for (auto& l : lines) ::close(l.fd);
  ::close(poll);
  std::sort(took_ms.begin(), took_ms.end());
  return {static_cast<double>(took_ms.size()) / seconds, took_ms[took_ms.size() * 99 / 100]};
}

TEST(VerifyRate, HoldsAgainstABareHandler) {
  Child api(serve_api);
  std::this_thread::sleep_for(std::chrono::milliseconds(500));
  const std::string answer =
      http::test::RawSocket::ask(api.port, "GET /v1/verify" + test::kLotPath +
                                               " HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  const std::string body = answer.substr(answer.find("\r\n\r\n") + 4);
  ASSERT_GT(body.size(), 1000u);
  Child bare([&](std::uint16_t port) { serve_bare(port, body); });
  std::this_thread::sleep_for(std::chrono::milliseconds(500));
  std::vector<double> ratios;
  double worst_p99 = 0;
  for (int round = 0; round < 3; ++round) {
    const Load b = load(bare.port);
    const Load a = load(api.port);
    ratios.push_back(a.rate / b.rate);
    worst_p99 = std::max(worst_p99, a.p99_ms);
    std::printf("round %d: bare %.0f/s p99 %.2f ms, api %.0f/s p99 %.2f ms\n", round, b.rate,
                b.p99_ms, a.rate, a.p99_ms);
  }
  std::sort(ratios.begin(), ratios.end());
  std::printf("verify-rate ratio=%.2f value=%.2f unit=ms-p99 yardstick=bare-cpprestsdk\n",
              ratios[1], worst_p99);
  EXPECT_GE(ratios[1], 0.70);
  EXPECT_LT(worst_p99, 20.0);
}

}  // namespace
}  // namespace lotmark::api
