#include "api/routes.h"

#include <charconv>
#include <nlohmann/json.hpp>

#include "core/base/hex.h"
#include "core/base/log.h"
#include "core/crypto/sha256.h"
#include "core/gs1/digital_link.h"
#include "core/http/problem.h"

namespace lotmark::api {

using http::Request;
using http::Response;
using nlohmann::json;

namespace {

constexpr std::string_view kArchivedType = "application/vnd.lotmark.archived.v1+cbor";
constexpr std::string_view kReceiptType = "application/vnd.lotmark.receipt.v1+cbor";
constexpr std::string_view kAllow = "GET, HEAD, OPTIONS";
constexpr std::uint64_t kLotsPage = 100;

constexpr std::string_view kPagePolicy =
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; "
    "img-src 'self' data:; connect-src 'self'; manifest-src 'self'; worker-src 'self'; "
    "media-src 'self' blob:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

// An answer that may be kept but must be asked after each time; 304 if the caller has it already.
Response with_etag(const Request& r, const std::string& etag, Response out) {
  out.headers["ETag"] = etag;
  out.headers["Cache-Control"] = "no-cache";
  const std::string_view held = r.header("if-none-match");
  if (out.status == 200 && !held.empty() &&
      (held == "*" || held.find(etag) != std::string_view::npos)) {
    out.status = 304;
    out.body.clear();
    out.content_type.clear();
  }
  return out;
}

Response no_store(Response out) {
  out.headers["Cache-Control"] = "no-store";
  return out;
}

Response json_response(int status, const json& body) {
  return http::text_response(status, "application/json", body.dump());
}

// GTIN and lot at the end of /v1/NAME/GTIN/LOT.
Result<gs1::DigitalLink> lot_in(std::string_view path, std::string_view prefix) {
  path.remove_prefix(prefix.size());
  const auto slash = path.find('/');
  if (slash == std::string_view::npos) return fail(Errc::kUsage, "the address is .../GTIN/LOT");
  const std::string_view lot = path.substr(slash + 1);
  if (lot.find('/') != std::string_view::npos)
    return fail(Errc::kUsage, "a slash in a lot is written %2F");
  return gs1::parse_path("/01/" + std::string(path.substr(0, slash)) + "/10/" + std::string(lot));
}

// 400 for an address that names nothing; 404 with the verdict where a lot could have been.
Response no_receipt(VerdictKind verdict, const std::string& note = {}) {
  Response out = http::problem(fail(Errc::kNotFound, "there is no receipt of this lot here"));
  json body = json::parse(as_text(out.body));
  body["verdict"] = std::string(name(verdict));
  if (!note.empty()) body["title"] = note;
  out.body = to_bytes(as_bytes(body.dump()));
  return no_store(std::move(out));
}

// A receipt, or what stands in for one.
Response proof_file(const Request& r, std::string_view type, Bytes bytes) {
  Response out;
  out.content_type = type;
  const std::string etag = '"' + to_hex(sha256(bytes).view().first(12)) + '"';
  out.body = std::move(bytes);
  return with_etag(r, etag, std::move(out));
}

Response bad_address(Error error) {
  Response out = http::problem(error);
  if (out.status == 422)
    out = http::problem(400, error.message());  // the address itself is at fault
  return out;
}

// A number of the query; `otherwise` if it is absent, nothing if it is no number.
std::optional<std::uint64_t> number(std::string_view query, std::string_view key,
                                    std::uint64_t otherwise) {
  const auto given = http::query_value(query, key);
  if (!given) return otherwise;
  const auto& text = *given;
  if (!text) return std::nullopt;
  std::uint64_t value = 0;
  const char* end = text->data() + text->size();
  const auto [at, ec] = std::from_chars(text->data(), end, value);
  if (ec != std::errc{} || at != end || value > (std::uint64_t{1} << 53)) return std::nullopt;
  return value;
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
    {"/v1/receipts/", false, true, &Routes::receipt},
    {"/v1/lots", true, true, &Routes::lots},
    {"/v1/checkpoint", true, true, &Routes::checkpoint},
    {"/", true, false, &Routes::start_page},
    {"/page/", false, false, &Routes::page},
    {"/healthz", true, false, &Routes::health},
    {"/metrics", true, false, &Routes::metrics},
};

const Routes::Route* Routes::find(std::string_view path) {
  for (const auto& route : kRoutes) {
    if (route.exact ? path == route.prefix : path.starts_with(route.prefix)) return &route;
  }
  return nullptr;
}

Response Routes::handle(const Request& r) {
  const auto begin = std::chrono::steady_clock::now();
  const Route* route = find(r.path);
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
  if (route != nullptr && (out.status == 405 || r.method == "OPTIONS"))
    out.headers["Allow"] = kAllow;
  if (route != nullptr && route->shared) {
    out.headers["Access-Control-Allow-Origin"] = "*";
    if (r.method == "OPTIONS") {
      out.headers["Access-Control-Allow-Methods"] = kAllow;
      out.headers["Access-Control-Allow-Headers"] = "Accept, If-None-Match";
      out.headers["Access-Control-Max-Age"] = "86400";
    }
  }
  metrics_.count(route == nullptr ? "other" : route->prefix, out.status,
                 std::chrono::steady_clock::now() - begin);
  return out;
}

Response Routes::verdict_of(const Request& r, const Gtin& gtin, const LotNumber& lot) {
  auto answer = answers_.verify(gtin, lot);
  if (!answer) {
    log::error("api.verify_failed",
               {{"gtin", gtin.text}, {"lot", lot.text}, {"why", answer.error().message()}});
    return http::problem(answer.error());
  }
  Response out;
  out.content_type = "application/json";
  out.body = (*answer)->json;
  if ((*answer)->verdict == VerdictKind::kUnknown) {
    out.status = 404;
    return no_store(std::move(out));
  }
  return with_etag(r, (*answer)->etag, std::move(out));
}

Response Routes::verify(const Request& r) {
  auto link = lot_in(r.path, "/v1/verify/");
  if (!link) return bad_address(link.error());
  return verdict_of(r, link->gtin, *link->lot);
}

Response Routes::digital_link(const Request& r) {
  auto link = gs1::parse_path(r.path, r.query);
  if (!link) return bad_address(link.error());
  const auto as_json = wants_json(r.header("accept"));
  Response out;
  if (!as_json) {
    out = http::problem(406, "text/html and application/json are served here");
  } else if (!*as_json) {
    out = file(r, "index.html");
  } else if (!link->lot) {
    out = http::problem(404, "a verdict is given for a lot: /01/GTIN/10/LOT");
  } else {
    out = verdict_of(r, link->gtin, *link->lot);
  }
  out.headers["Vary"] = "Accept";
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

Response Routes::receipt(const Request& r) {
  auto link = lot_in(r.path, "/v1/receipts/");
  if (!link) return bad_address(link.error());
  auto found = source_.find(link->gtin, *link->lot);
  if (!found) return http::problem(found.error());
  if (!*found) {
    auto cut = source_.archived(link->gtin, *link->lot);
    if (!cut) return http::problem(cut.error());
    if (!*cut) return no_receipt(VerdictKind::kUnknown);
    if ((*cut)->recalled) return no_receipt(VerdictKind::kRecalled);
    return proof_file(r, kArchivedType, std::move((*cut)->proof));
  }
  const Lot& lot = **found;
  // A receipt cannot know of its recall: the word of this server is all there is then.
  const bool kept_back = lot.state == VerdictKind::kRecalled ||
                         lot.state == VerdictKind::kRefused || lot.state == VerdictKind::kArchived;
  if (kept_back) return no_receipt(lot.state, lot.note);
  auto bytes = source_.receipt(lot);
  if (!bytes) return http::problem(bytes.error());
  return proof_file(r, kReceiptType, *std::move(bytes));
}

Response Routes::lots(const Request& r) {
  const auto after = number(r.query, "after", 0);
  const auto limit = number(r.query, "limit", kLotsPage);
  if (!after || !limit || *limit == 0)
    return http::problem(400, "after and limit are numbers, limit from 1");
  const std::size_t count = static_cast<std::size_t>(std::min(*limit, kLotsPage));
  auto found = source_.lots(*after, count);
  if (!found) return http::problem(found.error());
  json list = json::array();
  for (const Lot& lot : *found) {
    const bool expired = clock_.now() >= expired_from(lot.expires);
    const auto state = expired ? graver(lot.state, VerdictKind::kExpired) : lot.state;
    list.push_back({{"gtin", lot.gtin.text},
                    {"lot", lot.lot.text},
                    {"product", lot.product},
                    {"expires", lot.expires.yyyymmdd},
                    {"block", lot.block},
                    {"time", lot.time},
                    {"state", std::string(name(state))},
                    {"link", gs1::digital_link(origin_, lot.gtin, lot.lot)}});
  }
  const json next = found->size() < count ? json() : json(found->back().block);
  return no_store(json_response(200, {{"lots", std::move(list)}, {"next", next}}));
}

Response Routes::checkpoint(const Request&) {
  auto found = source_.checkpoint();
  if (!found) return http::problem(found.error());
  if (!*found)
    return no_store(http::problem(fail(Errc::kNotFound, "no root has a quorum of votes yet")));
  const CheckpointInfo& c = **found;
  json voters = json::array();
  for (const auto& kid : c.voters) voters.push_back(to_hex(kid));
  return no_store(json_response(200, {{"size", c.size},
                                      {"root", to_hex(c.root)},
                                      {"epoch", c.epoch},
                                      {"term", c.term},
                                      {"time", c.time},
                                      {"votes", c.voters.size()},
                                      {"quorum", c.quorum},
                                      {"voters", std::move(voters)}}));
}

Response Routes::health(const Request&) {
  if (const auto s = source_.health(); !s)
    return no_store(http::problem(fail(Errc::kNotReady, s.error().message())));
  return no_store(http::text_response(200, "text/plain", "ok\n"));
}

Response Routes::metrics(const Request&) {
  return no_store(http::text_response(200, "text/plain; version=0.0.4", metrics_.text()));
}

}  // namespace lotmark::api
