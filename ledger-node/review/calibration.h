// What a lot's records tell of its sensors' calibration, and the reviewer's rules for it. docs/format/private.md
// (births), docs/adr/0035.
#pragma once

#include <map>

#include "ledger-node/chain/private/calibration.h"
#include "ledger-node/review/finding.h"

namespace lotmark::review {

struct ReviewInput;

// Of a channel whose sensors are to be calibrated; what no rule names is not judged.
struct CalibrationRule {
  std::uint64_t days =
      365;              // a calibration holds to the end of the day so many days after its date
  bool refuse = false;  // else a remark, and a person decides
};

// The births in a lot's records, by record and device, each checked once.
class CalibrationBook {
 public:
  // Both outlive the book.
  CalibrationBook(const ReviewInput& input, FindingList& list) : in_(input), list_(list) {}

  // A segment of record `n`; true if it is a birth.
  bool take(std::size_t n, const Segment& segment);
  // In the order they arrived at the enterprise.
  const std::vector<chain::ToldBirth>& births(std::size_t n, const KeyId& device) const;
  // What the public is told must be what the births say, and where there are none the enrolments: the record's one
  // public note of that name, made again from the record's claims.
  void check_note(std::size_t n, const std::vector<Segment>& segments,
                  const std::vector<Claim>& claims) const;

 private:
  std::string note_of(std::size_t n, const std::vector<Claim>& claims, bool enrolled) const;
  // Of the devices whose claims are published; not those whose enrolment's block is cut.
  bool enrolments_known(const std::vector<Claim>& claims) const;
  const ReviewInput& in_;
  FindingList& list_;
  std::map<std::pair<std::size_t, KeyId>, std::vector<chain::ToldBirth>> births_;
};

// Why a calibration does not hold for readings of [first, last], both ms UTC; empty if it does.
std::string calibration_fault(const Calibration& calibration, const CalibrationRule& rule,
                              std::uint64_t first, std::uint64_t last);

}  // namespace lotmark::review
