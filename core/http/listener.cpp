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
  const auto shortest =
      std::min({options.idle_timeout, options.read_timeout, options.write_timeout});
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
    if (connections_.size() < options_.connections_max) {
      auto c = std::make_shared<Connection>(std::move(socket), tls_.get(), options_, *this);
      connections_.emplace(c.get(), c);
      {
        std::lock_guard lock(empty_mutex_);
        count_ = connections_.size();
      }
      c->start();
    }
    accept();
  });
}

void Listener::tick() {
  timer_.expires_after(tick_);
  timer_.async_wait([this](const error_code& ec) {
    if (ec) return;
    if (std::exchange(accept_failed_, false)) accept();
    const auto now = std::chrono::steady_clock::now();
    const auto all = connections_;
    for (const auto& [key, c] : all) c->check_deadline(now);
    tick();
  });
}

void Listener::on_request(std::shared_ptr<Connection> from, Request request) {
  sink_(std::move(from), std::move(request));
}

void Listener::on_closed(Connection* connection) {
  connections_.erase(connection);
  std::lock_guard lock(empty_mutex_);
  count_ = connections_.size();
  if (count_ == 0) empty_.notify_all();
}

void Listener::for_each(void (Connection::*step)()) {
  const auto all = connections_;
  for (const auto& [key, c] : all) (c.get()->*step)();
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
