#include "core/base/hex.h"
#include "core/epcis/hash/event_hash.h"
#include "core/proof/event_proof.h"
#include "core/proof/file_magic.h"
#include "core/proof/result_parts.h"

namespace lotmark::proof {

namespace {

using nlohmann::json;

json lot_json(const EventLot& l) {
  return {{"gtin", l.gtin.text}, {"lot", l.lot.text}, {"step", l.step}};
}

json event_json(const EventResult& r) {
  return {{"sha256", to_hex(r.sha)},
          {"hash", epcis::hash_uri(r.hash)},
          {"bytes", r.body.size()},
          {"index", r.index},
          {"count", r.count}};
}

}  // namespace

std::string_view name(EventCheck c) {
  constexpr std::string_view kNames[kEventCheckCount] = {
      "anchor",      "file",   "statements", "block", "release", "application",
      "transaction", "record", "event",      "hash",  "votes",   "quorum"};
  return kNames[static_cast<std::size_t>(c)];
}

std::string_view name(EventVerdict v) {
  switch (v) {
    case EventVerdict::kCommitted: return "committed";
    case EventVerdict::kNotFinal: return "not-final";
    case EventVerdict::kTampered: return "tampered";
    case EventVerdict::kUnknown: break;
  }
  return "unknown";
}

bool is_event_proof(ByteView file) { return magic_begins(file, "lotmark/event/"); }

std::vector<std::string_view> not_proved(const EventResult& r) {
  if (r.verdict == EventVerdict::kTampered) return {"tampered-by-whom"};
  if (r.verdict == EventVerdict::kUnknown) return {"unknown-why"};
  std::vector<std::string_view> codes = {"event-true", "event-alone", "event-readings"};
  if (r.lot) codes.push_back("author-named");
  codes.push_back("term-signer");
  if (r.verdict == EventVerdict::kCommitted) codes.push_back("removed-quorum");
  return codes;
}

std::string_view event_not_proved_words(std::string_view code) {
  if (code == "event-true") return "That it happened as the event says is the organisation's word.";
  if (code == "event-alone")
    return "That no other event, and no later declaration of an error, contradicts it is not "
           "shown.";
  if (code == "event-readings")
    return "What it says of sensors was not compared with bundles of readings here.";
  if (code == "author-named")
    return "Who the author of the record is, is named by the enterprise and not checked here.";
  return not_proved_words(code);
}

json to_json(const EventResult& r) {
  const bool proved = r.shown();
  return {{"verdict", std::string(name(r.verdict))},
          {"organisation", proved ? json(r.organisation) : json()},
          {"kid", proved ? json(to_hex(r.kid)) : json()},
          {"author", proved ? json(to_hex(r.author)) : json()},
          {"record", proved ? json(to_hex(r.record)) : json()},
          {"period", proved && r.period ? json(*r.period) : json()},
          {"lot", proved && r.lot ? lot_json(*r.lot) : json()},
          {"block", proved ? json(r.block_number) : json()},
          {"time", proved ? json(r.block_time) : json()},
          {"event", proved ? event_json(r) : json()},
          {"final", proved ? finality_json(*r.finality) : json()},
          {"checks", checks_json<EventCheck>(r.checks)},
          {"not_proved", codes_json(not_proved(r))}};
}

}  // namespace lotmark::proof
