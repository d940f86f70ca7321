// Which entries of the access log stand in which period record, and how: each as an entry of a tree whose root is a
// segment's content. docs/format/access.md. Rows of private.db; the rules of when are the recorder's.
#pragma once

#include "core/merkle/tree.h"
#include "core/store/database.h"
#include "core/wire/private_level.h"

namespace lotmark::chain {

inline constexpr std::string_view kAccessName = "access";
inline constexpr std::string_view kAccessMedia = "application/vnd.lotmark.access.v1+cbor";
// Of one segment: a proof reads so many rows.
inline constexpr std::uint64_t kAccessInSegment = 4096;

// A logged access as the tree's entry tells of it.
struct AccessLeaf {
  std::uint64_t n = 0;  // its row
  Salt salt;
  KeyId by;    // whose token brought it: the API process's
  Digest sha;  // SHA-256 of the entry's bytes
};
// cbor([salt, by, sha]).
Bytes access_leaf_entry(const AccessLeaf& leaf);

// Entries first to last at places 0, 1, ... of segment `segment` of a record.
struct AccessSpan {
  std::uint64_t segment = 0;
  std::uint64_t first = 0;
  std::uint64_t last = 0;
};

// Entries go into records in the order of their rows: what waits is what is behind the last one that is placed, and what
// came back out of a copy between two that are.
class AccessSets {
 public:
  // `db` (private.db) must outlive it.
  explicit AccessSets(const store::Database& db) : db_(&db) {}

  // The last row that stands in a record; 0: none.
  Result<std::uint64_t> placed() const;
  // Rows behind `after`, in order.
  Result<std::vector<AccessLeaf>> behind(std::uint64_t after, std::uint64_t limit) const;
  // Runs of rows before the last that is placed which stand in no record, in order, at most `limit`: they were lost when
  // their turn came, and were brought back. Goes through all spans.
  struct Run {
    std::uint64_t first = 0;
    std::uint64_t last = 0;
  };
  Result<std::vector<Run>> left_behind(std::size_t limit) const;
  // In the caller's transaction. conflict if one holds a row that another has, or those behind what is placed are not in
  // order or pass over a row.
  Status place(const Digest& commitment, const std::vector<AccessSpan>& spans) const;

  // The rows at places 0, 1, ... of a segment of a record. corrupt if one is missing.
  Result<std::vector<AccessLeaf>> leaves(const Digest& commitment, std::uint64_t segment) const;
  // The record that row `n` stands in.
  struct Place {
    Digest commitment;
    std::uint64_t segment = 0;
    std::uint64_t at = 0;
  };
  Result<std::optional<Place>> place_of(std::uint64_t n) const;

 private:
  static Result<std::vector<AccessLeaf>> read(store::Query& q);
  Result<std::optional<Run>> last_span_to(std::uint64_t n) const;
  const store::Database* db_;
};

}  // namespace lotmark::chain
