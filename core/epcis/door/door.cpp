#include "core/epcis/door/door.h"

#include <map>

#include "core/epcis/door/json_text.h"
#include "core/epcis/door/schema.h"

namespace lotmark::epcis {

namespace {

constexpr std::size_t kReasonMax = 400;

Fault invalid(std::string path, std::string detail) {
  return {400, "epcisException:ValidationException", std::move(path), std::move(detail)};
}
Fault too_much(std::string path, std::string detail) {
  return {413, "epcisException:CaptureLimitExceededException", std::move(path), std::move(detail)};
}
Fault of_json(JsonFault fault) {
  return fault.limit ? too_much(std::move(fault.path), std::move(fault.detail))
                     : invalid(std::move(fault.path), std::move(fault.detail));
}

// A reason may repeat a part of what was sent that ends within a character.
std::string whole_characters(const std::string& reason) {
  const auto quoted =
      Json(reason.substr(0, kReasonMax)).dump(-1, ' ', false, Json::error_handler_t::ignore);
  return Json::parse(quoted).get<std::string>();
}

JsonLimits json_limits(const DoorLimits& limits) { return {limits.depth, limits.values}; }

std::variant<Json, Fault> read_body(std::string_view body, const DoorLimits& limits) {
  if (body.size() > limits.bytes)
    return too_much("", "the body has more than " + std::to_string(limits.bytes) + " bytes");
  auto json = read_json(body, json_limits(limits));
  if (auto* fault = std::get_if<JsonFault>(&json)) return of_json(std::move(*fault));
  return std::get<Json>(std::move(json));
}

struct KnownContext {
  std::shared_ptr<const Context> context;
  std::shared_ptr<const std::string> json;
};

// `json` on top of `base`; faults have the path "/@context".
std::variant<KnownContext, Fault> known(const Json& json, const Context& base,
                                        const DoorLimits& limits) {
  constexpr const char* kPath = "/@context";
  auto text = json.dump();
  if (text.size() > limits.context_bytes) {
    return too_much(kPath,
                    "@context has more than " + std::to_string(limits.context_bytes) + " bytes");
  }
  auto context = base.with(json);
  if (!context) return invalid(kPath, whole_characters(context.error().text));
  if (const Status names = context->check_names(); !names)
    return invalid(kPath, whole_characters(names.error().text));
  return KnownContext{std::make_shared<const Context>(*std::move(context)),
                      std::make_shared<const std::string>(std::move(text))};
}

// What the path leads to in a document of either kind; nothing if no list is there.
std::vector<std::string_view> list_path(const Json& document) {
  const auto type = document.is_object() ? document.find("type") : document.end();
  if (type != document.end() && *type == "EPCISQueryDocument")
    return {"epcisBody", "queryResults", "resultsBody", "eventList"};
  return {"epcisBody", "eventList"};
}

Json* find_list(Json& document, const std::vector<std::string_view>& path) {
  Json* at = &document;
  for (const auto name : path) {
    if (!at->is_object()) return nullptr;
    const auto member = at->find(name);
    if (member == at->end()) return nullptr;
    at = &*member;
  }
  return at->is_array() ? at : nullptr;
}

// A document without its events, which go through one by one.
class Document {
 public:
  Document(Json document, const DoorLimits& limits)
      : json_(std::move(document)), limits_(limits), path_(list_path(json_)) {
    if (Json* list = find_list(json_, path_)) std::swap(events_, list->get_ref<Json::array_t&>());
  }

  // `slices`: of the events as sent; empty if they were not. `faults`: known before.
  std::variant<Captured, Fault> capture(const std::vector<std::string_view>& slices,
                                        EventFaults faults) {
    if (auto fault = check_frame()) return *std::move(fault);
    auto context = known(json_["@context"], Context(), limits_);
    if (auto* fault = std::get_if<Fault>(&context)) return std::move(*fault);
    context_ = std::get<KnownContext>(std::move(context));
    LM_ASSERT(slices.empty() || slices.size() == events_.size());
    Captured out;
    auto known_fault = faults.begin();
    for (std::size_t i = 0; i < events_.size(); ++i) {
      if (known_fault != faults.end() && known_fault->first == i) {
        known_fault->second.path.insert(0, pointer() + '/' + std::to_string(i));
        out.faults.push_back(std::move(*known_fault++));
        continue;
      }
      SentEvent event{slices.empty() ? events_[i].dump() : std::string(slices[i]),
                      std::move(events_[i]), context_.context, context_.json};
      const auto explain = out.faults.size() < limits_.explained ? Explain::kYes : Explain::kNo;
      if (auto fault = check_one(event, explain)) {
        fault->path.insert(0, pointer() + '/' + std::to_string(i));
        out.faults.emplace_back(i, *std::move(fault));
      } else {
        out.events.push_back(std::move(event));
      }
    }
    return out;
  }

