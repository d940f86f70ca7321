#include "core/http/listener.h"

#include <boost/asio/post.hpp>

#include "core/base/log.h"

namespace lotmark::http {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

Result<std::unique_ptr<Listener>> Listener::bind(const ServerOptions& options) {
  error_code ec;
  const auto address = asio::ip::make_address(options.address, ec);
  if (ec) return fail(Errc::kConfig, "'" + options.address + "' is no IP address to listen on");
  auto listener = std::make_unique<Listener>(options);
  const tcp::endpoint endpoint(address, options.port);
  auto& acceptor = listener->acceptor_;
  acceptor.open(endpoint.protocol(), ec);
  if (!ec) acceptor.set_option(tcp::acceptor::reuse_address(true), ec);
  if (!ec) acceptor.bind(endpoint, ec);
  if (!ec) acceptor.listen(asio::socket_base::max_listen_connections, ec);
  if (ec) {
    return fail(Errc::kNetwork, "cannot listen on " + options.address + ":" +
                                    std::to_string(options.port) + ": " + ec.message());
  }
  listener->port_ = acceptor.local_endpoint(ec).port();
  const auto shortest = std::min({options.first_byte_timeout, options.idle_timeout,
                                  options.read_timeout, options.write_timeout});
  listener->tick_ = std::clamp(shortest / 4, std::chrono::milliseconds(20), listener->tick_);
  return listener;
}

void Listener::open(Sink sink, const TlsSetup& tls_setup) {
  sink_ = std::move(sink);
  if (tls_setup) {
    tls_ = std::make_unique<asio::ssl::context>(asio::ssl::context::tls_server);
    tls_setup(*tls_);
  }
  accept();
  tick();
  thread_ = std::thread([this] { io_.run(); });
}

void Listener::accept() {
  acceptor_.async_accept([this](const error_code& ec, tcp::socket socket) {
    if (ec == asio::error::operation_aborted || !acceptor_.is_open()) return;
    if (ec) {  // most likely no file descriptor is left: try again at the next tick
      log::warn("http.accept_failed", {{"port", port_}, {"why", ec.message()}});
      accept_failed_ = true;
      return;
    }
    admit(std::move(socket));
    accept();
  });
}

// What connections are counted by: an IPv4 address, the /64 a site has of IPv6.
static std::string counted_by(asio::ip::address address) {
  if (address.is_v6() && address.to_v6().is_v4_mapped()) {
    address = asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6());
  }
  if (address.is_v4()) return address.to_string();
  auto bytes = address.to_v6().to_bytes();
  std::fill(bytes.begin() + 8, bytes.end(), std::uint8_t{0});
  return asio::ip::address_v6(bytes).to_string();
}

void Listener::admit(tcp::socket socket) {
  error_code ec;
  const auto remote = socket.remote_endpoint(ec);
  if (ec) return;  // gone already
  std::string address = counted_by(remote.address());
  const bool proxy = std::ranges::any_of(options_.proxies, [&](const std::string& p) {
    error_code bad;
    const auto named = asio::ip::make_address(p, bad);
    return !bad && named == remote.address();
  });
  if (proxy) address.clear();
  if (!make_room(address)) return;
  auto c = std::make_shared<Connection>(std::move(socket), tls_.get(), options_, *this);
  if (!proxy) ++of_address_[address];
  connections_.emplace(c.get(), Held{c, std::move(address)});
  {
    std::lock_guard lock(empty_mutex_);
    count_ = connections_.size();
  }
  c->start();
}

bool Listener::make_room(const std::string& address) {
  if (!address.empty()) {
    const auto have = of_address_.find(address);
    if (have != of_address_.end() && have->second >= options_.connections_per_address) {
      tell_full(address, "its limit of connections is reached");
      return false;
    }
  }
  if (connections_.size() < options_.connections_max) return true;
  Connection* oldest = nullptr;
  for (const auto& [key, held] : connections_) {
    const auto since = key->idle_since();
    if (since && (oldest == nullptr || *since < *oldest->idle_since())) oldest = key;
  }
  if (oldest == nullptr) {
    tell_full(address, "every connection of the server is at work");
    return false;
  }
  connections_.at(oldest).connection->close();
  return true;
}

// Once a minute: who fills a server must not fill its log as well.
void Listener::tell_full(const std::string& address, const char* why) {
  const auto now = std::chrono::steady_clock::now();
  if (told_full_ && now - *told_full_ < std::chrono::minutes(1)) return;
  told_full_ = now;
  log::warn("http.full",
            {{"port", port_}, {"address", address.empty() ? "a proxy" : address}, {"why", why}});
}

void Listener::tick() {
  timer_.expires_after(tick_);
  timer_.async_wait([this](const error_code& ec) {
    if (ec) return;
    if (std::exchange(accept_failed_, false)) accept();
    const auto now = std::chrono::steady_clock::now();
    const auto all = connections_;
    for (const auto& [key, held] : all) held.connection->check_deadline(now);
    tick();
  });
}

void Listener::on_head(std::shared_ptr<Connection> from, Request head) {
  head_sink_(std::move(from), std::move(head));
}

void Listener::on_request(std::shared_ptr<Connection> from, Request request) {
  sink_(std::move(from), std::move(request));
}

void Listener::on_bodies_full(const std::string& address) {
  tell_full(address, "the bodies of requests take all the room they have");
}

std::size_t Listener::bodies_max(const ServerOptions& options) {
  constexpr std::size_t kLeast = 64u << 20;
  if (options.bodies_max != 0) return options.bodies_max;
  constexpr std::size_t kMost = std::size_t{1} << 40;  // so that four of them are a number
  return std::max(kLeast, 4 * std::min(options.body_max, kMost));
}

void Listener::on_closed(Connection* connection) {
  const auto at = connections_.find(connection);
  if (at == connections_.end()) return;
  const auto counted = of_address_.find(at->second.address);
  if (counted != of_address_.end() && --counted->second == 0) of_address_.erase(counted);
  connections_.erase(at);
  std::lock_guard lock(empty_mutex_);
  count_ = connections_.size();
  if (count_ == 0) empty_.notify_all();
}

void Listener::for_each(void (Connection::*step)()) {
  const auto all = connections_;
  for (const auto& [key, held] : all) (held.connection.get()->*step)();
}

void Listener::finish_requests() {
  asio::post(io_, [this] {
    error_code ignored;
    acceptor_.close(ignored);
    for_each(&Connection::finish_request);
  });
}

void Listener::finish_writing(std::chrono::milliseconds patience) {
  {
    std::lock_guard lock(empty_mutex_);
    stopping_ = false;
  }
  asio::post(io_, [this] {
    for_each(&Connection::finish_writing);
    std::lock_guard lock(empty_mutex_);
    stopping_ = true;
    empty_.notify_all();
  });
  std::unique_lock lock(empty_mutex_);
  empty_.wait_for(lock, patience, [this] { return stopping_ && count_ == 0; });
}

void Listener::close() {
  if (thread_.joinable()) {
    asio::post(io_, [this] {
      timer_.cancel();
      error_code ignored;
      acceptor_.close(ignored);
      for_each(&Connection::close);
      io_.stop();
    });
    thread_.join();
  }
  connections_.clear();
}

}  // namespace lotmark::http
