#include "core/http/server.h"

#include <cpprest/http_listener.h>
#include <malloc.h>

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

// Large blocks are the system's again once they are freed. By itself glibc comes to keep up to 32 MiB of them for each
// thread, after the first bodies of that size, so that a process would stand at what its worst minute took.
void give_back_large_blocks() {
#ifdef __GLIBC__
  static const bool once = [] {
    mallopt(M_MMAP_THRESHOLD, 1 << 20);
    mallopt(M_TRIM_THRESHOLD, 4 << 20);
    return true;
  }();
  (void)once;
#endif
}

Response run_handler(const ServerOptions& options, const Handler& handler, const Request& request) {
  const auto say = [&](std::string_view why) {
    const std::string route = options.logged_as ? options.logged_as(request) : request.path;
    log::error("http.handler_failed", {{"route", route}, {"why", why}});
  };
  try {
    return handler(request);
  } catch (const std::exception& e) {
    say(e.what());
  } catch (...) {
    say("not a std::exception");
  }
  return problem(fail(Errc::kInternal));
}

std::optional<Response> run_judge(const ServerOptions& options, const Request& head) {
  std::optional<Response> refusal;
  const Response failed = run_handler(
      options,
      [&](const Request& r) {
        refusal = options.judge_head(r);
        return Response{};
      },
      head);
  return failed.status == 500 ? std::optional(failed) : refusal;
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
  void on_head(const std::shared_ptr<Connection>& from, const Request& head);
  void on_request(const web::http::http_request& message);
  Response queue_full(const Request& request) const;
  Status open();
  void stop();
};

Response Server::Impl::queue_full(const Request& request) const {
  const Error error = fail(Errc::kUnavailable, "too many requests are waiting");
  return options.refusal ? options.refusal(request, 503, error) : problem(error);
}

// On the listener's thread, as the next: never blocks.
void Server::Impl::on_head(const std::shared_ptr<Connection>& from, const Request& head) {
  const auto work = [this, from, head] { from->judged(run_judge(options, head)); };
  if (!workers->submit(work)) from->judged(queue_full(head));
}

void Server::Impl::on_request(const web::http::http_request& message) {
  auto* ticket = static_cast<Ticket*>(message._get_server_context());
  auto connection = ticket->connection;
  const bool is_head = ticket->request.method == "HEAD";
  const Request& r = ticket->request;
  const Request head{r.method, r.path, {}, r.headers, {}, r.remote, r.peer_name};
  auto work = [this, connection, is_head, request = std::move(ticket->request)]() mutable {
    Response response = run_handler(options, handler, request);
    request = Request{};  // the answer gives back what the body was counted as
    connection->reply(std::move(response), is_head);
  };
  if (workers->submit(std::move(work))) return;
  connection->reply(queue_full(head), is_head);
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
  if (options.bodies_max != 0 && options.bodies_max < options.body_max)
    return fail(Errc::kConfig, "bodies_max is below body_max: no body of that size could be taken");
  give_back_large_blocks();
  auto impl = std::make_unique<Impl>();
  impl->options = options;
  impl->handler = std::move(handler);
  LM_ASSIGN(impl->sockets, Listener::bind(options));
  impl->url = make_url(options, impl->sockets->port());
  impl->workers = std::make_unique<Workers>(options.threads, options.queue_max);
  impl->sockets->send_heads_to([impl = impl.get()](std::shared_ptr<Connection> from, Request head) {
    impl->on_head(from, head);
  });
  LM_TRY(impl->open());
  return Server(std::move(impl));
}

Server::Server(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Server::Server(Server&&) noexcept = default;
Server& Server::operator=(Server&&) noexcept = default;
Server::~Server() = default;

std::uint16_t Server::port() const { return impl_->sockets->port(); }
std::size_t Server::bodies_held() const { return impl_->sockets->bodies().used(); }
std::string Server::url() const { return impl_->url; }
void Server::stop() { impl_->stop(); }

}  // namespace lotmark::http
