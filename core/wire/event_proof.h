// The file that proves one captured EPCIS event to be committed to on the chain (docs/format/event_proof.md).
#pragma once

#include "core/wire/receipt.h"

namespace lotmark {

// The segment of a record that holds count and root of the entries of its events (docs/format/events.md).
inline constexpr std::string_view kEventsName = "epcis";
inline constexpr std::string_view kEventsMedia = "application/vnd.lotmark.epcis.v1+cbor";
// Of one segment: a proof reads so many rows.
inline constexpr std::uint64_t kEventsInSegment = 4096;

struct ProvenSegment {
  std::uint64_t index = 0;
  Bytes entry;  // Segment
  std::vector<Digest> path;
};

struct ProvenEntry {
  std::uint64_t index = 0;
  Salt salt;
  Digest hash;  // canonical event hash
  std::vector<Digest> path;
};

// A prefix that the document's @context defined. As bstr: a namespace may be longer than a text.
struct EventPrefix {
  Bytes prefix;
  Bytes space;
};

struct EventProof {
  std::string magic = "lotmark/event/1";
  ObjectBytes block;                       // unprotected {394: votes}
  std::vector<Bytes> statements;           // those after the anchor's
  std::optional<ObjectBytes> transaction;  // of a lot's step; a period block holds it itself
  std::uint64_t index = 0;                 // of the transaction, in the lot or in the period body
  std::vector<Digest> path;                // under the application's tx_root
  RecordHead record;
  std::optional<std::uint64_t> period;  // of a period record
  ProvenSegment segment;
  ProvenEntry event;
  std::vector<EventPrefix> names;  // ascending by prefix
  Bytes body;                      // the event as it is stored

  bool of_lot() const { return transaction.has_value(); }
};

// cbor([salt, sha, hash]): what binds an event, given by the SHA-256 of its stored bytes and its canonical hash.
Bytes encode_event_entry(const Salt& salt, const Digest& sha, const Digest& hash);
// Content of the segment: the tree of the entries. The CBOR errors, field-type, field-range for a count of 0 or above
// kEventsInSegment.
Result<Checkpoint> read_event_tree(ByteView content);

// object-too-large, receipt-version, then as decode.
Result<EventProof> read_event_proof(ByteView bytes);

}  // namespace lotmark
