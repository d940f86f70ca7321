#include "api/epcis/event_json.h"

namespace lotmark::api::epcis {

namespace {

using lotmark::epcis::kContextUrl;

// The prefixes that a document's @context defines, in its maps.
std::map<std::string, std::string> prefixes_of(const Json& context) {
  std::map<std::string, std::string> out;
  const auto known = lotmark::epcis::Context::read(context);
  if (known) out.insert(known->prefixes().begin(), known->prefixes().end());
  return out;
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
    json["@context"] = Json::array({kContextUrl, Json(prefixes)});
  } else {  // its own on top of its document's
    Json list = Json::array({kContextUrl, Json(prefixes)});
    const Json own = std::move(json["@context"]);
    if (own.is_array()) list.insert(list.end(), own.begin(), own.end());
    else list.push_back(own);
    json["@context"] = std::move(list);
  }
  events_.push_back(std::move(json));
  return {};
}

Json QueryDocument::finish(Time now, std::string_view query_name) {
  Json context = Json::array({kContextUrl});
  if (!prefixes_.empty()) context.push_back(Json(prefixes_));
  return {{"@context", std::move(context)},
          {"type", "EPCISQueryDocument"},
          {"schemaVersion", "2.0"},
          {"creationDate", to_iso(now)},
          {"epcisBody",
           {{"queryResults",
             {{"queryName", query_name}, {"resultsBody", {{"eventList", std::move(events_)}}}}}}}};
}

}  // namespace lotmark::api::epcis
