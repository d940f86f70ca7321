#include "api/epcis/epcis_api.h"

#include <algorithm>
#include <set>

#include "api/accept.h"
#include "api/epcis/asked.h"
#include "api/epcis/media.h"

namespace lotmark::api::epcis {

namespace {

constexpr std::size_t kPartsMax = 6;
constexpr std::size_t kParametersMax = 200;

// Path parts, percent-decoded; nothing for a bad encoding or too many.
std::optional<std::vector<std::string>> parts_of(std::string_view path) {
  std::vector<std::string> out;
  while (!path.empty()) {
    path.remove_prefix(1);  // the slash
    const auto end = path.find('/');
    auto part = http::percent_decode(path.substr(0, end));
    if (!part || out.size() == kPartsMax) return std::nullopt;
    if (!part->empty() || end != std::string_view::npos) out.push_back(*std::move(part));
    path = end == std::string_view::npos ? std::string_view() : path.substr(end);
  }
  return out;
}

std::optional<std::string> form_decode(std::string_view text) {
  std::string plain(text);
  std::ranges::replace(plain, '+', ' ');
  return http::percent_decode(plain);
}

std::variant<std::vector<std::pair<std::string, std::string>>, Problem> parameters_of(
    std::string_view query) {
  std::vector<std::pair<std::string, std::string>> out;
  std::set<std::string> names;
  while (!query.empty()) {
    const auto end = query.find('&');
    const std::string_view pair = query.substr(0, end);
    query = end == std::string_view::npos ? std::string_view() : query.substr(end + 1);
    if (pair.empty()) continue;
    const auto equals = pair.find('=');
    auto name = form_decode(pair.substr(0, equals));
    auto value = form_decode(equals == std::string_view::npos ? std::string_view()
                                                              : pair.substr(equals + 1));
    if (!name || !value)
      return Problem{400, "QueryParameterException", "the query is not percent-encoded", {}};
    if (out.size() == kParametersMax)
      return Problem{413, "QueryTooComplexException", "more than 200 parameters", {}};
    if (!names.insert(*name).second) {
      return Problem{400, "QueryParameterException",
                     *name + " is given twice: a list is joined by '|'", *name};
    }
    out.emplace_back(*std::move(name), *std::move(value));
  }
  return out;
}

// Answers are JSON, exports JSON lines or CSV, proofs CBOR: EPCIS leaves XML to who wants it. `first`: of the path.
bool takes_answer(const http::Request& r, std::string_view first) {
  const std::string_view accept = r.header("accept");
  if (accept.empty()) return true;
  if (first == "export")
    return quality_of(accept, "application/jsonl") > 0 || quality_of(accept, "text/csv") > 0;
  if (first == "lotmark") return quality_of(accept, kEventProofType) > 0;
  return quality_of(accept, "application/json") > 0 ||
         quality_of(accept, "application/ld+json") > 0 ||
         quality_of(accept, "application/problem+json") > 0;
}

Problem not_acceptable(std::string_view first) {
  const std::string_view type = first == "lotmark" ? kEventProofType : "application/json";
  return {406, "NotAcceptableException", "answers are " + std::string(type), "Accept"};
}

}  // namespace

struct EpcisApi::Route {
  std::string_view method;
  // "*" stands for one part, whatever it is.
  std::vector<std::string_view> parts;
  http::Response (EpcisApi::*answer)(const Asked&);
  bool captures = false;  // its path tells the limits of capture
  bool bodiless = false;  // what it answers, problems apart: any Accept will do

