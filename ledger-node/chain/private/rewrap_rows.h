// Rows that may hold sealed segments, in the order in which a rewrap goes through them, and the place where one call ended
// and the next goes on. docs/operate/peer.md (POST /control/v1/rewraps).
#pragma once

#include <optional>
#include <string>

#include "core/store/database.h"

namespace lotmark::node {

// Steps that wait in the order of their commitments, records in that of their lots, and once more the steps that were
// prepared since the first call: their commitments may lie before those that were passed. A step that takes its slot
// meanwhile is met again among the records, where nothing is done twice.
struct RewrapPlace {
  enum class Part { kWaiting, kRecords, kLate };
  Part part = Part::kWaiting;
  std::uint64_t since = 0;  // ms UTC: when the first call was made
  Bytes key;                // of the row: commitment, or the lot's start
  std::int64_t n = -1;      // of a record
  // The row again, from this segment on; null: the rows behind it.
  std::optional<std::uint64_t> segment = {};

  // One text, which only this reads.
  std::string text() const;
  // Nothing if it is no place; where `text` is empty the beginning, of a first call at `now_ms`.
  static std::optional<RewrapPlace> from(const std::string& text, std::uint64_t now_ms);
};

struct SealedRow {
  RewrapPlace place;
  Digest commitment;
  std::uint64_t first = 0;  // segments before it were done by the call before
  Result<std::vector<Bytes>> segments = std::vector<Bytes>();  // an error: the row is damaged
  std::size_t bytes = 0;

  RewrapPlace behind() const;
  RewrapPlace again_from(std::uint64_t segment) const;
};

class RewrapRows {
 public:
  // Of one lot, or of all. `db` (private.db) must outlive it.
  RewrapRows(const store::Database& db, std::optional<Digest> start, RewrapPlace place)
      : db_(db), start_(start), place_(std::move(place)) {}

  // Nothing at the end.
  Result<std::optional<SealedRow>> next();

 private:
  Result<std::optional<SealedRow>> next_waiting();
  Result<std::optional<SealedRow>> next_record();
  SealedRow take(const store::Query& q, int commitment);
  void begin(RewrapPlace::Part part);

  const store::Database& db_;
  std::optional<Digest> start_;
  RewrapPlace place_;
};

}  // namespace lotmark::node
