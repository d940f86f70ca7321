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
  if (!differs) {
    prefixes_.merge(prefixes);
  } else if (!json.contains("@context")) {
    json["@context"] = context_of(prefixes);
  } else {  // its own on top of its document's
    Json list = context_of(prefixes);
    const Json own = std::move(json["@context"]);
    if (own.is_array()) list.insert(list.end(), own.begin(), own.end());
    else list.push_back(own);
    json["@context"] = std::move(list);
  }
  events_.push_back(std::move(json));
  return {};
}

Json QueryDocument::finish(Time now, std::string_view query_name) {
  return {{"@context", context_of(prefixes_)},
          {"type", "EPCISQueryDocument"},
          {"schemaVersion", "2.0"},
          {"creationDate", to_iso(now)},
          {"epcisBody",
           {{"queryResults",
             {{"queryName", query_name}, {"resultsBody", {{"eventList", std::move(events_)}}}}}}}};
}

}  // namespace lotmark::api::epcis
