#include "api/routes.h"

#include <algorithm>

#include "api/described/described.h"
#include "api/epcis/epcis_api.h"
#include "api/freshness.h"
#include "api/records/records_api.h"
#include "core/base/log.h"
#include "core/http/problem.h"

namespace lotmark::api {

using http::Request;
using http::Response;

namespace {

constexpr std::string_view kAllow = "GET, HEAD, OPTIONS";
constexpr std::string_view kPagePolicy =
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; "
    "img-src 'self' data:; connect-src 'self'; manifest-src 'self'; worker-src 'self'; "
    "media-src 'self' blob:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

// "01", "8006", and "99" too.
bool is_identifier_like(std::string_view segment) {
  return !segment.empty() && segment.find_first_not_of("0123456789") == std::string_view::npos;
}

// Whether an Accept header asks for JSON by name.
bool names_json(std::string_view accept) {
  return named_quality(accept, "application/json") > 0 ||
         named_quality(accept, "application/ld+json") > 0;
}

}  // namespace

struct Routes::Route {
  std::string_view prefix;
  bool exact;   // else all below it too
  bool shared;  // pages of other origins may read it
  Response (Routes::*answer)(const Request&);
};

const Routes::Route Routes::kRoutes[] = {
    {"/v1/verify/", false, true, &Routes::verify},
    {"/01/", false, true, &Routes::digital_link},
    {"/lot/", false, false, &Routes::lot_page},
    {"/v1/receipts/", false, true, &Routes::receipt},
    {"/v1/lots", true, true, &Routes::lots},
    {"/v1/checkpoint", true, true, &Routes::checkpoint},
    {"/", true, false, &Routes::start_page},
    {"/page/", false, false, &Routes::page},
    {"/openapi.json", true, true, &Routes::openapi},
    {"/docs", true, false, &Routes::docs},
    {"/healthz", true, false, &Routes::health},
    {"/metrics", true, false, &Routes::metrics},
    {"/.well-known/gs1resolver", true, true, &Routes::resolver_description},
};

// Every other path that begins with an identifier of GS1, or with what looks like one.
const Routes::Route Routes::kAnyKey = {"/{key}/", false, true, &Routes::digital_link};

const Routes::Route* Routes::find(std::string_view path) {
  for (const auto& route : kRoutes) {
    if (route.exact ? path == route.prefix : path.starts_with(route.prefix)) return &route;
  }
  const auto first = path.substr(std::min<std::size_t>(1, path.size()));
  return is_identifier_like(first.substr(0, first.find('/'))) ? &kAnyKey : nullptr;
}

Response Routes::own(const Request& r, const Route* route) {
  Response out;
  if (route == nullptr) {
    out = http::problem(404, "no such address");
  } else if (r.method == "OPTIONS") {
    out.status = 204;
  } else if (r.method != "GET" && r.method != "HEAD") {
    out = http::problem(405, "this address is only read");
  } else {
    out = (this->*route->answer)(r);
  }
  out.headers["X-Content-Type-Options"] = "nosniff";
  if (route == nullptr) return out;
  if (out.status == 405 || r.method == "OPTIONS") out.headers["Allow"] = kAllow;
  if (!route->shared) return out;
  out.headers["Access-Control-Allow-Origin"] = "*";
  out.headers["Access-Control-Allow-Methods"] = kAllow;
  out.headers["Access-Control-Expose-Headers"] = "ETag, Link, Location";
  if (r.method == "OPTIONS") {
    out.headers["Access-Control-Allow-Headers"] = "Accept, If-None-Match";
    out.headers["Access-Control-Max-Age"] = "86400";
  }
  return out;
}

Response Routes::let_in(const Request& r, const access::Gate::Passed& passed, const Route* route,
                        std::string_view& name) {
  // The list of EPCIS's resources and the page have one address; OPTIONS asks what is spoken there, and the page speaks
  // nothing of its own.
  const bool of_root = r.path == "/" && (r.method == "OPTIONS" || names_json(r.header("accept")));
  const bool may_be_epcis = epcis_ != nullptr && (route == nullptr || of_root);
  const auto& granted = passed.decision.granted;
  auto events = may_be_epcis
                    ? epcis_->handle(r, access::sight_of(granted),
                                     {passed.caller.id, granted.has(access::AccessRole::kAdmin)})
                    : std::nullopt;
  if (events) {
    name = "epcis";
    if (r.path == "/") events->headers["Vary"] = "Accept";
    return *std::move(events);
  }
  if (records::RecordsApi::is_record(r.path)) {
    name = "records";
    if (records_ != nullptr) return records_->handle(r, access::sight_of(granted));
    return access::route_problem(passed.decision, 501, "this is not served here");
  }
  if (passed.decision.epcis && r.method != "OPTIONS")
    return access::route_problem(passed.decision, 501, "this is not served here");
  if (passed.decision.epcis) {
    Response out;
    out.status = 204;
    out.headers["Allow"] = passed.decision.allow;
    return out;
  }
  const bool is_link = route != nullptr && route->answer == &Routes::digital_link;
  auto unit =
      is_link ? units_.handle_link(r, passed.caller, resolver_) : units_.handle(r, passed.caller);
  if (unit) {
    name = unit->route;
    return std::move(unit->response);
  }
  Response out = own(r, route);
  if (r.path == "/" && epcis_ != nullptr) out.headers["Vary"] = "Accept";
  return out;
}

// A bug in a handler must not keep its request out of the log.
Response Routes::caught(const Request& r, const access::Gate::Passed& passed, const Route* route,
                        std::string_view& name) {
  try {
    return let_in(r, passed, route, name);
  } catch (const std::exception& e) {
    log::error("http.handler_failed", {{"route", passed.decision.route}, {"why", e.what()}});
    return http::problem(fail(Errc::kInternal));
  }
}

std::string_view Routes::counted_as(const Route* route, const access::Decision& decision) {
  if (decision.epcis) return "epcis";
  return route != nullptr ? route->prefix : "other";
}

std::optional<Response> Routes::judge_head(const Request& head) {
  const auto begin = std::chrono::steady_clock::now();
  auto passed = access_->look_at(head);
  if (passed.refusal)
    metrics_.count(counted_as(find(head.path), passed.decision), passed.refusal->status,
                   std::chrono::steady_clock::now() - begin);
  return std::move(passed.refusal);
}

Response Routes::refuse(const Request& head, int status, const Error& error) {
  access_->note_server_refusal(head, status, error);
  const auto decision = access::decide(head.method, head.path, {});
  metrics_.count(counted_as(find(head.path), decision), status, {});
  return access::server_refusal(head, status, error);
}

std::string Routes::logged_as(const Request& r) {
  const auto route = access::decide(r.method, r.path, {}).route;
  return route.empty() ? "none" : std::string(route);
}

Response Routes::handle(const Request& r) {
  const auto begin = std::chrono::steady_clock::now();
  const Route* route = find(r.path);
  const auto passed = access_->enter(r);
  std::string_view name = counted_as(route, passed.decision);
  Response out =
      passed.refusal ? *passed.refusal : access_->leave(passed, caught(r, passed, route, name));
  metrics_.count(name, out.status, std::chrono::steady_clock::now() - begin);
  return out;
}

Response Routes::start_page(const Request& r) { return file(r, "index.html"); }

Response Routes::page(const Request& r) {
  const auto name =
      http::percent_decode(std::string_view(r.path).substr(std::string_view("/page/").size()));
  return file(r, name ? *name : std::string());
}

Response Routes::file(const Request& r, std::string_view name) {
  const PageFile* found = page_.find(name);
  if (found == nullptr) return http::problem(404, "the page has no such file");
  Response out;
  out.content_type = found->content_type;
  out.body = found->bytes;
  out.headers["Content-Security-Policy"] = kPagePolicy;
  out.headers["Referrer-Policy"] = "no-referrer";
  out.headers["Permissions-Policy"] = "camera=(self)";
  if (name == "sw.js") out.headers["Service-Worker-Allowed"] = "/";
  return with_etag(r, found->etag, std::move(out));
}

Response Routes::openapi(const Request& r) {
  static const std::string etag = etag_of(as_bytes(openapi_text()));
  return with_etag(r, etag, http::text_response(200, "application/json", openapi_text()));
}

Response Routes::docs(const Request&) {
  auto out = http::text_response(200, "text/html; charset=utf-8", docs_page());
  out.headers["Content-Security-Policy"] = "default-src 'none'; frame-ancestors 'none'";
  return out;
}

Response Routes::health(const Request&) {
  if (const auto s = source_.health(); !s)
    return no_store(http::problem(fail(Errc::kNotReady, s.error().message())));
  return no_store(http::text_response(200, "text/plain", "ok\n"));
}

Response Routes::metrics(const Request&) {
  return no_store(
      http::text_response(200, "text/plain; version=0.0.4",
                          metrics_.text() + access_->metrics_text() + units_.metrics_text()));
}

}  // namespace lotmark::api