  const std::vector<std::string_view>& path() const { return path_; }

 private:
  std::string pointer() const {
    std::string out;
    for (const auto name : path_) out.append("/").append(name);
    return out;
  }

  std::optional<Fault> check_frame() const {
    if (events_.size() > limits_.events)
      return too_much(pointer(), "more than " + std::to_string(limits_.events) + " events");
    if (auto fault = check_document(json_))
      return invalid(std::move(fault->path), std::move(fault->detail));
    return std::nullopt;
  }

  std::optional<Fault> check_one(SentEvent& event, Explain explain) {
    if (event.bytes.size() > limits_.event_bytes)
      return too_much("",
                      "an event of more than " + std::to_string(limits_.event_bytes) + " bytes");
    if (auto fault = check_event(event.value, explain))
      return invalid(std::move(fault->path), std::move(fault->detail));
    if (!event.value.contains("@context")) return std::nullopt;
    return own_context(event);
  }

  // Events that bring the same context along share it.
  std::optional<Fault> own_context(SentEvent& event) {
    const Json& json = event.value["@context"];
    if (const auto same = own_.find(json.dump()); same != own_.end()) {
      event.context = same->second;
      return std::nullopt;
    }
    auto own = known(json, *context_.context, limits_);
    if (auto* fault = std::get_if<Fault>(&own)) return std::move(*fault);
    auto& [context, text] = std::get<KnownContext>(own);
    const std::size_t bytes = text->size() + context_.json->size();
    if (bytes > limits_.contexts_bytes - own_bytes_) {
      return too_much("/@context",
                      "the events' different @contexts, each on the document's, have "
                      "more than " +
                          std::to_string(limits_.contexts_bytes) + " bytes");
    }
    own_bytes_ += bytes;
    event.context = own_.emplace(*text, std::move(context)).first->second;
    return std::nullopt;
  }

  Json json_;
  const DoorLimits limits_;
  const std::vector<std::string_view> path_;
  Json::array_t events_;
  KnownContext context_;
  std::map<std::string, std::shared_ptr<const Context>, std::less<>> own_;  // by its text
  std::size_t own_bytes_ = 0;
};

}  // namespace

std::variant<Captured, Fault> read_document(std::string_view body, const DoorLimits& limits) {
  auto json = read_body(body, limits);
  if (auto* fault = std::get_if<Fault>(&json)) return std::move(*fault);
  Document document(std::get<Json>(std::move(json)), limits);
  return document.capture(elements_of(body, document.path()), {});
}

std::variant<Captured, Fault> read_made_document(const Json& made, const DoorLimits& limits,
                                                 EventFaults faults) {
  if (auto fault = check_json(made, json_limits(limits))) return of_json(*std::move(fault));
  return Document(made, limits).capture({}, std::move(faults));
}

std::variant<SentEvent, Fault> read_event(std::string_view body, const DoorLimits& limits) {
  auto json = read_body(body, limits);
  if (auto* fault = std::get_if<Fault>(&json)) return std::move(*fault);
  SentEvent event{std::string(bare(body)), std::get<Json>(std::move(json)), nullptr, nullptr};
  if (event.bytes.size() > limits.event_bytes)
    return too_much("", "an event of more than " + std::to_string(limits.event_bytes) + " bytes");
  if (auto fault = check_event(event.value, Explain::kYes))
    return invalid(std::move(fault->path), std::move(fault->detail));
  if (!event.value.contains("@context")) return invalid("", "@context is missing");
  auto context = known(event.value["@context"], Context(), limits);
  if (auto* fault = std::get_if<Fault>(&context)) return std::move(*fault);
  auto& own = std::get<KnownContext>(context);
  event.context = std::move(own.context);
  event.context_json = std::move(own.json);
  return event;
}

}  // namespace lotmark::epcis
