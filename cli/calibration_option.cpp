#include "cli/calibration_option.h"

#include <array>
#include <charconv>

namespace lotmark::cli {

namespace {

constexpr std::int64_t kIntegerMax = 9007199254740991;  // docs/format/cbor.md

// "-0.05" as -5 times 10^exp; `exp` falls to what its digits need.
Result<std::int64_t> decimal_of(std::string text, std::int64_t exp) {
  const auto point = text.find('.');
  std::size_t places = 0;
  if (point != std::string::npos) {
    places = text.size() - point - 1;
    text.erase(point, 1);
  }
  const auto wanted = static_cast<std::size_t>(-exp);
  if (places <= wanted) text.append(wanted - places, '0');
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value > kIntegerMax ||
      value < -kIntegerMax) {
    return fail(Errc::kUsage, "offset and accuracy of --calibration are decimals, as -0.05");
  }
  return value;
}

std::int64_t places_of(const std::string& text) {
  const auto point = text.find('.');
  return point == std::string::npos ? 0 : static_cast<std::int64_t>(text.size() - point - 1);
}

}  // namespace

// A certificate may hold commas: the last three fields are the others.
Status calibrate(const std::string& text, std::vector<EnrolledChannel>& channels) {
  const auto wrong =
      fail(Errc::kUsage, "--calibration is channel=certificate,YYYYMMDD,offset,accuracy");
  const auto equals = text.find('=');
  if (equals == std::string::npos) return wrong;
  std::string rest = text.substr(equals + 1);
  std::array<std::string, 3> fields;  // date, offset, accuracy
  for (std::size_t i = 3; i > 0; --i) {
    const auto comma = rest.rfind(',');
    if (comma == std::string::npos) return wrong;
    fields[i - 1] = rest.substr(comma + 1);
    rest.erase(comma);
  }
  Calibration c;
  c.certificate = rest;
  const auto& date = fields[0];
  const auto [end, error] = std::from_chars(date.data(), date.data() + date.size(), c.date);
  if (error != std::errc() || end != date.data() + date.size() || !valid(Expiry{c.date}))
    return fail(Errc::kUsage, "--calibration: " + date + " is no day as YYYYMMDD");
  if (c.certificate.empty() || c.certificate.size() > limits::kText) return wrong;
  c.exp.value = -std::max(places_of(fields[1]), places_of(fields[2]));
  if (!valid(c.exp)) return wrong;
  LM_ASSIGN(c.offset, decimal_of(fields[1], c.exp.value));
  LM_ASSIGN(const std::int64_t accuracy, decimal_of(fields[2], c.exp.value));
  if (accuracy < 0) return fail(Errc::kUsage, "--calibration: accuracy is not below 0");
  c.accuracy = static_cast<std::uint64_t>(accuracy);
  for (auto& channel : channels) {
    if (channel.name != text.substr(0, equals)) continue;
    channel.calibration = std::move(c);
    return {};
  }
  return fail(Errc::kUsage, "--calibration: no --channel is named " + text.substr(0, equals));
}

}  // namespace lotmark::cli
