#include "api/epcis/event_json.h"

namespace lotmark::api::epcis {

namespace {

using lotmark::epcis::Context;
using lotmark::epcis::context_of;

// The prefixes that a document's @context defines, in its maps.
Context::Prefixes prefixes_of(const Json& context) {
  const auto known = Context::read(context);
  return known ? known->prefixes() : Context::Prefixes();
}

// Of an event: its own on top of its document's.
void put_context(Json& event, const Context::Prefixes& prefixes) {
  Json list = context_of(prefixes);
  if (event.contains("@context")) {
    const Json own = std::move(event["@context"]);
    if (own.is_array()) list.insert(list.end(), own.begin(), own.end());
    else list.push_back(own);
  }
  event["@context"] = std::move(list);
}

}  // namespace

Result<Json> event_json(const node::StoredEvent& event, const EventForm& form) {
  Json json = Json::parse(event.body, nullptr, false);
  if (!json.is_object())
    return fail(Errc::kCorrupt, "event " + std::to_string(event.n) + " is no JSON object");
  use_format(json, form.format, form.prefixes);
  if (!event.id) json["eventID"] = event.id_text();
  json["recordTime"] = iso_of_ms(event.recorded);
  return json;
}

Status QueryDocument::add(const node::StoredEvent& event, const Json& document_context,
                          const EventForm& form) {
  LM_ASSIGN(auto json, event_json(event, form));
  auto prefixes = prefixes_of(document_context);
  const bool differs = std::ranges::any_of(prefixes, [&](const auto& entry) {
    const auto there = prefixes_.find(entry.first);
    return there != prefixes_.end() && there->second != entry.second;
  });
  if (lotmark::epcis::redefines_own(prefixes)) {
    odd_.push_back({events_.size(), std::move(prefixes)});
  } else if (differs) {
    put_context(json, prefixes);
  } else {
    prefixes_.merge(prefixes);
  }
  events_.push_back(std::move(json));
  return {};
}

Json QueryDocument::finish(Time now, std::string_view query_name) {
  const bool all_odd =
      !odd_.empty() && odd_.size() == events_.size() &&
      std::ranges::all_of(odd_, [&](const Odd& o) { return o.prefixes == odd_[0].prefixes; });
  if (all_odd) prefixes_ = odd_[0].prefixes;
  else
    for (const auto& o : odd_) put_context(events_[o.place], o.prefixes);
  return {{"@context", context_of(prefixes_)},
          {"type", "EPCISQueryDocument"},
          {"schemaVersion", "2.0"},
          {"creationDate", to_iso(now)},
          {"epcisBody",
           {{"queryResults",
             {{"queryName", query_name}, {"resultsBody", {{"eventList", std::move(events_)}}}}}}}};
}

}  // namespace lotmark::api::epcis
