// What may be captured. An event that is let in stands in the body as it is given out, means the same alone as in its
// document, and is let in again when it comes by itself or made anew; a fault can be written into an answer.
#include "core/epcis/door/door.h"

#include "core/base/utf8.h"
#include "tests/fuzz/target.h"

namespace lotmark::epcis {
namespace {

void check_fault(const Fault& fault) {
  LM_ASSERT(fault.status == 400 || fault.status == 413);
  LM_ASSERT(fault.type.starts_with("epcisException:") && !fault.detail.empty());
  LM_ASSERT(is_utf8(fault.detail) && is_utf8(fault.path));
  LM_ASSERT(fault.path.empty() || fault.path.starts_with('/'));
  LM_ASSERT(fault.detail.size() < 1000);
}

void check_sent(const SentEvent& event, std::string_view body) {
  LM_ASSERT(body.find(event.bytes) != std::string_view::npos);
  LM_ASSERT(Json::parse(event.bytes) == event.value);
  LM_ASSERT(Context::read(Json::parse(*event.context_json)));
  if (event.value.contains("@context"))
    LM_ASSERT(std::holds_alternative<SentEvent>(read_event(event.bytes)));
}

void check_document_of(std::string_view body) {
  const auto outcome = read_document(body);
  if (const auto* fault = std::get_if<Fault>(&outcome)) return check_fault(*fault);
  const auto& captured = std::get<Captured>(outcome);
  for (const auto& event : captured.events) check_sent(event, body);
  for (const auto& [index, fault] : captured.faults) {
    LM_ASSERT(index < captured.events.size() + captured.faults.size());
    check_fault(fault);
  }
  if (body.starts_with("\xEF\xBB\xBF")) body.remove_prefix(3);
  const auto again = read_made_document(Json::parse(body));
  const auto* made = std::get_if<Captured>(&again);
  LM_ASSERT(made && made->events.size() == captured.events.size());
  for (std::size_t i = 0; i < made->events.size(); ++i)
    LM_ASSERT(made->events[i].value == captured.events[i].value);
}

void fuzz_epcis_door(ByteView in) {
  const auto body = as_text(in.first(std::min(in.size(), std::size_t{32} << 10)));
  check_document_of(body);
  const auto outcome = read_event(body);
  if (const auto* fault = std::get_if<Fault>(&outcome)) return check_fault(*fault);
  check_sent(std::get<SentEvent>(outcome), body);
}

}  // namespace
LM_FUZZ_TARGET(epcis_door, fuzz_epcis_door);
}  // namespace lotmark::epcis
