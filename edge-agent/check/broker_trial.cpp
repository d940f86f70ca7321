#include "edge-agent/check/broker_trial.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>

#include "core/base/private_file.h"
#include "edge-agent/source/address.h"
#include "edge-agent/source/broker.h"

namespace lotmark::agent {

namespace {

using Steady = std::chrono::steady_clock;
constexpr std::size_t kPacketMax = 1u << 20;

struct FreeContext {
  void operator()(SSL_CTX* p) const { SSL_CTX_free(p); }
};
struct FreeSsl {
  void operator()(SSL* p) const { SSL_free(p); }
};

Error broken(const std::string& step, const std::string& why) {
  return fail(Errc::kNetwork, step + ": " + why);
}

std::string tls_error() {
  const auto code = ERR_get_error();
  char text[256] = "the connection was closed";
  if (code != 0) ERR_error_string_n(code, text, sizeof text);
  ERR_clear_error();
  return text;
}

class Connection {
 public:
  Connection() = default;
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  ~Connection() {
    ssl_.reset();
    if (fd_ >= 0) ::close(fd_);
  }
  Status reach(const BrokerUrl& a, std::chrono::milliseconds timeout);
  Status secure(const BrokerUrl& a, const BrokerConfig& b);
  Status send(ByteView bytes);
  // One MQTT packet: its first byte, then its body. unavailable: none began until then.
  Result<std::pair<std::uint8_t, Bytes>> packet(Steady::time_point until);
  std::string protocol() const { return ssl_ ? SSL_get_version(ssl_.get()) : "plain"; }

 private:
  Status read(std::uint8_t* out, std::size_t size);
  bool wait(Steady::time_point until) const;

  int fd_ = -1;
  std::unique_ptr<SSL_CTX, FreeContext> context_;
  std::unique_ptr<SSL, FreeSsl> ssl_;
};

Status Connection::reach(const BrokerUrl& a, std::chrono::milliseconds timeout) {
  const StopEvent never;
  const auto addresses = find_addresses(a.host, a.port, timeout, never);
  if (!addresses) return broken("name", addresses.error().text);
  std::string why = "no address";
  for (const auto& at : *addresses) {
    if (fd_ >= 0) ::close(fd_);
    fd_ = ::socket(at.family(), SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd_ < 0) continue;
    // Holds for connect as well (socket(7)).
    const timeval tv{timeout.count() / 1000, timeout.count() % 1000 * 1000};
    ::setsockopt(fd_, SOL_SOCKET, SO_SNDTIMEO, &tv, sizeof tv);
    ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof tv);
    if (::connect(fd_, at.raw(), at.size) == 0) return {};
    why = errno == EINPROGRESS ? "no answer" : std::strerror(errno);
  }
  return broken(fmt::format("TCP to {}:{}", a.host, a.port), why);
}

Status Connection::secure(const BrokerUrl& a, const BrokerConfig& b) {
  context_.reset(SSL_CTX_new(TLS_client_method()));
  SSL_CTX* c = context_.get();
  SSL_CTX_set_min_proto_version(c, TLS1_2_VERSION);
  SSL_CTX_set_verify(c, SSL_VERIFY_PEER, nullptr);
  if (SSL_CTX_load_verify_file(c, b.ca.c_str()) != 1) return broken("ca " + b.ca, tls_error());
  if (!b.cert.empty() && SSL_CTX_use_certificate_chain_file(c, b.cert.c_str()) != 1) {
    return broken("cert " + b.cert, tls_error());
  }
  if (!b.key.empty() && SSL_CTX_use_PrivateKey_file(c, b.key.c_str(), SSL_FILETYPE_PEM) != 1) {
    return broken("key " + b.key, tls_error());
  }
  ssl_.reset(SSL_new(c));
  in6_addr ignored{};
  if (::inet_pton(AF_INET, a.host.c_str(), &ignored) == 1 ||
      ::inet_pton(AF_INET6, a.host.c_str(), &ignored) == 1) {
    X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl_.get()), a.host.c_str());
  } else {
    SSL_set1_host(ssl_.get(), a.host.c_str());
    SSL_set_tlsext_host_name(ssl_.get(), a.host.c_str());
  }
  SSL_set_fd(ssl_.get(), fd_);
  if (SSL_connect(ssl_.get()) == 1) return {};
  const long verified = SSL_get_verify_result(ssl_.get());
  if (verified == X509_V_OK) return broken("TLS", tls_error());
  ERR_clear_error();
  return broken(
      "TLS", std::string("the broker's certificate: ") + X509_verify_cert_error_string(verified));
}

Status Connection::send(ByteView bytes) {
  const auto size = static_cast<int>(bytes.size());
  const auto done = ssl_ ? SSL_write(ssl_.get(), bytes.data(), size)
                         : ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
  if (done == size) return {};
  return broken("sending", ssl_ ? tls_error() : std::strerror(errno));
}

bool Connection::wait(Steady::time_point until) const {
  if (ssl_ && SSL_has_pending(ssl_.get()) == 1) return true;
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - Steady::now());
  pollfd p{fd_, POLLIN, 0};
  return ::poll(&p, 1, static_cast<int>(std::max<std::int64_t>(0, left.count()))) > 0;
}

