#include "edge-agent/operate/page.h"

#include <fmt/format.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>

namespace lotmark::agent {

namespace {

using Steady = std::chrono::steady_clock;
constexpr std::size_t kRequestMax = 2048;
constexpr auto kConnection = std::chrono::seconds(2);
constexpr int kLookMs = 500;  // for the end

bool ready(int fd, short what, Steady::time_point until) {
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - Steady::now()).count();
  pollfd p{fd, what, 0};
  return left > 0 && ::poll(&p, 1, static_cast<int>(left)) > 0;
}

// Up to the empty line behind the head; what is longer, or slower, is no request.
std::string request(int fd, Steady::time_point until) {
  std::string head;
  while (head.find("\r\n\r\n") == std::string::npos && head.find("\n\n") == std::string::npos) {
    char some[512];
    if (head.size() > kRequestMax || !ready(fd, POLLIN, until)) return {};
    const auto got = ::recv(fd, some, sizeof some, 0);
    if (got <= 0) return {};
    head.append(some, static_cast<std::size_t>(got));
  }
  return head.substr(0, head.find_first_of("\r\n"));
}

void send_all(int fd, std::string_view text, Steady::time_point until) {
  while (!text.empty() && ready(fd, POLLOUT, until)) {
    const auto put = ::send(fd, text.data(), text.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (put <= 0) return;
    text.remove_prefix(static_cast<std::size_t>(put));
  }
}

std::string reply(const char* status, const char* type, const std::string& body) {
  return fmt::format(
      "HTTP/1.0 {}\r\nContent-Type: {}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{}",
      status, type, body.size(), body);
}

}  // namespace

Result<std::unique_ptr<MetricsPage>> MetricsPage::open(std::uint16_t port,
                                                       const FigureBoard& board) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return fail(Errc::kNetwork, std::strerror(errno));
  const int yes = 1;
  ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  sockaddr_in a{};
  a.sin_family = AF_INET;
  a.sin_port = htons(port);
  a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof a;
  auto* address = reinterpret_cast<sockaddr*>(&a);
  if (::bind(fd, address, sizeof a) != 0 || ::listen(fd, 8) != 0 ||
      ::getsockname(fd, address, &size) != 0) {
    const std::string why = std::strerror(errno);
    ::close(fd);
    return fail(Errc::kNetwork, "metrics.listen 127.0.0.1:" + std::to_string(port) + ": " + why);
  }
  return std::unique_ptr<MetricsPage>(new MetricsPage(fd, ntohs(a.sin_port), board));
}

MetricsPage::MetricsPage(int fd, std::uint16_t port, const FigureBoard& board)
    : fd_(fd), port_(port), board_(board), thread_([this] { serve(); }) {}

MetricsPage::~MetricsPage() {
  stop_ = true;
  thread_.join();
  ::close(fd_);
}

void MetricsPage::serve() {
  while (!stop_) {
    if (!ready(fd_, POLLIN, Steady::now() + std::chrono::milliseconds(kLookMs))) continue;
    const int client = ::accept4(fd_, nullptr, nullptr, SOCK_CLOEXEC);
    if (client < 0) {
      std::this_thread::sleep_for(std::chrono::milliseconds(kLookMs));  // too many open files
      continue;
    }
    answer(client);
    ::close(client);
  }
}

void MetricsPage::answer(int client) const {
  constexpr const char* kText = "text/plain; charset=utf-8";
  const auto until = Steady::now() + kConnection;
  const std::string line = request(client, until);
  if (line.empty()) return;
  std::string out;
  if (line.starts_with("GET /metrics ")) {
    out = reply("200 OK", "text/plain; version=0.0.4; charset=utf-8", board_.text());
  } else if (line.starts_with("GET /healthz ")) {
    const std::string trouble = board_.trouble(Steady::now());
    out = trouble.empty() ? reply("200 OK", kText, "ok\n")
                          : reply("500 Internal Server Error", kText, trouble + "\n");
  } else {
    out = reply("404 Not Found", kText, "GET /metrics or /healthz\n");
  }
  send_all(client, out, until);
}

}  // namespace lotmark::agent
