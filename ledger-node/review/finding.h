// Findings of a review (docs/format/public.md, "report"): the code, the words for people, and where there is
// one the reading with its path to the claim's root, so that nobody needs to believe the words.
#pragma once

#include "core/wire/receipt.h"

namespace lotmark::review {

// Numbers of docs/format/keys.md. Never renumber.
enum class FindingCode : std::uint64_t {
  kEvidenceMissing = 1,
  kValueOutOfLimits = 2,
  kGapTooLong = 3,
  kDeclaredGap = 4,
  kRootMismatch = 5,
  kSignatureBad = 6,
  kChainBroken = 7,
  kCommitmentMismatch = 8,
  kTransactionMissing = 9,
  kTransactionLate = 10,
  kStepMissing = 11,
  kAuthorWrong = 12,
  kIntakeNotLogged = 13,
  kCountShort = 14,
  kStartUnknown = 15,
  kUnreadable = 16,
  kClockNotSynchronised = 100,
  kReadingAtLimit = 101,
  kCalibrationOverdue = 102,
  kCalibrationMissing = 103,
};

// "value-out-of-limits"; "unknown" for a number nobody gave out.
std::string_view name(FindingCode code);
// Remarks (from 100 on) do not refuse a lot.
inline bool refuses(std::uint64_t code) { return code < 100; }
// The two remarks that do not ask for a person: clock-not-synchronised and reading-exactly-at-limit.
inline bool harmless(std::uint64_t code) { return code == 100 || code == 101; }

// A reading that anybody can fold to its claim: entry at `index` of the channel through `sample.path` to the
// channel entry, that one at sample.evidence_index through sample.evidence_path to the claim's root.
struct ReadingProof {
  std::uint64_t t = 0;
  std::int64_t value = 0;
  std::uint64_t index = 0;  // of the reading in its channel
  Sample sample;            // `segment` and `i` are not used: no chance drew it
};

struct FoundItem {
  Finding finding;
  std::optional<std::uint64_t> claim;  // place in ReviewFindings::claims
  std::uint64_t more = 0;              // further ones of the same kind in that claim, not listed
  std::optional<ReadingProof> proof;
  bool by_rule = false;  // a remark that refuses all the same, by this reviewer's configuration
};

// Cut between characters to at most `max` bytes.
void cut_text(std::string& text, std::size_t max);

// Collects findings within what a report may hold. What is beyond is counted and said in one last line a kind:
// nothing that refuses can be pushed out by remarks.
class FindingList {
 public:
  void add(FindingCode code, std::string text, std::optional<Digest> object = std::nullopt);
  void add(FoundItem item);
  // All that was kept, refusing ones first, each kind closed by its summary if there were more.
  std::vector<FoundItem> take();

 private:
  struct Shelf {
    std::vector<FoundItem> items;
    std::size_t bytes = 0;
    std::uint64_t dropped = 0;
    std::uint64_t dropped_code = 0;  // of the first one dropped
  };
  static void put(Shelf& shelf, FoundItem item, std::size_t count_max, std::size_t bytes_max);
  static void close(Shelf& shelf, std::vector<FoundItem>& out);
  Shelf faults_;
  Shelf remarks_;
};

}  // namespace lotmark::review
