// How a step's record tells when its sensors were calibrated: births of the devices, and a note for the public.
// docs/format/private.md (births).
#pragma once

#include <span>

#include "core/wire/sign1.h"

namespace lotmark::chain {

inline constexpr std::string_view kBirthName = "birth";
inline constexpr std::string_view kBirthMedia = "application/vnd.lotmark.birth.v1+cbor";
inline constexpr std::string_view kCalibrationName = "calibration";
// Of one device in one record.
inline constexpr std::size_t kBirthsMax = 8;
// A birth beyond is not kept: with what stands around it, it would not go into a segment.
inline constexpr std::size_t kBirthBytesMax = 32 * 1024;

struct ToldBirth {
  std::uint64_t at = 0;  // when it arrived at the enterprise's node, ms UTC: that node's word
  Signed<Birth> birth;
};

Bytes encode_told(std::uint64_t at, ByteView birth);
// The CBOR errors, field-type, field-range, or those of the object. The signature is the caller's to check.
Result<ToldBirth> read_told(ByteView content, const Digest& chain);

bool same(const Calibration& a, const Calibration& b);
// Null where the birth has no such channel, or names no calibration of it.
const Calibration* calibration_in(const Birth& birth, std::string_view channel);
const Calibration* calibration_in(const std::vector<EnrolledChannel>& enrolled,
                                  std::string_view channel);

// The place in `births` (of one device, in the order they arrived) of the one in force at `t` for a bundle of that
// life and boot: of the births of its boot the last that arrived by then, or the first, which stands for the time
// before it could be told; where none of its boot was told, the last that arrived by then.
std::optional<std::size_t> in_force(std::span<const ToldBirth> births, const LifeId& life,
                                    std::uint64_t boot, std::uint64_t t);

// With '?' for control characters: what a device says must not command a terminal.
std::string plain_text(std::string_view text);
// "2026-01-05", whatever the number.
std::string shown_day(std::uint64_t yyyymmdd);
// "certificate K-1 of 2026-01-05, offset -0.05Cel, accuracy 0.10Cel".
std::string shown(const Calibration& calibration, std::string_view unit);

// A line of the public note, without its end: what the births name of that channel, one after another, each once;
// where they name nothing, what was enrolled. Sets `named` if there is any.
struct SensorName {
  std::string device;
  std::string channel;
  std::string unit;
};
std::string calibration_line(const SensorName& sensor, std::span<const ToldBirth> births,
                             const std::vector<EnrolledChannel>& enrolled, bool& named);

}  // namespace lotmark::chain
