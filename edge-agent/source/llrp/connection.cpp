#include "edge-agent/source/llrp/connection.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "edge-agent/source/address.h"

namespace lotmark::agent::llrp {

namespace {

constexpr std::chrono::seconds kNameLimit{10};
constexpr int kConnectMs = 10000;
constexpr int kWriteMs = 10000;
constexpr std::size_t kReadBytes = 65536;

// Zero once it stands, else what is wrong; -1 if stopped.
int connect_error(int fd, const Address& address, const StopEvent& stop) {
  if (::connect(fd, address.raw(), address.size) == 0) return 0;
  if (errno != EINPROGRESS) return errno;
  pollfd p[2] = {{fd, POLLOUT, 0}, {stop.fd(), POLLIN, 0}};
  const int n = ::poll(p, 2, kConnectMs);
  if (p[1].revents != 0) return -1;
  if (n == 0) return ETIMEDOUT;
  int error = 0;
  socklen_t size = sizeof error;
  if (::getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) != 0) return errno;
  return error;
}

}  // namespace

Result<Connection> Connection::open(const std::string& host, std::uint16_t port,
                                    const StopEvent& stop) {
  LM_ASSIGN(const auto addresses, find_addresses(host, port, kNameLimit, stop));
  int last = 0;
  for (const auto& a : addresses) {
    const int fd = ::socket(a.family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) return system_error("socket");
    Connection c(fd);
    last = connect_error(fd, a, stop);
    if (last == -1) return fail(Errc::kUnavailable, "stopped");
    if (last != 0) continue;
    const int on = 1;
    ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    return c;
  }
  return fail(Errc::kIo, host + ":" + std::to_string(port) + ": " + std::strerror(last));
}

Connection::~Connection() {
  if (fd_ >= 0) ::close(fd_);
}

Result<Bytes> Connection::read(std::chrono::milliseconds wait, const StopEvent* stop) {
  pollfd p[2] = {{fd_, POLLIN, 0}, {stop != nullptr ? stop->fd() : -1, POLLIN, 0}};
  if (::poll(p, 2, static_cast<int>(wait.count())) < 0 && errno != EINTR)
    return system_error("poll");
  if (p[1].revents != 0) return fail(Errc::kUnavailable, "stopped");
  if (p[0].revents == 0) return Bytes{};
  Bytes bytes(kReadBytes);
  const ssize_t got = ::recv(fd_, bytes.data(), bytes.size(), 0);
  if (got == 0) return fail(Errc::kIo, "the reader closed the connection");
  if (got < 0) {
    if (errno == EINTR || errno == EAGAIN) return Bytes{};
    return system_error("read");
  }
  bytes.resize(static_cast<std::size_t>(got));
  return bytes;
}

Status Connection::write(ByteView bytes) {
  while (!bytes.empty()) {
    pollfd p{fd_, POLLOUT, 0};
    if (::poll(&p, 1, kWriteMs) == 0) return fail(Errc::kIo, "the reader takes nothing");
    const ssize_t put = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (put > 0) bytes = bytes.subspan(static_cast<std::size_t>(put));
    else if (errno != EINTR && errno != EAGAIN) return system_error("write");
  }
  return {};
}

}  // namespace lotmark::agent::llrp
