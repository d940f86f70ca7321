#include "ledger-node/review/finding.h"

#include <fmt/format.h>

#include "core/wire/limits.h"

namespace lotmark::review {

namespace {

// A report holds 256 findings in 64 KiB: these leave room for the summaries and the object around it.
constexpr std::size_t kFaultsMax = 200;
constexpr std::size_t kFaultBytesMax = 44 * 1024;
constexpr std::size_t kRemarksMax = 50;
constexpr std::size_t kRemarkBytesMax = 12 * 1024;
constexpr std::size_t kItemOverhead = 48;  // code, object and heads
static_assert(kFaultsMax + kRemarksMax + 2 <= 256);
static_assert(kFaultBytesMax + kRemarkBytesMax < limits::kObject - 4096);

}  // namespace

void cut_text(std::string& text, std::size_t max) {
  if (text.size() <= max) return;
  std::size_t n = max;
  while (n > 0 && (static_cast<unsigned char>(text[n]) & 0xc0) == 0x80) --n;
  text.resize(n);
}

std::string_view name(FindingCode code) {
  switch (code) {
    case FindingCode::kEvidenceMissing: return "evidence-missing";
    case FindingCode::kValueOutOfLimits: return "value-out-of-limits";
    case FindingCode::kGapTooLong: return "gap-too-long";
    case FindingCode::kDeclaredGap: return "declared-gap";
    case FindingCode::kRootMismatch: return "root-mismatch";
    case FindingCode::kSignatureBad: return "signature-bad";
    case FindingCode::kChainBroken: return "chain-broken";
    case FindingCode::kCommitmentMismatch: return "commitment-mismatch";
    case FindingCode::kTransactionMissing: return "transaction-missing";
    case FindingCode::kTransactionLate: return "transaction-late";
    case FindingCode::kStepMissing: return "step-missing";
    case FindingCode::kAuthorWrong: return "author-wrong";
    case FindingCode::kIntakeNotLogged: return "intake-not-logged";
    case FindingCode::kCountShort: return "count-short";
    case FindingCode::kStartUnknown: return "start-unknown";
    case FindingCode::kUnreadable: return "unreadable";
    case FindingCode::kClockNotSynchronised: return "clock-not-synchronised";
    case FindingCode::kReadingAtLimit: return "reading-exactly-at-limit";
    case FindingCode::kCalibrationOverdue: return "calibration-overdue";
    case FindingCode::kCalibrationMissing: return "calibration-missing";
  }
  return "unknown";
}

void FindingList::add(FindingCode code, std::string text, std::optional<Digest> object) {
  FoundItem item;
  item.finding = {static_cast<std::uint64_t>(code), std::move(text), object};
  add(std::move(item));
}

void FindingList::add(FoundItem item) {
  cut_text(item.finding.text, limits::kText);
  if (refuses(item.finding.code) || item.by_rule)
    put(faults_, std::move(item), kFaultsMax, kFaultBytesMax);
  else put(remarks_, std::move(item), kRemarksMax, kRemarkBytesMax);
}

void FindingList::put(Shelf& shelf, FoundItem item, std::size_t count_max, std::size_t bytes_max) {
  const std::size_t bytes = item.finding.text.size() + kItemOverhead;
  if (shelf.dropped != 0 || shelf.items.size() == count_max || shelf.bytes + bytes > bytes_max) {
    if (shelf.dropped++ == 0) shelf.dropped_code = item.finding.code;
    return;
  }
  shelf.bytes += bytes;
  shelf.items.push_back(std::move(item));
}

void FindingList::close(Shelf& shelf, std::vector<FoundItem>& out) {
  std::move(shelf.items.begin(), shelf.items.end(), std::back_inserter(out));
  if (shelf.dropped != 0) {
    FoundItem item;
    item.finding = {shelf.dropped_code, fmt::format("and {} more not listed", shelf.dropped),
                    std::nullopt};
    out.push_back(std::move(item));
  }
  shelf = {};
}

std::vector<FoundItem> FindingList::take() {
  std::vector<FoundItem> out;
  close(faults_, out);
  close(remarks_, out);
  return out;
}

}  // namespace lotmark::review
