#include "ledger-node/review/calibration.h"

#include <fmt/format.h>

#include <algorithm>

#include "ledger-node/review/findings.h"

namespace lotmark::review {

namespace {

constexpr std::uint64_t kDayMs = 86'400'000;

}  // namespace

bool CalibrationBook::take(std::size_t n, const Segment& segment) {
  if (segment.name != chain::kBirthName && segment.media != chain::kBirthMedia) return false;
  const auto unreadable = [&](std::string_view why) {
    list_.add(FindingCode::kUnreadable, fmt::format("record {}, a birth: {}", n, why));
    return true;
  };
  if (segment.name != chain::kBirthName || segment.media != chain::kBirthMedia)
    return unreadable("named otherwise than its media");
  auto told = chain::read_told(segment.content, in_.chain);
  if (!told) return unreadable(told.error().message());
  const auto device = in_.enrolled->find(told->birth.kid);
  if (device == in_.enrolled->end() || !told->birth.verified_by(device->second.key)) {
    list_.add(FindingCode::kSignatureBad,
              fmt::format("record {}: a birth is not signed by an enrolled device", n),
              told->birth.id);
    return true;
  }
  auto& of = births_[{n, told->birth.kid}];
  if (!of.empty() && told->at < of.back().at) return unreadable("older than the one before");
  of.push_back(*std::move(told));
  return true;
}

const std::vector<chain::ToldBirth>& CalibrationBook::births(std::size_t n,
                                                             const KeyId& device) const {
  static const std::vector<chain::ToldBirth> kNone;
  const auto it = births_.find({n, device});
  return it == births_.end() ? kNone : it->second;
}

std::string CalibrationBook::note_of(std::size_t n, const std::vector<Claim>& claims,
                                     bool enrolled) const {
  std::string out;
  bool named = false;
  for (const auto& c : claims) {
    const auto device = in_.enrolled->find(c.device);
    if (!in_.published.contains(c.channel) || device == in_.enrolled->end()) continue;
    const auto channels = in_.enrolled_channels.find(c.device);
    const bool known = enrolled && channels != in_.enrolled_channels.end();
    out += out.empty() ? "" : "\n";
    out +=
        chain::calibration_line({device->second.name, c.channel, c.unit}, births(n, c.device),
                                known ? channels->second : std::vector<EnrolledChannel>(), named);
  }
  return named && out.size() <= limits::kSegmentContent ? out : "";
}

bool CalibrationBook::enrolments_known(const std::vector<Claim>& claims) const {
  return std::all_of(claims.begin(), claims.end(), [this](const Claim& c) {
    const auto channels = in_.enrolled_channels.find(c.device);
    return !in_.published.contains(c.channel) ||
           (channels != in_.enrolled_channels.end() && !channels->second.empty());
  });
}

void CalibrationBook::check_note(std::size_t n, const std::vector<Segment>& segments,
                                 const std::vector<Claim>& claims) const {
  std::string told;
  std::size_t notes = 0;
  bool plain = true;
  for (const auto& s : segments) {
    if (s.name != chain::kCalibrationName || s.audience != Audience::kPublic) continue;
    told = as_text(s.content);
    plain = plain && s.media == "text/plain";
    ++notes;
  }
  const auto mismatch = [&](std::string_view what) {
    list_.add(FindingCode::kRootMismatch, fmt::format("record {}: {}", n, what));
  };
  if (notes > 1 || !plain)
    return mismatch("it tells the public of calibrations more than once, or not in plain text");
  // Here or there the enrolment's block may be cut.
  if (told == note_of(n, claims, true) || told == note_of(n, claims, false)) return;
  const auto first = births_.lower_bound({n, KeyId{}});
  if (first != births_.end() && first->first.first == n)
    return mismatch("what it tells the public of calibrations is not what its births say");
  if (enrolments_known(claims))
    return mismatch("what it tells the public of calibrations is not what the enrolments say");
  list_.add(FindingCode::kUnreadable,
            fmt::format("record {}: what it tells the public of calibrations cannot be made again: "
                        "an enrolment's block is cut",
                        n));
}

std::string calibration_fault(const Calibration& c, const CalibrationRule& rule,
                              std::uint64_t first, std::uint64_t last) {
  const Expiry date{c.date};
  const std::string made = "calibration of " + chain::shown_day(c.date);
  const std::string by = ", certificate " + chain::plain_text(c.certificate);
  if (!valid(date)) return made + ", no day of the calendar" + by;
  // expired_from is the end of that day.
  const auto end_of_day = static_cast<std::uint64_t>(to_ms(expired_from(date)));
  if (first + 2 * kDayMs < end_of_day)  // a day for who dates certificates by another clock
    return fmt::format("{} is of a later day than readings from {}{}", made, iso_of_ms(first), by);
  const std::uint64_t due = end_of_day + rule.days * kDayMs;
  if (last < due) return "";
  return fmt::format("{} was due on {}, readings up to {}{}", made,
                     iso_of_ms(due - 1).substr(0, 10), iso_of_ms(last), by);
}

}  // namespace lotmark::review
