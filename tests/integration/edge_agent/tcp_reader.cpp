#include "tests/integration/edge_agent/tcp_reader.h"

#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/base/assert.h"
#include "tests/free_ports.h"

namespace lotmark::agent::llrp::test {

namespace {
constexpr int kTurnMs = 5;
}

TcpReader::TcpReader(ModelOptions options, std::int64_t clock_offset_us)
    : offset_(clock_offset_us),
      port_(static_cast<std::uint16_t>(lotmark::test::free_port())),
      model_(options) {
  listen();
  thread_ = std::thread([this] {
    while (!over_) run();
  });
}

TcpReader::~TcpReader() {
  over_ = true;
  thread_.join();
  drop();
  if (listener_ >= 0) ::close(listener_);
}

void TcpReader::listen() {
  listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  const int on = 1;
  ::setsockopt(listener_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port_);
  LM_ASSERT(::bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
  LM_ASSERT(::listen(listener_, 4) == 0);
}

std::uint64_t TcpReader::micros() const {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  const auto us = std::chrono::duration_cast<std::chrono::microseconds>(now).count();
  return static_cast<std::uint64_t>(us + offset_);
}

void TcpReader::run() {
  pollfd p[2];
  {
    std::lock_guard lock(mutex_);
    p[0] = {listener_, POLLIN, 0};
    p[1] = {client_, POLLIN, 0};
  }
  ::poll(p, 2, kTurnMs);
  std::lock_guard lock(mutex_);
  if (listener_ >= 0 && p[0].fd == listener_ && p[0].revents != 0) accept();
  else if (client_ >= 0 && p[1].fd == client_ && p[1].revents != 0) read();
  const auto now = std::chrono::steady_clock::now();
  if (client_ < 0 || mute_ || model_.keepalive_ms == 0 || now < next_keepalive_) return;
  next_keepalive_ = now + std::chrono::milliseconds(model_.keepalive_ms);
  ++keepalives_;
  put(model_.keepalive());
}

void TcpReader::accept() {
  const int fd = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
  if (fd < 0) return;
  drop();
  client_ = fd;
  ++connections_;
  next_keepalive_ = std::chrono::steady_clock::now() + std::chrono::milliseconds(50);
  put(model_.connect(micros()));
}

void TcpReader::read() {
  Bytes bytes(4096);
  const ssize_t got = ::recv(client_, bytes.data(), bytes.size(), 0);
  if (got <= 0) return drop();
  if (mute_) return;
  bytes.resize(static_cast<std::size_t>(got));
  traffic_.push_back({false, bytes});
  put(model_.take(bytes));
}

void TcpReader::drop() {
  if (client_ >= 0) ::close(client_);
  client_ = -1;
  model_.disconnect();
}

void TcpReader::put(const Bytes& bytes) {
  if (bytes.empty() || client_ < 0) return;
  traffic_.push_back({true, bytes});
  (void)!::send(client_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
}

std::uint64_t TcpReader::see(const std::string& epc, std::uint16_t antenna, int rssi) {
  std::lock_guard lock(mutex_);
  const std::uint64_t now = micros();
  Bytes report = model_.see({epc, antenna, rssi, now});
  const std::size_t cut = cut_.exchange(0);
  if (cut != 0) report.resize(std::min(cut, report.size()));
  put(report);
  if (cut != 0) drop();
  return now;
}

void TcpReader::tell(ParameterType event, const Bytes& value) {
  send(reader_message(MessageType::kReaderEventNotification, 1,
                      event_body(micros(), true, event, value)));
}

void TcpReader::send(const Bytes& bytes) {
  std::lock_guard lock(mutex_);
  put(bytes);
}

void TcpReader::hang_up() {
  std::lock_guard lock(mutex_);
  drop();
}

void TcpReader::power(bool on) {
  std::lock_guard lock(mutex_);
  if (on) return listen();
  drop();
  ::close(listener_);
  listener_ = -1;
  model_ = ReaderModel();
}

}  // namespace lotmark::agent::llrp::test
