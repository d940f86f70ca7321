#include "ledger-node/review/opening_checks.h"

#include <fmt/format.h>

#include <algorithm>

namespace lotmark::review {

namespace {

template <class List, class T>
bool holds(const List& list, const T& x) {
  return std::find(list.begin(), list.end(), x) != list.end();
}

Status check_start(const OpeningFacts& facts, const Programme* programme, std::uint64_t now_ms) {
  if (!facts.start_arrived)
    return fail(Errc::kStartUsed, "its start signal has not arrived here yet");
  if (programme != nullptr && now_ms > *facts.start_arrived + programme->window) {
    return fail(Errc::kStartUsed,
                fmt::format("its start signal arrived more than {} ms ago", programme->window));
  }
  if (facts.start_used) return fail(Errc::kStartUsed, "another opening used its start signal");
  return {};
}

Status check_programme(const Opening& o, const Programme* programme, bool line_known) {
  if (programme == nullptr) return fail(Errc::kProgrammeUnknown, "no programme " + o.programme);
  if (!holds(programme->products, o.gtin.text)) {
    return fail(Errc::kProgrammeUnknown, o.programme + " does not list GTIN " + o.gtin.text);
  }
  if (!holds(programme->lines, o.line)) {
    return fail(Errc::kProgrammeUnknown, o.programme + " does not list the line");
  }
  if (!line_known) {
    return fail(Errc::kProgrammeUnknown, "this reviewer has no line file of that hash");
  }
  return {};
}

Status check_reviewers(const Opening& o, const OpeningFacts& facts) {
  for (const auto& kid : o.reviewers) {
    const Member* m = facts.statement->find(kid);
    if (m == nullptr || !m->has(Role::kReviewing) || !holds(m->products, o.programme)) {
      return fail(Errc::kReleaseSigner, "a reviewer named does not review " + o.programme);
    }
  }
  if (!holds(o.reviewers, facts.self)) {
    return fail(Errc::kReleaseSigner, "this reviewer is not named");
  }
  return {};
}

// Enterprise and reviewer each have the start signal's arrival by their own clock; the lateness a transaction
// is allowed is what these may differ by.
Status check_slots(const Opening& o, const Programme& p, std::uint64_t arrived) {
  if (o.slots.size() != p.count) {
    return fail(Errc::kOpeningCount,
                fmt::format("{} slots, the programme has {}", o.slots.size(), p.count));
  }
  if (o.slots[0] + p.lateness < arrived + p.slots[0]) {
    return fail(Errc::kOpeningCount, "the first slot is too early");
  }
  for (std::size_t i = 1; i < o.slots.size(); ++i) {
    if (o.slots[i] != o.slots[i - 1] + p.slots[1]) {
      return fail(Errc::kOpeningCount,
                  fmt::format("slot {} is not {} ms after the one before", i, p.slots[1]));
    }
  }
  return {};
}

}  // namespace

Status check_opening(const Signed<Opening>& opening, const Member& from, const OpeningFacts& facts,
                     std::uint64_t now_ms) {
  const Opening& o = opening.body;
  if (opening.kid != from.kid || !from.has(Role::kKeeping)) return Errc::kApplicationSigner;
  if (!opening.verified_by(from.public_key)) return Errc::kCoseSignature;
  const Programme* programme = facts.statement->programme(o.programme);
  LM_TRY(check_start(facts, programme, now_ms));
  LM_TRY(check_programme(o, programme, facts.line_known));
  const bool covered = std::any_of(from.prefixes.begin(), from.prefixes.end(),
                                   [&](const std::string& p) { return covers(p, o.gtin); });
  if (!covered) {
    return fail(Errc::kGtinPrefix, "no prefix of " + from.organisation + " covers " + o.gtin.text);
  }
  LM_TRY(check_reviewers(o, facts));
  return check_slots(o, *programme, *facts.start_arrived);
}

}  // namespace lotmark::review
