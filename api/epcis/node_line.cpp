#include "api/epcis/node_line.h"

#include <algorithm>
#include <mutex>
#include <set>

#include "api/epcis/node_calls.h"
#include "core/base/clock.h"
#include "ledger-node/capture/access_request.h"

namespace lotmark::api::epcis {

namespace {

constexpr const char* kCaptures = "/control/v1/captures";
constexpr const char* kAccesses = "/control/v1/accesses";
constexpr const char* kMarks = "/control/v1/marks";
constexpr std::chrono::milliseconds kMarksTimeout{10'000};
constexpr std::chrono::milliseconds kCaptureTimeout{30'000};
constexpr std::chrono::milliseconds kBriefTimeout{2'000};
constexpr std::chrono::milliseconds kAccessTimeout{4'000};
constexpr NodeCalls::Purpose kEvents{"events", "the node that keeps events"};
constexpr NodeCalls::Purpose kAccessLog{"accesses", "the node that keeps the access log"};
constexpr NodeCalls::Purpose kOfUse{"marks", "the node that takes marks"};

// Calls that wait for the node. So many have all the patience there is; the others, which a node that is well answers as
// soon, have little, and once one of the patient waits longer than that, there is no place for more.
class WaitingCalls {
 public:
  using Instant = std::chrono::steady_clock::time_point;
  explicit WaitingCalls(std::size_t patient_max) : patient_max_(patient_max) {}

  enum class Kind : std::uint8_t { kPatient, kBrief, kNone };
  class Place {
   public:
    Place(WaitingCalls& calls, Instant now) : calls_(calls), since_(now), kind_(calls.take(now)) {}
    ~Place() {
      if (kind_ == Kind::kPatient) calls_.give_back(since_);
    }
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;
    Kind kind() const { return kind_; }

   private:
    WaitingCalls& calls_;
    const Instant since_;
    const Kind kind_;
  };

 private:
  Kind take(Instant now) {
    const std::lock_guard lock(mutex_);
    if (since_.size() < patient_max_) {
      since_.insert(now);
      return Kind::kPatient;
    }
    return now - *since_.begin() > kBriefTimeout ? Kind::kNone : Kind::kBrief;
  }
  void give_back(Instant since) {
    const std::lock_guard lock(mutex_);
    since_.erase(since_.find(since));
  }

  const std::size_t patient_max_;
  std::mutex mutex_;
  std::multiset<Instant> since_;  // of the patient ones
};

class NodeLine final : public Keeper {
 public:
  NodeLine(NodeCalls patient, NodeCalls brief, std::size_t waiting_max)
      : patient_(std::move(patient)), brief_(std::move(brief)), waiting_(waiting_max) {}

  Result<lotmark::epcis::Json> capture(const node::CaptureRequest& request) override {
    // Of a document that is captured twice each event is held once; a single event would be told to its sender as one that
    // was there before.
    const auto again = request.kind == node::CaptureRequest::Kind::kSingle
                           ? NodeCalls::Again::kNever
                           : NodeCalls::Again::kHarmless;
    LM_ASSIGN(const auto body, send({"POST", kCaptures, node::encode_capture(request), {}},
                                    "application/cbor", again));
    auto json = lotmark::epcis::Json::parse(as_text(body), nullptr, false);
    if (!json.is_object() || !json.contains("events") || !json["events"].is_array() ||
        (request.kind == node::CaptureRequest::Kind::kSingle && json["events"].empty()))
      return patient_.away(fail(Errc::kNetwork, "its answer is not what was asked for"));
    return json;
  }

  Result<lotmark::epcis::Json> control(std::string_view method, const std::string& path,
                                       const lotmark::epcis::Json& body) override {
    const std::string text =
        body.is_null() ? std::string()
                       : body.dump(-1, ' ', false, lotmark::epcis::Json::error_handler_t::replace);
    LM_ASSIGN(const auto answer, send({std::string(method), path, to_bytes(as_bytes(text)), {}},
                                      "application/json", NodeCalls::Again::kNever));
    auto json = lotmark::epcis::Json::parse(as_text(answer), nullptr, false);
    if (!json.is_object())
      return patient_.away(fail(Errc::kNetwork, "its answer is not what was asked for"));
    return json;
  }

 private:
  Result<Bytes> send(const node::Call& call, const char* content_type, NodeCalls::Again again) {
    using Kind = WaitingCalls::Kind;
    const WaitingCalls::Place place(waiting_, std::chrono::steady_clock::now());
    if (place.kind() == Kind::kNone) {
      return fail(Errc::kUnavailable,
                  "others wait for the node that keeps events already: send it again");
    }
    return (place.kind() == Kind::kPatient ? patient_ : brief_).send(call, content_type, again);
  }

  NodeCalls patient_, brief_;
  WaitingCalls waiting_;
};

node::AccessEntry entry_of(const access::RunId& run, const access::JournalEntry& e) {
  const access::AccessRecord& r = e.record;
  node::AccessEntry out;
  out.run.bytes = run.bytes;
  out.number = e.number;
  out.count = e.count;
  out.time = unix_ms(r.time);
  out.caller = r.caller;
  out.organisation = r.organisation;
  out.roles = r.roles;
  out.how = access::name(r.how);
  out.address = r.address;
  out.method = r.method;
  out.route = r.route;
  out.target = r.target;
  out.status = static_cast<std::uint64_t>(std::clamp(r.status, 0, 999));
  out.why = r.why;
  // Whatever a caller sent, the entry is one that a node keeps.
  static_assert(access::AccessRecord::kTargetMax <= node::kAccessTextMax);
  for (auto* text : {&out.caller, &out.method, &out.why})
    text->resize(std::min(text->size(), node::kAccessTextMax / 2));
  return out;
}

class AccessLine final : public access::AccessSink {
 public:
  explicit AccessLine(NodeCalls node) : node_(std::move(node)) {}

  Status keep(const access::RunId& run, const std::vector<access::JournalEntry>& batch) override {
    std::vector<Bytes> entries;
    entries.reserve(batch.size());
    for (const auto& e : batch) entries.push_back(node::encode_access(entry_of(run, e)));
    LM_TRY(node_.send({"POST", kAccesses, node::encode_list(entries), {}}, "application/cbor",
                      NodeCalls::Again::kHarmless));
    return {};
  }

 private:
  NodeCalls node_;
};

class NodeMarkLine final : public MarkLine {
 public:
  explicit NodeMarkLine(NodeCalls node) : node_(std::move(node)) {}

  Result<lotmark::epcis::Json> bring(const std::vector<Bytes>& marks) override {
    LM_ASSIGN(const auto body, node_.send({"POST", kMarks, node::encode_list(marks), {}},
                                          "application/cbor", NodeCalls::Again::kHarmless));
    auto json = lotmark::epcis::Json::parse(as_text(body), nullptr, false);
    if (!json.is_object())
      return node_.away(fail(Errc::kNetwork, "its answer is not what was asked for"));
    return json;
  }

 private:
  NodeCalls node_;
};

}  // namespace

Result<lotmark::epcis::Json> Keeper::control(std::string_view, const std::string&,
                                             const lotmark::epcis::Json&) {
  return fail(Errc::kUnavailable, "queries are not kept at this address");
}

Result<std::unique_ptr<Keeper>> open_node_line(const NodeLineOptions& options) {
  LM_ASSIGN(auto patient, NodeCalls::open(options, kEvents, kCaptureTimeout));
  LM_ASSIGN(auto brief, NodeCalls::open(options, kEvents, kBriefTimeout));
  return std::unique_ptr<Keeper>(std::make_unique<NodeLine>(
      std::move(patient), std::move(brief), std::max<std::size_t>(1, options.waiting_max)));
}

Result<std::unique_ptr<access::AccessSink>> open_access_line(const NodeLineOptions& options) {
  LM_ASSIGN(auto calls, NodeCalls::open(options, kAccessLog, kAccessTimeout));
  return std::unique_ptr<access::AccessSink>(std::make_unique<AccessLine>(std::move(calls)));
}

Result<std::unique_ptr<MarkLine>> open_mark_line(const NodeLineOptions& options) {
  LM_ASSIGN(auto calls,
            NodeCalls::open(options, kOfUse, kMarksTimeout, NodeCalls::Refusals::kAsTheyAre));
  return std::unique_ptr<MarkLine>(std::make_unique<NodeMarkLine>(std::move(calls)));
}

}  // namespace lotmark::api::epcis
