// POST /capture and /events, and the jobs of captures.
#include <charconv>

#include "api/epcis/asked.h"
#include "api/epcis/media.h"
#include "core/base/http_status.h"
#include "core/epcis/door/door.h"
#include "core/epcis/xml/read.h"

namespace lotmark::api::epcis {

using lotmark::epcis::Captured;
using lotmark::epcis::Fault;
using lotmark::epcis::SentEvent;
using node::CaptureRequest;
using node::EventReader;

namespace {

constexpr const char* kValidation = "epcisException:ValidationException";
constexpr const char* kCaptureLimit = "epcisException:CaptureLimitExceededException";

Problem problem_of(const Fault& fault) {
  constexpr std::string_view kPrefix = "epcisException:";
  std::string type = fault.type;
  if (type.starts_with(kPrefix)) type.erase(0, kPrefix.size());
  return {fault.status, type, fault.detail, fault.path};
}

Problem no_keeper() {
  return {501, "ImplementationException", "events are not captured at this address", {}};
}

// What the node does not take: its limits are those of a capture.
http::Response refusal(const Error& e) {
  if (http_status(e.code) != 413) return to_response(e);
  return to_response(Problem{413, "CaptureLimitExceededException", e.text, {}});
}

Problem unsupported() {
  return {415,
          "UnsupportedMediaTypeException",
          "an EPCIS document comes as application/json, application/ld+json or application/xml",
          {}};
}

lotmark::epcis::DoorLimits door_limits(const CaptureLimits& limits) {
  lotmark::epcis::DoorLimits out;
  out.bytes = limits.bytes;
  out.events = limits.events;
  return out;
}

using Read = std::variant<Captured, Fault>;

// A document in either form. What XML has of it is brought to JSON, which is what is kept.
Read read_body(std::string_view body, Media media, const CaptureLimits& limits) {
  const auto door = door_limits(limits);
  if (media == Media::kJson) return lotmark::epcis::read_document(body, door);
  lotmark::epcis::XmlLimits xml;
  xml.bytes = limits.bytes;
  xml.events = limits.events;
  auto made = lotmark::epcis::read_xml(body, xml);
  if (!made) {
    const bool large = made.code() == Errc::kTooLarge;
    return Fault{large ? 413 : 400, large ? kCaptureLimit : kValidation, {}, made.error().text};
  }
  lotmark::epcis::EventFaults faults;
  for (auto& f : made->faults)
    faults.emplace_back(f.place, Fault{400, kValidation, std::move(f.path), std::move(f.detail)});
  return lotmark::epcis::read_made_document(made->json, door, std::move(faults));
}

// Events of one document share its context; each keeps the bytes it came as.
CaptureRequest request_of(CaptureRequest::Kind kind, std::vector<SentEvent>& events) {
  CaptureRequest out;
  out.kind = kind;
  std::map<const std::string*, std::size_t> places;
  for (auto& e : events) {
    const auto [place, is_new] = places.emplace(e.context_json.get(), out.contexts.size());
    if (is_new) out.contexts.push_back(*e.context_json);
    out.events.push_back({place->second, std::move(e.bytes)});
  }
  return out;
}

// Who sends an event again, unsure whether it came, is told that this very event is there, and where.
http::Response not_stored(const std::string& state, const std::string& id, const std::string& why,
                          const std::string& at) {
  if (id.empty()) return to_response(Problem{400, "ValidationException", why, {}});
  const bool held = state == "held";
  auto out = to_response(
      Problem{409, "ResourceAlreadyExistsException",
              held ? "this very event is kept already, as " + id
                   : "eventID " + id + " is of another event" + (why.empty() ? "" : ": " + why),
              "/eventID"});
  if (held) out.headers["Location"] = at;
  return out;
}

}  // namespace

http::Response EpcisApi::post_capture(const Asked& asked) {
  if (keeper_ == nullptr) return to_response(no_keeper());
  const Media media = media_of(asked.request);
  if (media == Media::kOther) return to_response(unsupported());
  auto read = read_body(as_text(asked.request.body), media, options_.capture);
  if (const auto* fault = std::get_if<Fault>(&read)) return to_response(problem_of(*fault));
  auto& captured = std::get<Captured>(read);
  Json faults = Json::array();
  for (const auto& [place, fault] : captured.faults) faults.push_back(to_json(problem_of(fault)));
  auto request = request_of(
      asked.wanted.proceed ? CaptureRequest::Kind::kProceed : CaptureRequest::Kind::kRollback,
      captured.events);
  request.owner = asked.client.id;
  request.faults = faults.dump(-1, ' ', false, Json::error_handler_t::replace);
  // What is at fault in all of it by the schema is said at once: no job begins.
  if (!faults.empty() && !asked.wanted.proceed)
    return to_response(problem_of(captured.faults.front().second));
  const auto answer = keeper_->capture(request);
  if (!answer) return refusal(answer.error());
  http::Response out;
  out.status = 202;
  out.headers["Location"] = options_.origin + "/capture/" + answer->value("job", std::string());
  return out;
}

http::Response EpcisApi::post_event(const Asked& asked) {
  if (keeper_ == nullptr) return to_response(no_keeper());
  if (media_of(asked.request) != Media::kJson) return to_response(unsupported());
  auto read =
      lotmark::epcis::read_event(as_text(asked.request.body), door_limits(options_.capture));
  if (const auto* fault = std::get_if<Fault>(&read)) return to_response(problem_of(*fault));
  std::vector<SentEvent> one;
  one.push_back(std::get<SentEvent>(std::move(read)));
  Json event = one.front().value;
  const auto answer = keeper_->capture(request_of(CaptureRequest::Kind::kSingle, one));
  if (!answer) return refusal(answer.error());
  const Json& item = answer->at("events").at(0);
  const std::string id = item.value("id", std::string());
  const std::string state = item.value("state", std::string());
  const std::string at = options_.origin + "/events/" + http::percent_encode(id);
  if (state != "stored") return not_stored(state, id, item.value("why", std::string()), at);
  event["eventID"] = id;
  auto out = json_response(201, event);
  out.headers["Location"] = at;
  return out;
}

Result<Json> EpcisApi::job_json(EventReader& reader, const node::CaptureJob& job) {
  Json j = {{"captureID", job.id},
            {"createdAt", iso_of_ms(job.created)},
            {"finishedAt", iso_of_ms(job.finished)},
            {"running", false},
            {"success", job.success},
            {"captureErrorBehaviour", job.proceed ? "proceed" : "rollback"},
            {"errors", Json::parse(job.errors, nullptr, false)}};
  Json chain = {{"events", 0}, {"recorded", 0}, {"final", 0}, {"blocks", Json::array()}};
  if (job.events) {
    LM_ASSIGN(chain, places_json(reader, job.events->first, job.events->second));
  }
  j["lotmark:chain"] = std::move(chain);
  return j;
}

// How many of a run of events stand in a record, how many under a final block, and which blocks.
Result<Json> EpcisApi::places_json(EventReader& reader, std::uint64_t first, std::uint64_t last) {
  LM_ASSIGN(const auto records, reader.records_of(first, last));
  std::uint64_t recorded = 0, final = 0;
  std::map<std::uint64_t, bool> blocks;
  for (const auto& r : records) {
    recorded += r.count;
    LM_ASSIGN(const auto place, place_of(r.record));
    if (!place) continue;
    blocks[place->block] = place->final;
    final += place->final ? r.count : 0;
  }
  Json list = Json::array();
  for (const auto& [number, is_final] : blocks)
    list.push_back({{"number", number}, {"final", is_final}});
  return Json{{"events", last - first + 1},
              {"recorded", recorded},
              {"final", final},
              {"blocks", std::move(list)}};
}

Result<std::optional<ChainPlaces::Place>> EpcisApi::place_of(const node::EventRecord& record) {
  if (record.transaction) return chain_.place_of(*record.transaction);
  if (!record.block) return std::optional<ChainPlaces::Place>();
  return std::optional(ChainPlaces::Place{*record.block, chain_.is_final(*record.block)});
}

http::Response EpcisApi::capture_job(const Asked& asked) {
  const auto body = readers_.with([&](EventReader& reader) -> Result<Json> {
    LM_ASSIGN(const auto job, reader.job(asked.parts[1]));
    if (!job || !asked.client.may_see(job->owner)) return Json();
    return job_json(reader, *job);
  });
  if (!body) return to_response(body.error());
  if (body->is_null())
    return to_response(Problem{404, "NoSuchResourceException", "no capture job of that ID", {}});
  return json_response(200, *body);
}

http::Response EpcisApi::capture_jobs(const Asked& asked) {
  const auto size = page_size(asked.parameters, options_);
  if (const auto* fault = std::get_if<Problem>(&size)) return to_response(*fault);
  const std::size_t limit = std::get<PageSize>(size).events;
  std::uint64_t before = INT64_MAX;
  if (const auto token = parameter(asked.parameters, "nextPageToken")) {
    const char* end = token->data() + token->size();
    const auto [at, ec] = std::from_chars(token->data(), end, before);
    if (ec != std::errc{} || at != end || before > INT64_MAX) {
      return to_response(Problem{400, "QueryParameterException",
                                 "nextPageToken is none of this list", "nextPageToken"});
    }
  }
  std::string token;
  const auto body = readers_.with([&](EventReader& reader) -> Result<Json> {
    LM_ASSIGN(const auto page, reader.jobs(before, limit, asked.client.sees_only()));
    if (!page.is_last) token = std::to_string(page.jobs.back().k);
    Json list = Json::array();
    for (const auto& job : page.jobs) {
      LM_ASSIGN(auto j, job_json(reader, job));
      list.push_back(std::move(j));
    }
    return list;
  });
  if (!body) return to_response(body.error());
  return page_response(*body, options_, asked.request, token, clock_.now());
}

}  // namespace lotmark::api::epcis
