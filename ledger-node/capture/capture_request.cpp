#include "ledger-node/capture/capture_request.h"

#include "core/epcis/door/json_text.h"
#include "core/wire/cbor_reader.h"
#include "core/wire/cbor_writer.h"

namespace lotmark::node {

namespace {

constexpr std::size_t kContextsMax = 256;
constexpr epcis::JsonLimits kFaultLimits{8, 200'000};

Result<std::string> text_at(const CborValue& v) {
  if (v.type() != CborType::kBytes) return Errc::kFieldType;
  return std::string(as_text(v.bytes()));
}

// Calls take(element) for each of an array of at most `max`.
template <class Take>
Status each(const CborValue& list, std::size_t max, const Take& take) {
  if (list.type() != CborType::kArray) return Errc::kFieldType;
  if (list.count() > max)
    return fail(Errc::kTooLarge, "more than " + std::to_string(max) + " in one capture");
  if (list.count() == 0) return {};
  CborValue v = list.first();
  for (std::size_t i = 0; i < list.count(); ++i, v = v.next()) LM_TRY(take(v));
  return {};
}

Result<CaptureRequest::Event> event_at(const CborValue& v, std::size_t contexts) {
  if (v.type() != CborType::kArray || v.count() != 2 || v.first().type() != CborType::kInt)
    return Errc::kFieldType;
  CaptureRequest::Event e;
  const std::int64_t context = v.first().integer();
  if (context < 0 || static_cast<std::uint64_t>(context) >= contexts) return Errc::kFieldRange;
  e.context = static_cast<std::size_t>(context);
  LM_ASSIGN(e.body, text_at(v.first().next()));
  if (e.body.size() > kCapturedEventMax)
    return fail(Errc::kTooLarge, "an event is of 64 KiB at most");
  return e;
}

}  // namespace

Bytes encode_capture(const CaptureRequest& r) {
  return cbor_bytes([&](CborWriter& w) {
    w.array(5);
    w.uint(static_cast<std::uint64_t>(r.kind));
    w.bytes(as_bytes(r.faults));
    w.array(r.contexts.size());
    for (const auto& c : r.contexts) w.bytes(as_bytes(c));
    w.array(r.events.size());
    for (const auto& e : r.events) {
      w.array(2);
      w.uint(e.context);
      w.bytes(as_bytes(e.body));
    }
    w.bytes(as_bytes(r.owner));
  });
}

Result<CaptureRequest> decode_capture(ByteView bytes) {
  if (bytes.size() > kCaptureBytesMax)
    return fail(Errc::kTooLarge, "a capture is of 20 MiB at most");
  LM_ASSIGN(auto doc, CborDoc::parse(bytes, kCaptureEventsMax * 3 + kContextsMax + 8));
  const CborValue v = doc.root();
  if (v.type() != CborType::kArray || (v.count() != 4 && v.count() != 5) ||
      v.first().type() != CborType::kInt)
    return Errc::kFieldType;
  CaptureRequest out;
  if (v.first().integer() < 0 || v.first().integer() > 2) return Errc::kEnumUnknown;
  out.kind = static_cast<CaptureRequest::Kind>(v.first().integer());
  const CborValue faults = v.first().next();
  LM_ASSIGN(out.faults, text_at(faults));
  const auto problems = epcis::read_json(out.faults, kFaultLimits);
  if (!std::holds_alternative<epcis::Json>(problems) || !std::get<epcis::Json>(problems).is_array())
    return fail(Errc::kFieldRange, "the faults are no JSON list of problems");
  const CborValue contexts = faults.next();
  LM_TRY(each(contexts, kContextsMax, [&](const CborValue& c) -> Status {
    LM_ASSIGN(auto text, text_at(c));
    if (text.size() > kCapturedContextMax)
      return fail(Errc::kTooLarge, "an @context is of 64 KiB at most");
    out.contexts.push_back(std::move(text));
    return {};
  }));
  const CborValue events = contexts.next();
  LM_TRY(each(events, kCaptureEventsMax, [&](const CborValue& e) -> Status {
    LM_ASSIGN(auto event, event_at(e, out.contexts.size()));
    out.events.push_back(std::move(event));
    return {};
  }));
  if (v.count() == 5) {
    LM_ASSIGN(out.owner, text_at(events.next()));
    if (out.owner.size() > kCaptureOwnerMax)
      return fail(Errc::kTooLarge, "an owner is of 1,024 bytes at most");
  }
  if (out.kind == CaptureRequest::Kind::kSingle && out.events.size() != 1) return Errc::kFieldRange;
  return out;
}

}  // namespace lotmark::node
