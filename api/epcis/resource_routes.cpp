// The top-level resources of EPCIS 2.0, what is in each, and the events of one of them.
#include <algorithm>

#include "api/epcis/asked.h"
#include "core/base/hex.h"
#include "core/gs1/identity.h"

namespace lotmark::api::epcis {

using node::EventReader;
using node::ResourceKind;

namespace {

constexpr std::string_view kEventTypes[] = {"AggregationEvent", "AssociationEvent", "ObjectEvent",
                                            "TransactionEvent", "TransformationEvent"};

struct Resource {
  std::string_view path;
  ResourceKind kind;
  const char* parameter;  // that asks for events of one
};
constexpr Resource kResources[] = {
    {"epcs", ResourceKind::kEpc, "MATCH_anyEPC"},
    {"bizSteps", ResourceKind::kBizStep, "EQ_bizStep"},
    {"bizLocations", ResourceKind::kBizLocation, "EQ_bizLocation"},
    {"readPoints", ResourceKind::kReadPoint, "EQ_readPoint"},
    {"dispositions", ResourceKind::kDisposition, "EQ_disposition"},
    {"eventTypes", ResourceKind::kEventType, "eventType"},
};

const Resource& resource_at(std::string_view path) {
  return *std::ranges::find(kResources, path, &Resource::path);
}

bool holds_identifiers(ResourceKind kind) {
  return kind == ResourceKind::kEpc || kind == ResourceKind::kBizLocation ||
         kind == ResourceKind::kReadPoint;
}

// As it is kept: identifiers in canonical form, words bare.
std::string kept_form(const Resource& resource, const std::string& value) {
  using lotmark::epcis::Spelling;
  Spelling spelling = Spelling::kIdentity;
  if (resource.kind == ResourceKind::kBizStep) spelling = Spelling::kBizStep;
  if (resource.kind == ResourceKind::kDisposition) spelling = Spelling::kDisposition;
  if (resource.kind == ResourceKind::kEventType) spelling = Spelling::kEventType;
  return lotmark::epcis::spelled(value, spelling, {});
}

// Of event types the five that EPCIS has stand among those that events told of.
Result<std::vector<std::string>> values_of(EventReader& reader, ResourceKind kind,
                                           const std::string& after, std::size_t limit,
                                           bool sees_events) {
  std::vector<std::string> out;
  if (sees_events) {
    LM_ASSIGN(out, reader.values(kind, after, limit));
  }
  if (kind != ResourceKind::kEventType) return out;
  for (const auto type : kEventTypes) {
    if (type > after) out.emplace_back(type);
  }
  std::ranges::sort(out);
  out.resize(std::min(out.size(), limit));
  return out;
}

Result<bool> has_value(EventReader& reader, const Resource& resource, const std::string& value,
                       bool sees_events) {
  const std::string kept = kept_form(resource, value);
  const bool standard = resource.kind == ResourceKind::kEventType &&
                        std::ranges::find(kEventTypes, kept) != std::end(kEventTypes);
  if (standard || !sees_events) return standard;
  return reader.has_value(resource.kind, kept);
}

Json collection(Json members) {
  return {{"@context", lotmark::epcis::kContextUrl},
          {"type", "Collection"},
          {"member", std::move(members)}};
}

http::Response no_such(std::string_view what) {
  return to_response(
      Problem{404, "NoSuchResourceException", "no event tells of that " + std::string(what), {}});
}

}  // namespace

http::Response EpcisApi::root(const Asked& /*asked*/) {
  return json_response(200, collection({"queries", "capture", "events", "eventTypes", "epcs",
                                        "readPoints", "bizLocations", "dispositions", "bizSteps"}));
}

http::Response EpcisApi::resources(const Asked& asked) {
  const Resource& resource = resource_at(asked.parts[0]);
  const auto size = page_size(asked.parameters, options_);
  if (const auto* fault = std::get_if<Problem>(&size)) return to_response(*fault);
  const std::size_t limit = std::get<PageSize>(size).events;
  std::string after;
  if (const auto token = parameter(asked.parameters, "nextPageToken")) {
    const auto bytes = from_hex(*token);
    if (!bytes) {
      return to_response(Problem{400, "QueryParameterException",
                                 "nextPageToken is none of this list", "nextPageToken"});
    }
    after = std::string(as_text(*bytes));
  }
  auto found = readers_.with([&](EventReader& reader) {
    return values_of(reader, resource.kind, after, limit + 1, asked.sees_events);
  });
  if (!found) return to_response(found.error());
  std::string token;
  if (found->size() > limit) {
    found->pop_back();
    token = to_hex(as_bytes(found->back()));
  }
  if (holds_identifiers(resource.kind)) {
    for (auto& value : *found)
      value = in_format(value, asked.wanted.of_events(), options_.prefixes).value_or(value);
  }
  return page_response(collection(Json(*found)), options_, asked.request, token, clock_.now());
}

http::Response EpcisApi::resource(const Asked& asked) {
  const Resource& resource = resource_at(asked.parts[0]);
  const auto there = readers_.with([&](EventReader& reader) {
    return has_value(reader, resource, asked.parts[1], asked.sees_events);
  });
  if (!there) return to_response(there.error());
  if (!*there) return no_such(resource.path.substr(0, resource.path.size() - 1));
  return json_response(200, collection({"events"}));
}

// Another type than those that are listed is no address, as GS1's OpenAPI file has it.
http::Response EpcisApi::event_type_events(const Asked& asked) {
  auto there = resource(asked);
  return there.status == 200 ? resource_events(asked) : there;
}

http::Response EpcisApi::resource_events(const Asked& asked) {
  const Resource& resource = resource_at(asked.parts[0]);
  Parameters parameters = asked.parameters;
  // A list's values are joined by '|': one that has it itself names nothing here.
  if (asked.parts[1].find('|') != std::string::npos) return no_such(resource.path);
  parameters.emplace_back(resource.parameter, asked.parts[1]);
  return answer_query(asked, std::move(parameters));
}

}  // namespace lotmark::api::epcis
