#include "bench/api/caller.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>

namespace lotmark::bench {

namespace {

constexpr std::size_t kAnswerMax = 4u << 20;

// The value behind a name at the begin of a line, names in either spelling that servers use.
std::string_view header(std::string_view head, std::string_view name) {
  for (std::size_t at = head.find("\r\n"); at != std::string_view::npos;
       at = head.find("\r\n", at + 2)) {
    const auto line = head.substr(at + 2, head.find("\r\n", at + 2) - at - 2);
    if (line.size() < name.size() + 2 || line[name.size()] != ':') continue;
    bool same = true;
    for (std::size_t i = 0; same && i < name.size(); ++i)
      same = (line[i] | 0x20) == (name[i] | 0x20);
    if (same) return line.substr(name.size() + 2);
  }
  return {};
}

}  // namespace

void Caller::close() {
  if (tls_ != nullptr) SSL_free(tls_);
  tls_ = nullptr;
  if (fd_ >= 0) ::close(fd_);
  fd_ = -1;
}

Status Caller::connect() {
  close();
  fd_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(port_);
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (fd_ < 0 || ::connect(fd_, reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0)
    return fail(Errc::kNetwork, "cannot connect to port " + std::to_string(port_));
  const int on = 1;
  ::setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  ::fcntl(fd_, F_SETFL, ::fcntl(fd_, F_GETFL) | O_NONBLOCK);
  shaken_ = tls_context_ == nullptr;
  broken_ = wants_write_ = false;
  if (!shaken_) {
    tls_ = SSL_new(tls_context_);
    SSL_set_fd(tls_, fd_);
    SSL_set_tlsext_host_name(tls_, "lot.example");
    SSL_set_connect_state(tls_);
  }
  return {};
}

void Caller::ask(std::string_view request) {
  out_ = request;
  sent_ = whole_ = 0;
  in_.clear();
  status_ = 0;
  closes_ = false;
  asked_at_ = Clock::now();
}

// True: over. False: waits for the socket, or broken.
bool Caller::shake_hands() {
  const int done = SSL_do_handshake(tls_);
  if (done == 1) return shaken_ = true;
  const int why = SSL_get_error(tls_, done);
  wants_write_ = why == SSL_ERROR_WANT_WRITE;
  broken_ = why != SSL_ERROR_WANT_READ && why != SSL_ERROR_WANT_WRITE;
  return false;
}

bool Caller::send_rest() {
  while (sent_ < out_.size()) {
    const auto rest = std::string_view(out_).substr(sent_);
    ssize_t n = 0;
    if (tls_ != nullptr) {
      n = SSL_write(tls_, rest.data(), static_cast<int>(rest.size()));
      const int why = n > 0 ? SSL_ERROR_NONE : SSL_get_error(tls_, static_cast<int>(n));
      wants_write_ = why == SSL_ERROR_WANT_WRITE;
      broken_ = n <= 0 && !wants_write_ && why != SSL_ERROR_WANT_READ;
    } else {
      n = ::send(fd_, rest.data(), rest.size(), MSG_NOSIGNAL);
      wants_write_ = n < 0 && (errno == EAGAIN || errno == EINTR);
      broken_ = n < 0 && !wants_write_;
    }
    if (n <= 0) return false;
    sent_ += static_cast<std::size_t>(n);
  }
  wants_write_ = false;
  return true;
}

bool Caller::take_head() {
  const auto end = in_.find("\r\n\r\n");
  if (end == std::string::npos) return false;
  const auto head = std::string_view(in_).substr(0, end + 2);
  const auto length = header(head, "content-length");
  status_ = std::atoi(in_.c_str() + in_.find(' '));
  const bool bodiless = status_ == 204 || status_ == 304;
  // Chunked answers are none of what is measured.
  broken_ = length.empty() && !bodiless;
  whole_ = end + 4 + (bodiless ? 0 : std::strtoull(length.data(), nullptr, 10));
  closes_ = header(head, "connection").starts_with("close");
  return !broken_;
}

// True: the answer is there.
bool Caller::receive() {
  char part[65536];
  for (;;) {
    ssize_t n = 0;
    bool waits = false;
    if (tls_ != nullptr) {
      n = SSL_read(tls_, part, sizeof part);
      waits = n <= 0 && SSL_get_error(tls_, static_cast<int>(n)) == SSL_ERROR_WANT_READ;
    } else {
      n = ::recv(fd_, part, sizeof part, 0);
      waits = n < 0 && (errno == EAGAIN || errno == EINTR);
    }
    if (waits) return false;
    broken_ = n <= 0 || in_.size() > kAnswerMax;
    if (broken_) return false;
    in_.append(part, static_cast<std::size_t>(n));
    if (whole_ == 0 && !take_head()) {
      if (broken_) return false;
      continue;
    }
    if (in_.size() >= whole_) return true;
  }
}

Caller::Step Caller::go_on() {
  const bool answered = (shaken_ || shake_hands()) && send_rest() && receive();
  if (broken_) return Step::kBroken;
  return answered ? Step::kAnswered : Step::kWaits;
}

}  // namespace lotmark::bench
