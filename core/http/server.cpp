#include "core/http/server.h"

#include <cpprest/http_listener.h>

#include "core/base/log.h"
#include "core/http/problem.h"
#include "core/http/tls.h"
#include "core/http/transport.h"
#include "core/http/workers.h"

namespace lotmark::http {

using web::http::experimental::listener::http_listener;
using web::http::experimental::listener::http_listener_config;

namespace {

// Opening and closing change what cpprestsdk keeps for the whole process.
std::mutex open_mutex;

Response run_handler(const Handler& handler, const Request& request) {
  try {
    return handler(request);
  } catch (const std::exception& e) {
    log::error("http.handler_failed", {{"path", request.path}, {"why", e.what()}});
  } catch (...) {
    log::error("http.handler_failed", {{"path", request.path}, {"why", "not a std::exception"}});
  }
  return problem(fail(Errc::kInternal));
}

std::string make_url(const ServerOptions& options, std::uint16_t port) {
  const bool v6 = options.address.find(':') != std::string::npos;
  return std::string(options.certificate.empty() ? "http://" : "https://") +
         (v6 ? "[" + options.address + "]" : options.address) + ":" + std::to_string(port);
}

}  // namespace

struct Server::Impl {
  ServerOptions options;
  Handler handler;
  std::string url;
  std::string uri;  // as cpprestsdk writes it
  std::unique_ptr<Listener> sockets;
  std::unique_ptr<Workers> workers;
  std::unique_ptr<http_listener> listener;
  bool stopped = false;

  ~Impl() { stop(); }
  void on_request(const web::http::http_request& message);
  Status open();
  void stop();
};

// On the listener's thread: never blocks.
void Server::Impl::on_request(const web::http::http_request& message) {
  auto* ticket = static_cast<Ticket*>(message._get_server_context());
  auto connection = ticket->connection;
  const bool is_head = ticket->request.method == "HEAD";
  auto work = [this, connection, is_head, request = std::move(ticket->request)] {
    connection->reply(run_handler(handler, request), is_head);
  };
  if (workers->submit(std::move(work))) return;
  connection->reply(problem(fail(Errc::kUnavailable, "too many requests are waiting")), is_head);
}

Status Server::Impl::open() {
  std::lock_guard lock(open_mutex);
  try {
    http_listener_config config;
    config.set_ssl_context_callback(
        [o = options](boost::asio::ssl::context& context) { use_server_tls(context, o); });
    listener = std::make_unique<http_listener>(web::uri(url + "/"), config);
    uri = listener->uri().to_string();
    LM_TRY(Transport::offer(uri, sockets.get()));
    const auto take = [this](const web::http::http_request& message) { on_request(message); };
    listener->support(take);
    listener->support(web::http::methods::OPTIONS, take);  // else cpprestsdk answers it by itself,
    listener->support(web::http::methods::TRCE, take);     // and echoes a TRACE
    listener->open().wait();
    return {};
  } catch (const std::exception& e) {
    return fail(Errc::kInternal, std::string("the listener does not open: ") + e.what());
  }
}

void Server::Impl::stop() {
  if (std::exchange(stopped, true)) return;
  if (sockets) sockets->finish_requests();
  if (workers) workers->stop();
  if (sockets) sockets->finish_writing(std::chrono::seconds(1));
  std::lock_guard lock(open_mutex);
  try {
    if (listener) listener->close().wait();
  } catch (const std::exception& e) {
    log::warn("http.close_failed", {{"why", e.what()}});
  }
  if (sockets) sockets->close();
  Transport::withdraw(uri);
  listener.reset();
}

Result<Server> Server::start(const ServerOptions& options, Handler handler) {
  LM_TRY(check_server_tls(options));
  auto impl = std::make_unique<Impl>();
  impl->options = options;
  impl->handler = std::move(handler);
  LM_ASSIGN(impl->sockets, Listener::bind(options));
  impl->url = make_url(options, impl->sockets->port());
  impl->workers = std::make_unique<Workers>(options.threads, options.queue_max);
  LM_TRY(impl->open());
  return Server(std::move(impl));
}

Server::Server(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Server::Server(Server&&) noexcept = default;
Server& Server::operator=(Server&&) noexcept = default;
Server::~Server() = default;

std::uint16_t Server::port() const { return impl_->sockets->port(); }
std::string Server::url() const { return impl_->url; }
void Server::stop() { impl_->stop(); }

}  // namespace lotmark::http
