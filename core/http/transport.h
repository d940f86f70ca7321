// cpprestsdk's listeners on our own sockets, by the interface it has for that (http_server). What a
// caller sent travels to the listener's handler beside the http_request, in its server context.
#pragma once

#include <cpprest/details/http_server.h>
#include <cpprest/details/http_server_api.h>

#include <map>
#include <mutex>

#include "core/http/listener.h"

namespace lotmark::http {

struct Ticket final : web::http::details::_http_server_context {
  Ticket(std::shared_ptr<Connection> c, Request r)
      : connection(std::move(c)), request(std::move(r)) {}
  std::shared_ptr<Connection> connection;
  Request request;
};

class Transport final : public web::http::experimental::details::http_server {
 public:
  using Impl = web::http::experimental::listener::details::http_listener_impl;

  // Makes the listener of that URI use these sockets once it opens, and cpprestsdk this transport.
  // The sockets outlive the listener. internal if cpprestsdk already runs another transport.
  static Status offer(const std::string& uri, Listener* sockets);
  static void withdraw(const std::string& uri);

  pplx::task<void> start() override { return pplx::task_from_result(); }
  pplx::task<void> stop() override { return pplx::task_from_result(); }
  pplx::task<void> register_listener(Impl* listener) override;
  pplx::task<void> unregister_listener(Impl* listener) override;
  // For what cpprestsdk answers by itself; our handlers reply to the connection.
  pplx::task<void> respond(web::http::http_response response) override;
};

}  // namespace lotmark::http
