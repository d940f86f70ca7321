// GET /events, /events/{eventID}: captured events by query, and by their eventID.
#include "api/epcis/asked.h"
#include "api/epcis/page_token.h"
#include "core/base/hex.h"
#include "core/epcis/hash/event_hash.h"

namespace lotmark::api::epcis {

using lotmark::epcis::SimpleQuery;
using node::EventPlace;
using node::EventReader;

namespace {

constexpr std::string_view kSimple = "SimpleEventQuery";
constexpr std::chrono::seconds kCountTime{3};

Status add_events(EventReader& reader, const std::vector<node::StoredEvent>& events,
                  const EventForm& form, QueryDocument& document) {
  for (const auto& event : events) {
    LM_ASSIGN(const auto known, reader.context(event.context));
    LM_TRY(document.add(event, Json::parse(known->json, nullptr, false), form));
  }
  return {};
}

Problem query_problem(const Error& error) {
  if (error.code == Errc::kTooLarge) return {413, "QueryTooComplexException", error.text, {}};
  return {400, "QueryParameterException", error.text, {}};
}

// How many of a page's events a query's eventCountLimit leaves.
std::size_t left_of(const SimpleQuery& query, std::size_t page, std::uint64_t given) {
  if (!query.event_count_limit) return page;
  const std::uint64_t left = *query.event_count_limit - std::min(*query.event_count_limit, given);
  return static_cast<std::size_t>(std::min<std::uint64_t>(page, left));
}

// Whether more than so many match (maxEventCount: then there is no answer). Nothing: to count them takes too long.
Result<std::optional<bool>> more_than(EventReader& reader, const SimpleQuery& query,
                                      std::uint64_t most) {
  constexpr std::size_t kStep = 1000;
  const auto until = std::chrono::steady_clock::now() + kCountTime;
  std::optional<EventPlace> after;
  std::uint64_t found = 0;
  while (std::chrono::steady_clock::now() < until) {
    LM_ASSIGN(const auto page, reader.find(query, after, kStep));
    found += page.events.size();
    if (found > most) return std::optional(true);
    if (!page.next) return std::optional(false);
    after = page.next;
  }
  return std::optional<bool>();
}

}  // namespace

http::Response EpcisApi::answer_query(const Asked& asked, Parameters parameters) {
  const auto query = lotmark::epcis::parse_query(parameters);
  if (!query) return to_response(query_problem(query.error()));
  return answer_parsed(asked, *query, asked.parameters, kSimple, {});
}

http::Response EpcisApi::answer_parsed(const Asked& asked, const SimpleQuery& query,
                                       const Parameters& paging, std::string_view query_name,
                                       std::string_view bound) {
  const auto size = page_size(paging, options_);
  if (const auto* fault = std::get_if<Problem>(&size)) return to_response(*fault);
  const std::string scope = page_scope(asked.request).append(bound);
  std::optional<PagePlace> from;
  if (const auto token = parameter(paging, "nextPageToken")) {
    from = read_token(*token, scope);
    if (!from) {
      return to_response(Problem{400, "QueryParameterException",
                                 "nextPageToken is none of this query", "nextPageToken"});
    }
  }
  const std::uint64_t given = from ? from->given : 0;
  const std::size_t limit = left_of(query, std::get<PageSize>(size).events, given);
  std::string token;
  std::optional<bool> too_many = false;
  const auto body = readers_.with([&](EventReader& reader) -> Result<Json> {
    if (query.max_event_count && !from && asked.sees_events) {
      LM_ASSIGN(too_many, more_than(reader, query, *query.max_event_count));
      if (too_many != false) return Json();
    }
    const auto after = from ? std::optional(EventPlace{from->key, from->n}) : std::nullopt;
    node::EventPage page;
    if (limit > 0 && asked.sees_events) {
      LM_ASSIGN(page, reader.find(query, after, limit));
    }
    QueryDocument document;
    LM_TRY(add_events(reader, page.events, EventForm{asked.wanted.of_events(), options_.prefixes},
                      document));
    const std::uint64_t sum = given + page.events.size();
    const bool ends = query.event_count_limit && sum >= *query.event_count_limit;
    if (page.next && !ends) token = write_token({page.next->key, page.next->n, sum}, scope);
    return document.finish(clock_.now(), query_name);
  });
  if (!body) return to_response(body.error());
  if (!too_many) {
    return to_response(Problem{413, "QueryTooComplexException",
                               "to count what matches takes too long", "maxEventCount"});
  }
  if (*too_many) {
    return to_response(Problem{413, "QueryTooLargeException",
                               "more events match than maxEventCount allows", "maxEventCount"});
  }
  return page_response(*body, options_, asked.request, token, clock_.now());
}

http::Response EpcisApi::events(const Asked& asked) {
  return answer_query(asked, asked.parameters);
}

// Who has such an event of somebody else can compare the two; who has none learns nothing of what it says.
http::Response EpcisApi::hidden_event(const std::vector<node::StoredEvent>& events) const {
  Json body = to_json(Problem{
      403, "SecurityException", "the event is not shared with the caller, but for its hash", {}});
  body["lotmark:eventHashes"] = Json::array();
  for (auto event : events) {
    event.id.reset();
    body["lotmark:eventHashes"].push_back(event.id_text());
  }
  return http::text_response(403, "application/problem+json", body.dump());
}

http::Response EpcisApi::event(const Asked& asked) {
  const std::string& id = asked.parts[1];
  bool found = false;
  http::Headers chain;
  std::vector<node::StoredEvent> hidden;
  const auto body = readers_.with([&](EventReader& reader) -> Result<Json> {
    LM_ASSIGN(const auto events, reader.by_id(id));
    found = !events.empty();
    if (!asked.sees_events) {
      hidden = events;
      return Json();
    }
    if (found) {
      LM_ASSIGN(chain, chain_headers(reader, events.front()));
    }
    QueryDocument document;
    LM_TRY(add_events(reader, events, EventForm{asked.wanted.of_events(), options_.prefixes},
                      document));
    return document.finish(clock_.now(), kSimple);
  });
  if (!body) return to_response(body.error());
  if (!found) {
    return to_response(
        Problem{404, "NoSuchResourceException", "no event of that eventID was captured", {}});
  }
  if (!hidden.empty()) return hidden_event(hidden);
  auto out = json_response(200, *body);
  out.headers.merge(chain);
  return out;
}

// Where the event stands: nothing while it is in no record yet.
Result<http::Headers> EpcisApi::chain_headers(EventReader& reader, const node::StoredEvent& event) {
  http::Headers out{{"Lotmark-Event-Hash", lotmark::epcis::hash_uri(event.hash)}};
  LM_ASSIGN(const auto record, reader.record_of(event.n));
  if (!record) return out;
  out["Lotmark-Record"] = to_hex(record->commitment);
  LM_ASSIGN(const auto place, place_of(*record));
  if (!place) return out;
  out["Lotmark-Block"] = std::to_string(place->block);
  out["Lotmark-Final"] = place->final ? "yes" : "no";
  return out;
}

}  // namespace lotmark::api::epcis
