// The calibration that was in force for a claim's readings. docs/adr/0035.
#include <fmt/format.h>

#include "ledger-node/review/claim_check.h"

namespace lotmark::review {

// The stretch of the step's readings that each calibration stands for; null: those of which none is named.
std::vector<std::pair<const Calibration*, ClaimCheck::Span>> ClaimCheck::calibrations() const {
  std::vector<std::pair<const Calibration*, Span>> out;
  const Calibration* enrolled = nullptr;
  if (const auto e = in_.enrolled_channels.find(claim_.device); e != in_.enrolled_channels.end())
    enrolled = chain::calibration_in(e->second, claim_.channel);
  const auto equal = [](const Calibration* a, const Calibration* b) {
    return a == b || (a != nullptr && b != nullptr && chain::same(*a, *b));
  };
  for (const auto& r : readings_) {
    if (!in_window(r)) continue;
    const Bundle& b = leaves_[r.leaf].evidence->bundle->body;
    const Calibration* c = nullptr;
    if (const auto at = chain::in_force(births_, b.life, b.boot, r.t))
      c = chain::calibration_in(births_[*at].birth.body, claim_.channel);
    if (c == nullptr) c = enrolled;
    auto it =
        std::find_if(out.begin(), out.end(), [&](const auto& x) { return equal(x.first, c); });
    if (it == out.end()) it = out.insert(out.end(), {c, Span{r.t, r.t}});
    it->second.from = std::min(it->second.from, r.t);
    it->second.to = std::max(it->second.to, r.t);
  }
  return out;
}

void ClaimCheck::check_calibration() {
  const auto rule = in_.calibration.find(claim_.channel);
  for (const auto& [c, span] : calibrations()) {
    if (c != nullptr) calibration_.push_back(chain::shown(*c, claim_.unit));
    if (rule == in_.calibration.end()) continue;
    FoundItem item;
    item.claim = place_;
    item.by_rule = rule->second.refuse;
    if (c == nullptr) {
      item.finding.code = static_cast<std::uint64_t>(FindingCode::kCalibrationMissing);
      item.finding.text = fmt::format("{} has no calibration named for readings from {} to {}",
                                      subject(), iso_of_ms(span.from), iso_of_ms(span.to));
      list_.add(std::move(item));
      continue;
    }
    const std::string fault = calibration_fault(*c, rule->second, span.from, span.to);
    if (fault.empty()) continue;
    item.finding.code = static_cast<std::uint64_t>(FindingCode::kCalibrationOverdue);
    item.finding.text = subject() + " " + fault;
    list_.add(std::move(item));
  }
}

}  // namespace lotmark::review
