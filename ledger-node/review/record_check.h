// One row of a private chain against its commitment, author, hash and transaction. docs/format/private.md.
#pragma once

#include "ledger-node/review/findings.h"

namespace lotmark::review {

struct CheckedRow {
  RecordHead head;
  Digest commitment;               // the one its author signed
  std::vector<Segment> segments;   // opened where they were sealed
  const LineStep* step = nullptr;  // the line file's, of records with a step
};

class RecordCheck {
 public:
  RecordCheck(const ReviewInput& input, FindingList& list)
      : in_(input), list_(list), previous_(input.opening.body.start) {}

  // Rows are handed in from the first on. Nothing if the row cannot be read.
  std::optional<CheckedRow> check(const LotRow& row, std::size_t n);

 private:
  bool read(const LotRow& row, CheckedRow& out);
  Segment open(const LotRow& row, std::uint64_t i, Segment segment);
  void check_record(const LotRow& row, CheckedRow& out);
  void check_author(const Signed<Record>& record, const CheckedRow& row);
  const PublicKey* author_key(const KeyId& kid, RecordKind kind) const;
  void check_inner(const Record& record);
  void check_kind(CheckedRow& row);
  void check_chain(const LotRow& row, const CheckedRow& checked);
  void check_transaction(const LotRow& row, const CheckedRow& checked);
  void add(FindingCode code, std::string_view text, std::optional<Digest> object = std::nullopt);

  const ReviewInput& in_;
  FindingList& list_;
  Digest previous_;  // row hash
  std::uint64_t time_ = 0;
  std::size_t n_ = 0;
};

// An even record of random bytes that hides when a step happened.
bool is_decoy(const RecordHead& head, const std::vector<Segment>& segments);

}  // namespace lotmark::review
