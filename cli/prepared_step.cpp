#include "cli/prepared_step.h"

#include <algorithm>
#include <set>

#include "core/base/clock.h"
#include "core/base/hex.h"
#include "core/sealed/recipient.h"
#include "ledger-node/chain/private/calibration.h"
#include "ledger-node/chain/private/event_sets.h"

namespace lotmark::cli {

namespace {

using nlohmann::json;

Error not_meant(std::size_t segment, const std::string& what) {
  return fail(Errc::kCommitmentMismatch, "segment " + std::to_string(segment) +
                                             " of what the node prepared " + what +
                                             "; nothing was signed");
}

std::string word(const json& j, const char* key) {
  const auto it = j.find(key);
  return it != j.end() && it->is_string() ? it->get<std::string>() : std::string();
}

bool is_note(const Segment& s, const json& asked) {
  return s.name == word(asked, "name") && as_text(s.content) == word(asked, "text") &&
         name(s.audience) == word(asked, "audience") && s.media == "text/plain";
}

// All that the claim says stands in what was shown, with the words made of it.
bool is_shown(const Claim& claim, const json& shown) {
  if (!shown.is_object()) return false;
  const json whole = to_json(claim);
  for (const auto& [key, value] : whole.items()) {
    if (!shown.contains(key) || shown[key] != value) return false;
  }
  return word(shown, "shown") == to_decimal(claim.annotation.min, claim.exp.value) + ".." +
                                     to_decimal(claim.annotation.max, claim.exp.value) + claim.unit;
}

bool is_calibration(const Segment& s) {
  return s.name == chain::kCalibrationName && s.audience == Audience::kPublic;
}

// The segments of a step, one after another.
class SegmentCheck {
 public:
  SegmentCheck(const json& shown, const TypedStep& typed, const Digest& chain)
      : shown_(shown), typed_(typed), chain_(chain) {}

  Status take(const Segment& s) {
    LM_TRY(take_one(s));
    ++i_;
    return {};
  }
  Status end() const;

 private:
  Status take_one(const Segment& s);
  Status take_claim(const Segment& s);
  Status take_birth(const Segment& s);
  Status take_calibration(const Segment& s);
  Status take_events(const Segment& s);

  const json& shown_;
  const TypedStep& typed_;
  const Digest& chain_;
  std::size_t i_ = 0;
  std::size_t note_ = 0;
  std::size_t claim_ = 0;
  bool calibration_ = false;
  bool events_ = false;
  std::set<KeyId> devices_;
};

Status SegmentCheck::take_one(const Segment& s) {
  if (s.name == kClaimName && s.media == kClaimMedia) return take_claim(s);
  if (note_ < typed_.notes.size() && is_note(s, typed_.notes[note_])) {
    ++note_;
    return {};
  }
  if (s.name == chain::kBirthName && s.media == chain::kBirthMedia) return take_birth(s);
  if (is_calibration(s)) return take_calibration(s);
  if (s.name == chain::kEventsName && s.media == chain::kEventsMedia) return take_events(s);
  return not_meant(i_, "is a note that you did not give (" + s.name + ")");
}

Status SegmentCheck::take_claim(const Segment& s) {
  LM_ASSIGN(const auto said, decode<Claim>(s.content));
  if (claim_ >= shown_.size() || !is_shown(said, shown_[claim_]))
    return not_meant(i_, "is a claim other than the one shown");
  if (said.step != typed_.step) return not_meant(i_, "is a claim of another step, " + said.step);
  if (said.start != typed_.start || said.end != typed_.end)
    return not_meant(i_, "is a claim of " + iso_of_ms(said.start) + " to " + iso_of_ms(said.end) +
                             ", which is not the span that you gave");
  if (s.audience != Audience::kRegulator)
    return not_meant(i_, "is a claim for others than the regulator");
  devices_.insert(said.device);
  ++claim_;
  return {};
}

Status SegmentCheck::take_birth(const Segment& s) {
  if (s.audience != Audience::kRegulator)
    return not_meant(i_, "is a birth for others than the regulator");
  const auto told = chain::read_told(s.content, chain_);
  if (!told || !devices_.contains(told->birth.kid))
    return not_meant(i_, "is no birth of a device that it has a claim of");
  return {};
}

Status SegmentCheck::take_calibration(const Segment& s) {
  if (devices_.empty()) return not_meant(i_, "tells of calibrations, and no claim rests on any");
  if (calibration_) return not_meant(i_, "tells of calibrations once more");
  if (s.media != "text/plain") return not_meant(i_, "tells of calibrations in no plain text");
  calibration_ = true;
  return {};
}

Status SegmentCheck::take_events(const Segment& s) {
  if (s.audience != Audience::kRegulator || events_ || !chain::read_event_tree(s.content))
    return not_meant(i_, "is not the one tree of events for the regulator");
  events_ = true;
  return {};
}

Status SegmentCheck::end() const {
  const auto lacks = [](const std::string& what) {
    return fail(Errc::kCommitmentMismatch,
                "what the node prepared lacks " + what + "; nothing was signed");
  };
  if (note_ != typed_.notes.size()) return lacks("the note " + word(typed_.notes[note_], "name"));
  if (claim_ != shown_.size()) return lacks("a claim that it shows");
  if (typed_.start && claim_ == 0) return lacks("any claim of the span that you gave");
  return {};
}

}  // namespace

Result<StepOpener> StepOpener::make() {
  LM_ASSIGN(auto key, sealed::OpeningKey::from(new_scalar()));
  return StepOpener(std::move(key));
}

std::string StepOpener::reader() const { return to_hex(key_.public_key()); }

Result<std::vector<Segment>> StepOpener::open(const json& prepared,
                                              const std::vector<Bytes>& entries,
                                              const Digest& chain) const {
  const json none = json::array();
  const auto at = prepared.find("recipients");
  const json& recipients = at != prepared.end() && at->is_array() ? *at : none;
  std::vector<Segment> out;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    LM_ASSIGN(auto segment, decode<Segment>(entries[i]));
    if (sealed::is_sealed(segment)) {
      const auto recipient = i < recipients.size() && recipients[i].is_string()
                                 ? from_hex(recipients[i].get<std::string>())
                                 : std::nullopt;
      if (!recipient)
        return fail(Errc::kSealReader, "the node sealed segment " + std::to_string(i) +
                                           " and does not let its author open it; nothing was "
                                           "signed");
      LM_ASSIGN(const auto content, sealed::unwrap(*recipient, key_));
      LM_ASSIGN(segment, sealed::open_segment(chain, segment, content));
    }
    out.push_back(std::move(segment));
  }
  return out;
}

Status check_prepared(const json& prepared, const TypedStep& typed,
                      const std::vector<Segment>& segments, const Digest& chain) {
  const json none = json::array();
  const auto at = prepared.find("claims");
  SegmentCheck check(at != prepared.end() && at->is_array() ? *at : none, typed, chain);
  for (const auto& s : segments) LM_TRY(check.take(s));
  return check.end();
}

std::string told_of_calibration(const std::vector<Segment>& segments) {
  const auto found = std::find_if(segments.begin(), segments.end(), is_calibration);
  return found == segments.end() ? std::string() : std::string(as_text(found->content));
}

}  // namespace lotmark::cli
