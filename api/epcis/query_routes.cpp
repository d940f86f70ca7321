// /queries: named queries and their subscriptions (EPCIS 2.0 section 12, and GS1's OpenAPI file). They are kept by the
// node; what is asked of them is read from private.db.
#include <algorithm>
#include <charconv>

#include "api/epcis/asked.h"
#include "core/base/hex.h"
#include "core/epcis/door/json_text.h"
#include "ledger-node/subscribe/subscription.h"

namespace lotmark::api::epcis {

using node::EventReader;
using node::NamedQuery;
using node::Subscription;

namespace {

constexpr const char* kControl = "/control/v1/queries";
constexpr std::size_t kAskedBytesMax = node::kQueryBytesMax + 4096;

Problem no_such_query() {
  return {404, "NoSuchResourceException", "there is no query of that name", {}};
}

Problem no_such_subscription() {
  return {404, "NoSuchResourceException", "there is no subscription of that ID to that query", {}};
}

Problem bad_subscription(std::string detail) {
  return {400, "SubscriptionControlsException", std::move(detail), {}};
}

std::string lower_header(const http::Request& r, std::string_view name) {
  std::string text(r.header(name));
  std::ranges::transform(text, text.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

// Without a charset, or in UTF-8.
bool is_plain_json(const http::Request& r) {
  std::string type = lower_header(r, "content-type");
  std::erase(type, ' ');
  const auto semicolon = type.find(';');
  const std::string media = type.substr(0, semicolon);
  if (media != "application/json" && media != "application/ld+json") return false;
  if (semicolon == std::string::npos) return true;
  const std::string_view rest = std::string_view(type).substr(semicolon);
  return rest.find("charset=") == std::string_view::npos ||
         rest.find("charset=utf-8") != std::string_view::npos ||
         rest.find("charset=\"utf-8\"") != std::string_view::npos;
}

// A body that is a JSON object, read strictly.
std::variant<Json, Problem> read_object(const http::Request& r) {
  if (!is_plain_json(r))
    return Problem{415, "UnsupportedMediaTypeException", "the body comes as application/json", {}};
  if (r.body.size() > kAskedBytesMax)
    return Problem{413, "QueryTooLargeException", "a query has at most 64 KiB", {}};
  auto read = lotmark::epcis::read_json(as_text(r.body), {32, 100'000});
  if (const auto* fault = std::get_if<lotmark::epcis::JsonFault>(&read)) {
    if (fault->limit) return Problem{413, "QueryTooComplexException", fault->detail, fault->path};
    return Problem{400, "ValidationException", fault->detail, fault->path};
  }
  if (!std::get<Json>(read).is_object())
    return Problem{400, "ValidationException", "the body is a JSON object", {}};
  return std::get<Json>(std::move(read));
}

std::string control_path(const std::string& name) {
  return std::string(kControl) + "/" + http::percent_encode(name);
}

std::string query_path(const std::string& name) { return "/queries/" + http::percent_encode(name); }

Json json_of(const NamedQuery& query) {
  return {{"name", query.name}, {"query", Json::parse(query.query, nullptr, false)}};
}

// signatureToken is never given out again.
Json json_of(const Subscription& s) {
  Json j = {{"subscriptionID", s.id},
            {"queryName", s.query_name},
            {"dest", s.dest},
            {"createdAt", iso_of_ms(s.created)},
            {"reportIfEmpty", s.report_if_empty},
            {"lotmark:state", s.stopped        ? "stopped"
                              : s.failures > 0 ? "failing"
                                               : "active"}};
  if (s.schedule.empty()) j["stream"] = true;
  else j["schedule"] = Json::parse(s.schedule, nullptr, false);
  if (s.initial) j["initialRecordTime"] = iso_of_ms(*s.initial);
  if (s.ran) j["minRecordTime"] = iso_of_ms(*s.ran);
  else j["minRecordTime"] = iso_of_ms(s.initial.value_or(s.created));
  if (s.notified) j["lastNotifiedAt"] = iso_of_ms(*s.notified);
  if (s.stopped) j["lotmark:why"] = *s.stopped;
  return j;
}

// perPage of a query, as a parameter has it.
std::optional<std::string> own_page_size(const Json& query) {
  const auto size = query.find("perPage");
  if (size == query.end()) return std::nullopt;
  return size->is_string() ? size->get<std::string>() : size->dump();
}

// What the node refuses of a query.
http::Response query_refusal(const Error& e) {
  switch (e.code) {
    case Errc::kUsage: return to_response(Problem{400, "QueryValidationException", e.text, {}});
    case Errc::kTooLarge: return to_response(Problem{413, "QueryTooLargeException", e.text, {}});
    case Errc::kConflict:
      return to_response(
          Problem{409, "ResourceAlreadyExistsException", "a query of that name is there", "/name"});
    case Errc::kNotFound: return to_response(no_such_query());
    default: return to_response(e);
  }
}

// And of a subscription; a destination that it may not call is a fault of the subscription's.
http::Response subscription_refusal(const Error& e, const Problem& not_found) {
  switch (e.code) {
    case Errc::kUsage: return to_response(bad_subscription(e.text));
    case Errc::kDenied:
      if (e.text.starts_with("dest")) return to_response(bad_subscription(e.text));
      return to_response(e);
    case Errc::kTooLarge: return to_response(Problem{413, "QueryTooLargeException", e.text, {}});
    case Errc::kNotFound: return to_response(not_found);
    default: return to_response(e);
  }
}

Problem no_query_keeper() {
  return {501, "ImplementationException", "queries are not kept at this address", {}};
}

http::Response gone() {
  http::Response out;
  out.status = 204;
  return out;
}

// Parameters that a WebSocket's handshake has; without one they mean nothing.
bool is_subscription_parameter(std::string_view name) {
  constexpr std::string_view kNames[] = {"stream",    "second",        "minute",
                                         "hour",      "dayOfMonth",    "month",
                                         "dayOfWeek", "reportIfEmpty", "initialRecordTime"};
  return std::ranges::find(kNames, name) != std::end(kNames);
}

// Nothing: it has only what pages are asked for with.
std::optional<Problem> check_paging_only(
    const std::vector<std::pair<std::string, std::string>>& parameters) {
  for (const auto& [name, value] : parameters) {
    if (name == "perPage" || name == "nextPageToken") continue;
    if (is_subscription_parameter(name))
      return bad_subscription(name +
                              " belongs to a subscription: POST it to /queries/.../subscriptions");
    return Problem{400, "QueryParameterException", "a named query has its parameters in itself",
                   name};
  }
  return std::nullopt;
}

// A list's token is where it goes on, in hex.
// Empty at its begin; nothing for what is no token.
std::optional<std::string> list_token(
    const std::vector<std::pair<std::string, std::string>>& parameters) {
  const auto token = parameter(parameters, "nextPageToken");
  if (!token) return std::string();
  const auto bytes = from_hex(*token);
  if (!bytes || bytes->empty() || bytes->size() > node::kQueryNameMax) return std::nullopt;
  return std::string(as_text(*bytes));
}

http::Response bad_list_token() {
  return to_response(Problem{400, "QueryParameterException", "nextPageToken is none of this list",
                             "nextPageToken"});
}

}  // namespace

http::Response EpcisApi::queries(const Asked& asked) {
  const auto size = page_size(asked.parameters, options_);
  if (const auto* fault = std::get_if<Problem>(&size)) return to_response(*fault);
  const auto after = list_token(asked.parameters);
  if (!after) return bad_list_token();
  const std::size_t limit = std::get<PageSize>(size).events;
  std::string token;
  const auto body = readers_.with([&](EventReader& reader) -> Result<Json> {
    LM_ASSIGN(auto list, node::list_queries(reader.database(), *after, limit + 1));
    if (list.size() > limit) {
      list.pop_back();
      token = to_hex(as_bytes(list.back().name));
    }
    Json out = Json::array();
    for (const auto& q : list) out.push_back(json_of(q));
    return out;
  });
  if (!body) return to_response(body.error());
  return page_response(*body, options_, asked.request, token, clock_.now());
}

http::Response EpcisApi::post_query(const Asked& asked) {
  if (keeper_ == nullptr) return to_response(no_query_keeper());
  auto read = read_object(asked.request);
  if (const auto* fault = std::get_if<Problem>(&read)) return to_response(*fault);
  auto& body = std::get<Json>(read);
  const auto name = body.find("name");
  if (name == body.end() || !name->is_string())
    return to_response(Problem{400, "ValidationException", "name is a text", "/name"});
  const std::string text = name->get<std::string>();
  if (const Status fit = node::check_query_name(text); !fit)
    return to_response(Problem{400, "ValidationException", fit.error().text, "/name"});
  if (!body.contains("query"))
    return to_response(Problem{400, "QueryValidationException", "query is missing", "/query"});
  if (const auto query = lotmark::epcis::parse_query(body["query"]); !query)
    return query_refusal(query.error());
  if (const auto own = own_page_size(body["query"])) {
    const auto size = page_size({{"perPage", *own}}, options_);
    if (const auto* fault = std::get_if<Problem>(&size))
      return to_response(Problem{400, "QueryValidationException", fault->detail, "/query/perPage"});
  }
  const Json order = {
      {"name", text}, {"query", std::move(body["query"])}, {"owner", asked.client.id}};
  if (const auto made = keeper_->control("POST", kControl, order); !made)
    return query_refusal(made.error());
  http::Response out;
  out.status = 201;
  out.headers["Location"] = options_.origin + query_path(text);
  return out;
}

http::Response EpcisApi::query(const Asked& asked) {
  const auto found = readers_.with(
      [&](EventReader& reader) { return node::find_query(reader.database(), asked.parts[1]); });
  if (!found) return to_response(found.error());
  if (!*found) return to_response(no_such_query());
  return json_response(200, json_of(**found));
}

http::Response EpcisApi::delete_query(const Asked& asked) {
  if (keeper_ == nullptr) return to_response(no_query_keeper());
  Json order;
  if (!asked.client.id.empty() && !asked.client.admin) {
    order = {{"owner", asked.client.id}};
    const auto found = readers_.with(
        [&](EventReader& reader) { return node::find_query(reader.database(), asked.parts[1]); });
    if (!found) return to_response(found.error());
    if (*found && (*found)->owner != asked.client.id)
      return to_response(Problem{403, "SecurityException", "somebody else made that query", {}});
  }
  const auto ended = keeper_->control("DELETE", control_path(asked.parts[1]), order);
  return ended ? gone() : query_refusal(ended.error());
}

http::Response EpcisApi::query_events(const Asked& asked) {
  // Some clients offer HTTP/2 in the same header, and are content without.
  if (lower_header(asked.request, "upgrade").find("websocket") != std::string::npos)
    return to_response(Problem{
        501, "ImplementationException", "WebSockets are not served: subscribe by webhook", {}});
  if (const auto fault = check_paging_only(asked.parameters)) return to_response(*fault);
  const auto found = readers_.with(
      [&](EventReader& reader) { return node::find_query(reader.database(), asked.parts[1]); });
  if (!found) return to_response(found.error());
  if (!*found) return to_response(no_such_query());
  const NamedQuery& named = **found;
  const auto json = Json::parse(named.query, nullptr, false);
  const auto query = lotmark::epcis::parse_query(json);
  if (!query) return to_response(query.error());
  Parameters paging = asked.parameters;
  const auto own = own_page_size(json);
  if (own && !parameter(paging, "perPage")) paging.emplace_back("perPage", *own);
  return answer_parsed(asked, *query, paging, named.name, named.query);
}

http::Response EpcisApi::subscriptions(const Asked& asked) {
  const auto size = page_size(asked.parameters, options_);
  if (const auto* fault = std::get_if<Problem>(&size)) return to_response(*fault);
  const auto text = list_token(asked.parameters);
  std::uint64_t after = 0;
  if (text) std::from_chars(text->data(), text->data() + text->size(), after);
  if (!text || (!text->empty() && std::to_string(after) != *text)) return bad_list_token();
  const std::size_t limit = std::get<PageSize>(size).events;
  std::string token;
  bool there = false;
  const auto body = readers_.with([&](EventReader& reader) -> Result<Json> {
    const auto& db = reader.database();
    LM_ASSIGN(const auto query, node::find_query(db, asked.parts[1]));
    there = query.has_value();
    LM_ASSIGN(auto list, node::list_subscriptions(db, asked.parts[1], after, limit + 1));
    if (list.size() > limit) {
      list.pop_back();
      token = to_hex(as_bytes(std::to_string(list.back().k)));
    }
    Json out = Json::array();
    for (const auto& s : list) out.push_back(json_of(s));
    return out;
  });
  if (!body) return to_response(body.error());
  if (!there) return to_response(no_such_query());
  return page_response(*body, options_, asked.request, token, clock_.now());
}

http::Response EpcisApi::post_subscription(const Asked& asked) {
  if (keeper_ == nullptr) return to_response(no_query_keeper());
  if (asked.wanted.format.value_or(EpcFormat::kAsSent) != EpcFormat::kAsSent)
    return to_response(Problem{406, "NotAcceptableException",
                               "reports give identifiers as they were sent", "GS1-EPC-Format"});
  auto read = read_object(asked.request);
  if (const auto* fault = std::get_if<Problem>(&read)) return to_response(*fault);
  auto& order = std::get<Json>(read);
  if (const auto wanted = node::read_subscription(order); !wanted)
    return to_response(bad_subscription(wanted.error().text));
  order["owner"] = asked.client.id;
  const std::string& name = asked.parts[1];
  const auto made = keeper_->control("POST", control_path(name) + "/subscriptions", order);
  if (!made) return subscription_refusal(made.error(), no_such_query());
  const std::string id = made->value("id", std::string());
  const auto kept = readers_.with(
      [&](EventReader& reader) { return node::find_subscription(reader.database(), name, id); });
  if (!kept) return to_response(kept.error());
  // Ended by somebody else since: there is nothing to show any more.
  if (!*kept) return to_response(no_such_subscription());
  auto out = json_response(201, json_of(**kept));
  out.headers["Location"] = options_.origin + query_path(name) + "/subscriptions/" + id;
  return out;
}

http::Response EpcisApi::subscription(const Asked& asked) {
  const auto found = readers_.with([&](EventReader& reader) {
    return node::find_subscription(reader.database(), asked.parts[1], asked.parts[3]);
  });
  if (!found) return to_response(found.error());
  if (!*found) return to_response(no_such_subscription());
  return json_response(200, json_of(**found));
}

http::Response EpcisApi::delete_subscription(const Asked& asked) {
  if (keeper_ == nullptr) return to_response(no_query_keeper());
  const auto ended = keeper_->control(
      "DELETE",
      control_path(asked.parts[1]) + "/subscriptions/" + http::percent_encode(asked.parts[3]),
      Json());
  return ended ? gone() : subscription_refusal(ended.error(), no_such_subscription());
}

}  // namespace lotmark::api::epcis
