#include "core/http/transport.h"

#include <pplx/threadpool.h>

namespace lotmark::http {

namespace {

using web::http::experimental::details::http_server_api;

std::mutex offers_mutex;
std::map<std::string, Listener*>& offers() {
  static std::map<std::string, Listener*> map;
  return map;
}

Listener* offered(const Transport::Impl* listener) {
  std::lock_guard lock(offers_mutex);
  const auto it = offers().find(listener->uri().to_string());
  return it == offers().end() ? nullptr : it->second;
}

// Few threads, before its first use: nothing of ours runs on them.
void prepare_cpprest() {
  static std::once_flag once;
  std::call_once(once, [] {
    try {
      crossplat::threadpool::initialize_with_threads(4);
    } catch (const std::exception&) {
      // Somebody used it first: then it has its own forty.
    }
  });
}

}  // namespace

Status Transport::offer(const std::string& uri, Listener* sockets) {
  prepare_cpprest();
  {
    // Not the one of the offers: cpprestsdk holds a lock of its own while it asks for them, and takes it here.
    static std::mutex only_one;
    std::lock_guard lock(only_one);
    auto* running = http_server_api::server_api();
    if (running == nullptr) {
      http_server_api::register_server_api(std::make_unique<Transport>());
    } else if (dynamic_cast<Transport*>(running) == nullptr) {
      return fail(Errc::kInternal,
                  "another transport serves cpprestsdk's listeners in this process");
    }
  }
  std::lock_guard lock(offers_mutex);
  offers()[uri] = sockets;
  return {};
}

void Transport::withdraw(const std::string& uri) {
  std::lock_guard lock(offers_mutex);
  offers().erase(uri);
}

pplx::task<void> Transport::register_listener(Impl* listener) {
  Listener* sockets = offered(listener);
  if (sockets == nullptr) throw std::invalid_argument("no sockets were offered for this listener");
  const bool tls = listener->uri().scheme() == "https";
  const auto setup = listener->configuration().get_ssl_context_callback();
  sockets->open(
      [listener](std::shared_ptr<Connection> from, Request request) {
        web::http::method method = request.method;
        auto ticket = std::make_unique<Ticket>(std::move(from), std::move(request));
        auto message = web::http::http_request::_create_request(std::move(ticket));
        message.set_method(method);
        listener->handle_request(message);
      },
      tls ? setup : Listener::TlsSetup{});
  return pplx::task_from_result();
}

pplx::task<void> Transport::unregister_listener(Impl* listener) {
  if (Listener* sockets = offered(listener)) sockets->close();
  return pplx::task_from_result();
}

pplx::task<void> Transport::respond(web::http::http_response response) {
  if (auto* ticket = dynamic_cast<Ticket*>(response._get_server_context())) {
    Response r;
    r.status = response.status_code();
    ticket->connection->reply(std::move(r), ticket->request.method == "HEAD");
  }
  return pplx::task_from_result();
}

}  // namespace lotmark::http
