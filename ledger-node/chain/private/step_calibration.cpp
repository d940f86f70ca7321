#include "ledger-node/chain/private/step_calibration.h"

#include <map>

#include "ledger-node/chain/public/enrolled_channels.h"
#include "ledger-node/intake/birth_log.h"

namespace lotmark::chain {

namespace {

struct Told {
  std::vector<ToldBirth> births;
  std::vector<EnrolledChannel> enrolled;
  std::string name;
};

bool names_any(const Told& told, const LineStep& step) {
  for (const auto& b : told.births) {
    for (const auto& channel : step.channels) {
      if (calibration_in(b.birth.body, channel) != nullptr) return true;
    }
  }
  return false;
}

Result<Told> told_of(const StepContext& context, const LineStep& step, const Claim& claim) {
  Told out;
  const Enrolled* device = context.chain.enrolled(claim.device);
  if (device == nullptr) return fail(Errc::kDeviceUnknown, "a claim's device is not enrolled");
  out.name = device->name;
  LM_ASSIGN(out.enrolled, enrolled_channels(context.chain, *device));
  if (context.births == nullptr) return out;
  LM_ASSIGN(out.births,
            context.births->over(claim.device, claim.start, claim.end, context.chain.chain_id()));
  if (!names_any(out, step)) out.births.clear();
  return out;
}

bool shown_to_all(const Programme& programme, const std::string& channel) {
  return std::any_of(programme.limits.begin(), programme.limits.end(),
                     [&](const auto& l) { return l.channel == channel; });
}

void add_note(const Programme& programme, const std::vector<Claim>& claims,
              const std::map<KeyId, Told>& told, std::vector<Segment>& out) {
  std::string note;
  bool named = false;
  for (const auto& c : claims) {
    if (!shown_to_all(programme, c.channel)) continue;
    const Told& of = told.at(c.device);
    note += note.empty() ? "" : "\n";
    note += calibration_line({of.name, c.channel, c.unit}, of.births, of.enrolled, named);
  }
  if (!named || note.size() > limits::kSegmentContent) return;
  out.push_back({{},
                 std::string(kCalibrationName),
                 Audience::kPublic,
                 "text/plain",
                 to_bytes(as_bytes(note))});
}

}  // namespace

Result<std::vector<Segment>> calibration_segments(const StepContext& context, const LineStep& step,
                                                  const std::vector<Claim>& claims,
                                                  std::size_t room) {
  std::map<KeyId, Told> told;
  std::size_t births = 0;
  for (const auto& c : claims) {
    if (told.contains(c.device)) continue;
    LM_ASSIGN(auto found, told_of(context, step, c));
    births += found.births.size();
    told.emplace(c.device, std::move(found));
  }
  std::vector<Segment> out;
  if (births + 1 > room) {
    for (auto& [kid, of] : told) of.births.clear();
  }
  for (const auto& [kid, of] : told) {
    for (const auto& b : of.births) {
      out.push_back({{},
                     std::string(kBirthName),
                     Audience::kRegulator,
                     std::string(kBirthMedia),
                     encode_told(b.at, b.birth.bytes)});
    }
  }
  if (room > 0) add_note(context.programme, claims, told, out);
  return out;
}

}  // namespace lotmark::chain