  bool has_path(const std::vector<std::string>& path) const {
    return std::ranges::equal(parts, path,
                              [](auto want, const auto& is) { return want == "*" || want == is; });
  }
};

const EpcisApi::Route EpcisApi::kRoutes[] = {
    {"GET", {}, &EpcisApi::root},
    {"POST", {"capture"}, &EpcisApi::post_capture, true, true},
    {"GET", {"capture"}, &EpcisApi::capture_jobs, true},
    {"GET", {"capture", "*"}, &EpcisApi::capture_job},
    {"POST", {"events"}, &EpcisApi::post_event, true},
    {"GET", {"events"}, &EpcisApi::events, true},
    {"GET", {"events", "*"}, &EpcisApi::event},
    {"GET", {"eventTypes"}, &EpcisApi::resources},
    {"GET", {"eventTypes", "*"}, &EpcisApi::resource},
    {"GET", {"eventTypes", "*", "events"}, &EpcisApi::event_type_events},
    {"GET", {"epcs"}, &EpcisApi::resources},
    {"GET", {"epcs", "*"}, &EpcisApi::resource},
    {"GET", {"epcs", "*", "events"}, &EpcisApi::resource_events},
    {"GET", {"bizSteps"}, &EpcisApi::resources},
    {"GET", {"bizSteps", "*"}, &EpcisApi::resource},
    {"GET", {"bizSteps", "*", "events"}, &EpcisApi::resource_events},
    {"GET", {"bizLocations"}, &EpcisApi::resources},
    {"GET", {"bizLocations", "*"}, &EpcisApi::resource},
    {"GET", {"bizLocations", "*", "events"}, &EpcisApi::resource_events},
    {"GET", {"readPoints"}, &EpcisApi::resources},
    {"GET", {"readPoints", "*"}, &EpcisApi::resource},
    {"GET", {"readPoints", "*", "events"}, &EpcisApi::resource_events},
    {"GET", {"dispositions"}, &EpcisApi::resources},
    {"GET", {"dispositions", "*"}, &EpcisApi::resource},
    {"GET", {"dispositions", "*", "events"}, &EpcisApi::resource_events},
    {"GET", {"export", "events"}, &EpcisApi::export_events},
    {"GET", {"lotmark", "v1", "events", "*", "proof"}, &EpcisApi::event_proof},
    {"GET", {"queries"}, &EpcisApi::queries},
    {"POST", {"queries"}, &EpcisApi::post_query},
    {"GET", {"queries", "*"}, &EpcisApi::query},
    {"DELETE", {"queries", "*"}, &EpcisApi::delete_query, false, true},
    {"GET", {"queries", "*", "events"}, &EpcisApi::query_events},
    {"GET", {"queries", "*", "subscriptions"}, &EpcisApi::subscriptions},
    {"POST", {"queries", "*", "subscriptions"}, &EpcisApi::post_subscription},
    {"GET", {"queries", "*", "subscriptions", "*"}, &EpcisApi::subscription},
    {"DELETE", {"queries", "*", "subscriptions", "*"}, &EpcisApi::delete_subscription, false, true},
    {"DELETE", {"nextPageToken", "*"}, &EpcisApi::delete_token, false, true},
};

void EpcisApi::finish(const Route* route, http::Response& out) const {
  add_gs1_headers(out, route != nullptr && route->captures ? &options_.capture : nullptr);
  out.headers["X-Content-Type-Options"] = "nosniff";
  if (!out.headers.contains("Cache-Control")) out.headers["Cache-Control"] = "no-store";
}

std::optional<http::Response> EpcisApi::handle(const http::Request& r, const access::Sight& sight,
                                               const Client& client) {
  auto parts = parts_of(r.path);
  if (!parts) return std::nullopt;
  const std::string_view method = r.method == "HEAD" ? std::string_view("GET") : r.method;
  const Route* route = nullptr;
  const Route* same_path = nullptr;
  std::string allow = "OPTIONS";
  for (const auto& candidate : kRoutes) {
    if (!candidate.has_path(*parts)) continue;
    same_path = &candidate;
    allow += ", " + std::string(candidate.method);
    if (candidate.method == "GET") allow += ", HEAD";
    if (candidate.method == method) route = &candidate;
  }
  if (same_path == nullptr) return std::nullopt;
  http::Response out;
  if (r.method == "OPTIONS") {
    out.status = 204;
  } else if (route == nullptr) {
    out =
        to_response(Problem{405, "ImplementationException", "this method is not served here", {}});
  } else {
    auto parameters = parameters_of(r.query);
    const std::string first = parts->empty() ? std::string() : parts->front();
    auto wanted = read_gs1_headers(
        r, route->method == "POST" && first == "capture" && media_of(r) == Media::kXml);
    if (!route->bodiless && !takes_answer(r, first)) out = to_response(not_acceptable(first));
    else if (auto* fault = std::get_if<Problem>(&wanted)) out = to_response(*fault);
    else if (auto* bad = std::get_if<Problem>(&parameters)) out = to_response(*bad);
    else
      out =
          (this->*route->answer)({r, *std::move(parts), std::get<Parameters>(std::move(parameters)),
                                  std::get<Wanted>(wanted), sight.all || sight.own, client});
  }
  if (r.method == "OPTIONS" || out.status == 405) out.headers["Allow"] = allow;
  finish(same_path, out);
  return out;
}

}  // namespace lotmark::api::epcis
