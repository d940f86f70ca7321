// The offline check of an event proof (docs/format/event_proof.md): that exactly these bytes of one EPCIS event were
// committed to by that organisation, and stood on the chain by that block. It uses nothing but its inputs, no clock and
// no network.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "core/proof/verdict.h"
#include "core/wire/event_proof.h"

namespace lotmark::proof {

// In the order in which they run.
enum class EventCheck : std::uint8_t {
  kAnchor,
  kFile,
  kStatements,
  kBlock,
  kRelease,
  kApplication,
  kTransaction,
  kRecord,
  kEvent,
  kHash,
  kVotes,
  kQuorum
};
inline constexpr std::size_t kEventCheckCount = 12;
std::string_view name(EventCheck c);

enum class EventVerdict : std::uint8_t { kCommitted, kNotFinal, kUnknown, kTampered };
std::string_view name(EventVerdict v);

// The lot in whose step the event stands.
struct EventLot {
  Gtin gtin;
  LotNumber lot;
  std::string step;
};

struct EventResult {
  EventVerdict verdict = EventVerdict::kUnknown;
  std::array<CheckResult, kEventCheckCount> checks;
  // Set as far as the checks went; shown only when the verdict is committed or not-final.
  std::string organisation;  // of the transaction's signer
  KeyId kid;                 // its key
  KeyId author;              // of the record; of a lot's step named by the enterprise
  Digest record;             // its commitment
  std::optional<std::uint64_t> period;
  std::optional<EventLot> lot;
  std::uint64_t block_number = 0;
  std::uint64_t block_time = 0;  // ms UTC
  Digest sha;                    // of the body
  Digest hash;                   // canonical event hash
  std::uint64_t index = 0;       // of the entry, among `count` of its segment
  std::uint64_t count = 0;
  Bytes body;  // the event as it is stored
  std::optional<Finality> finality;

  const CheckResult& check(EventCheck n) const { return checks[static_cast<std::size_t>(n)]; }
  bool shown() const {
    return verdict == EventVerdict::kCommitted || verdict == EventVerdict::kNotFinal;
  }
};

EventResult verify_event(ByteView file, ByteView anchor);
// Whether the bytes say of themselves that they are an event proof, of whatever version.
bool is_event_proof(ByteView file);

// Of `defined`, the prefixes that a document's @context defined, those without which the event has another canonical
// hash, as a proof names them. field-range for one that no proof can name; usage for an event that cannot be hashed.
Result<std::vector<EventPrefix>> prefixes_used(
    std::string_view body, const std::map<std::string, std::string, std::less<>>& defined);

// The JSON object of docs/format/event_proof.md.
nlohmann::json to_json(const EventResult& result);
// What it does not prove: codes in their order; the words by event_not_proved_words.
std::vector<std::string_view> not_proved(const EventResult& result);
std::string_view event_not_proved_words(std::string_view code);

}  // namespace lotmark::proof
