// Which EPCIS events stand in which record, and how: each as an entry of a tree whose root is a segment's content.
// docs/format/events.md. Rows of private.db; the rules of when are the engines'.
#pragma once

#include "core/merkle/tree.h"
#include "core/store/database.h"
#include "core/wire/event_proof.h"

namespace lotmark::chain {

using lotmark::kEventsInSegment;
using lotmark::kEventsMedia;
using lotmark::kEventsName;

// An event as its entry tells of it.
struct EventLeaf {
  std::uint64_t n = 0;  // its row
  Salt salt;
  Digest sha;   // SHA-256 of the bytes it was sent as
  Digest hash;  // canonical event hash (CBV 2.0)
};
// cbor([salt, sha, hash]).
Bytes event_entry(const EventLeaf& leaf);

// Content of a segment: cbor([count, root]) over the entries in their order.
struct EventTree {
  std::uint64_t count = 0;
  Digest root;
};
Bytes encode_event_tree(const merkle::CompactRange& tree);
// The CBOR errors, field-type, field-range for a count of 0 or above the bound.
Result<EventTree> read_event_tree(ByteView content);

// Events first to last at places at, at + 1, ... of segment `segment` of a record.
struct EventSpan {
  std::uint64_t segment = 0;
  std::uint64_t at = 0;
  std::uint64_t first = 0;
  std::uint64_t last = 0;
  std::uint64_t count() const { return last - first + 1; }
};
// Adds the next event of that segment, at place `at`.
void add_to_spans(std::vector<EventSpan>& spans, std::uint64_t segment, std::uint64_t at,
                  std::uint64_t n);
Bytes encode_spans(const std::vector<EventSpan>& spans);
Result<std::vector<EventSpan>> decode_spans(ByteView bytes);

class EventSets {
 public:
  // `db` (private.db) must outlive it.
  explicit EventSets(const store::Database& db) : db_(&db) {}

  // Events in no record, in order, behind event `after`: of a lot that is open; of none.
  Result<std::vector<EventLeaf>> pending_of(const Digest& start, std::uint64_t after,
                                            std::uint64_t limit) const;
  Result<std::vector<EventLeaf>> pending(std::uint64_t after, std::uint64_t limit) const;
  // Those of a lot that is open no more wait for the period chain from now on.
  Status release(const Digest& start) const;
  // The same of a lot that is stopped: those that a signed step holds, which waits for its slot, stay with it. At most
  // `limit` at once; how many it were. corrupt, and none, if a set of the lot cannot be read.
  Result<std::uint64_t> release_unspoken(const Digest& start, std::uint64_t limit) const;

  // Notes which events a record holds that has no place yet. In the caller's transaction.
  Status draft(const Digest& commitment, const std::optional<Digest>& start,
               const std::vector<EventSpan>& spans) const;
  // The record is placed: its events wait no more. Nothing to do for one without events. In the caller's transaction.
  Status place(const Digest& commitment) const;
  // Of a draft: whether all its events wait still, for its own lot. True for one without events.
  Result<bool> all_wait(const Digest& commitment) const;
  // Whether an event stands in both.
  Result<bool> overlap(const Digest& commitment, const Digest& other) const;

  // Empty for a record without events.
  Result<std::vector<EventSpan>> spans_of(const Digest& commitment) const;
  // The rows of the events at places 0, 1, ... of a segment of a record.
  Result<std::vector<EventLeaf>> leaves(const Digest& commitment, std::uint64_t segment) const;
  struct Place {
    Digest commitment;
    std::optional<Digest> start;  // of the lot; null: of the period chain
    std::uint64_t segment = 0;
    std::uint64_t at = 0;
  };
  Result<std::optional<Place>> place_of(std::uint64_t n) const;

 private:
  // Events of the lot that a record holds, or a step that is signed; in order.
  Result<std::vector<EventSpan>> spoken_for(const Digest& start) const;
  Result<std::vector<EventLeaf>> read(store::Query& q) const;
  const store::Database* db_;
};

}  // namespace lotmark::chain