Status Connection::read(std::uint8_t* out, std::size_t size) {
  for (std::size_t have = 0; have < size;) {
    const auto got = ssl_ ? SSL_read(ssl_.get(), out + have, static_cast<int>(size - have))
                          : ::recv(fd_, out + have, size - have, 0);
    if (got <= 0) {
      return broken("reading", ssl_ ? tls_error() : got == 0 ? "closed" : std::strerror(errno));
    }
    have += static_cast<std::size_t>(got);
  }
  return {};
}

Result<std::pair<std::uint8_t, Bytes>> Connection::packet(Steady::time_point until) {
  if (!wait(until)) return fail(Errc::kUnavailable, "nothing came");
  std::uint8_t type = 0;
  LM_TRY(read(&type, 1));
  std::size_t size = 0;
  for (unsigned shift = 0; shift <= 21; shift += 7) {
    std::uint8_t b = 0;
    LM_TRY(read(&b, 1));
    size |= std::size_t{b & 0x7fu} << shift;
    if ((b & 0x80u) == 0) break;
  }
  if (size > kPacketMax) return broken("reading", "a packet above 1 MiB");
  Bytes body(size);
  LM_TRY(read(body.data(), size));
  return std::pair{type, std::move(body)};
}

void put_text(Bytes& out, std::string_view text) {
  out.push_back(static_cast<std::uint8_t>(text.size() >> 8));
  out.push_back(static_cast<std::uint8_t>(text.size()));
  out.insert(out.end(), text.begin(), text.end());
}

// Fixed header and body; ours are short.
Bytes packet_of(std::uint8_t type, const Bytes& body) {
  Bytes out{type};
  std::size_t size = body.size();
  do {
    out.push_back(static_cast<std::uint8_t>((size & 0x7f) | (size > 0x7f ? 0x80 : 0)));
    size >>= 7;
  } while (size > 0);
  out.insert(out.end(), body.begin(), body.end());
  return out;
}

Status greet(Connection& c, const TrialOptions& o, Steady::time_point until) {
  Bytes body;
  put_text(body, "MQTT");
  std::uint8_t flags = 2;  // clean session
  if (!o.broker.user.empty()) flags |= 0x80;
  if (!o.broker.password_file.empty()) flags |= 0x40;
  body.insert(body.end(), {4, flags, 0, 0});  // 3.1.1, no keep-alive
  put_text(body, o.client_id);
  if (!o.broker.user.empty()) put_text(body, o.broker.user);
  if (!o.broker.password_file.empty()) {
    LM_ASSIGN(const auto password, read_password(o.broker.password_file));
    put_text(body, password);
  }
  LM_TRY(c.send(packet_of(0x10, body)));
  LM_ASSIGN(auto answer, c.packet(until));
  if (answer.first != 0x20 || answer.second.size() != 2) return broken("CONNECT", "no CONNACK");
  if (answer.second[1] == 0) return {};
  return fail(Errc::kDenied,
              fmt::format("CONNECT: return code {} (4 and 5: not allowed)", answer.second[1]));
}

Status subscribe(Connection& c, const TrialOptions& o, Steady::time_point until) {
  Bytes body{0, 1};
  put_text(body, o.topic);
  body.push_back(0);
  LM_TRY(c.send(packet_of(0x82, body)));
  for (;;) {  // a retained message may come before the answer
    LM_ASSIGN(auto answer, c.packet(until));
    if (answer.first >> 4 == 3) continue;
    if (answer.first != 0x90 || answer.second.size() != 3) return broken("SUBSCRIBE", "no SUBACK");
    if (answer.second[2] <= 2) return {};
    return fail(Errc::kDenied, "SUBSCRIBE to " + o.topic + ": refused");
  }
}

}  // namespace

Result<TrialReport> try_broker(const TrialOptions& o,
                               const std::function<bool(ByteView payload)>& on_message) {
  const auto address = read_broker_url(o.broker.url);
  Connection c;
  LM_TRY(c.reach(address, o.timeout));
  if (address.tls) LM_TRY(c.secure(address, o.broker));
  TrialReport report;
  report.protocol = c.protocol();
  LM_TRY(greet(c, o, Steady::now() + o.timeout));
  if (!o.topic.empty()) LM_TRY(subscribe(c, o, Steady::now() + o.timeout));
  const auto until = Steady::now() + o.listen;
  while (!report.heard && o.listen.count() > 0) {
    auto got = c.packet(until);
    if (!got && got.code() == Errc::kUnavailable) break;
    if (!got) return got.error();
    const Bytes& body = got->second;
    if (got->first >> 4 != 3 || body.size() < 2) continue;
    const std::size_t skip = 2 + std::size_t{body[0]} * 256 + body[1];
    if (skip <= body.size()) report.heard = on_message(ByteView(body).subspan(skip));
  }
  (void)c.send(packet_of(0xe0, {}));  // DISCONNECT: how it ends says nothing
  return report;
}

}  // namespace lotmark::agent
