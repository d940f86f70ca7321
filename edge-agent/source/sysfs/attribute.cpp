#include "edge-agent/source/sysfs/attribute.h"

#include <algorithm>
#include <array>

#include "core/base/hex.h"
#include "edge-agent/source/decimal.h"

namespace lotmark::agent {

namespace {

struct Known {
  SysfsBus bus;
  std::string_view prefix;
  SysfsQuantity is;
};
constexpr std::array kKnown = {
    Known{SysfsBus::kIio, "in_temp", {"Cel", -3}},
    Known{SysfsBus::kIio, "in_humidityrelative", {"%RH", -3}},
    Known{SysfsBus::kIio, "in_pressure", {"Pa", 3}},
    Known{SysfsBus::kIio, "in_voltage", {"V", -3}},
    Known{SysfsBus::kIio, "in_current", {"A", -3}},
    Known{SysfsBus::kIio, "in_power", {"W", -3}},
    Known{SysfsBus::kIio, "in_energy", {"J", 0}},
    Known{SysfsBus::kIio, "in_illuminance", {"lx", 0}},
    Known{SysfsBus::kIio, "in_resistance", {"Ohm", 0}},
    Known{SysfsBus::kIio, "in_distance", {"m", 0}},
    Known{SysfsBus::kIio, "in_accel", {"m/s2", 0}},
    Known{SysfsBus::kIio, "in_electricalconductivity", {"S/m", 0}},
    Known{SysfsBus::kIio, "in_ph", {"pH", 0}},
    Known{SysfsBus::kHwmon, "temp", {"Cel", -3}},
    Known{SysfsBus::kHwmon, "in", {"V", -3}},
    Known{SysfsBus::kHwmon, "curr", {"A", -3}},
    Known{SysfsBus::kHwmon, "power", {"W", -6}},
    Known{SysfsBus::kHwmon, "energy", {"J", -6}},
    Known{SysfsBus::kHwmon, "humidity", {"%RH", -3}},
    Known{SysfsBus::kHwmon, "fan", {"1/min", 0}},
};

// hwmon numbers its channels; IIO also has modifiers (in_temp_ambient) and differences (in_voltage0-voltage1).
bool is_channel_of(const Known& k, std::string_view attribute) {
  if (!attribute.starts_with(k.prefix)) return false;
  const auto rest = attribute.substr(k.prefix.size());
  if (k.bus == SysfsBus::kHwmon) return !rest.empty() && std::ranges::all_of(rest, is_digit);
  return rest.empty() || is_digit(rest[0]) || rest[0] == '_' || rest[0] == '-';
}

// CRC-8 of 1-Wire: x^8 + x^5 + x^4 + 1, the lowest bit first.
std::uint8_t w1_crc(ByteView bytes) {
  unsigned crc = 0;
  for (std::uint8_t byte : bytes) {
    crc ^= byte;
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0x8cU : 0U);
  }
  return static_cast<std::uint8_t>(crc);
}

// "4f 00 4b 46 7f ff 0c 10 b2 : crc=b2 YES"
bool w1_intact(std::string_view line) {
  constexpr std::size_t kBytes = 9;
  if (line.size() < kBytes * 3 || !line.ends_with(" YES")) return false;
  std::string hex;
  for (std::size_t i = 0; i < kBytes; ++i) {
    if (line[i * 3 + 2] != ' ') return false;
    hex += line.substr(i * 3, 2);
  }
  const auto bytes = from_hex(hex);
  if (!bytes || std::ranges::all_of(*bytes, [](auto b) { return b == 0; })) return false;
  return w1_crc(ByteView(*bytes).first(kBytes - 1)) == bytes->back();
}

}  // namespace

std::optional<SysfsQuantity> sysfs_quantity(SysfsBus bus, std::string_view attribute) {
  if (bus == SysfsBus::kW1) return SysfsQuantity{"Cel", -3};
  const auto at = std::ranges::find_if(
      kKnown, [&](const Known& k) { return k.bus == bus && is_channel_of(k, attribute); });
  return at == kKnown.end() ? std::nullopt : std::optional(at->is);
}

std::string shared_name(std::string_view attribute) {
  std::string out;
  std::ranges::copy_if(attribute, std::back_inserter(out), [](char c) { return !is_digit(c); });
  return out;
}

Sample w1_thousandths(std::string_view text) {
  const auto v = Exact::read(text);
  if (!v || *v == Exact(std::int64_t{85000})) return {GapReason::kNotANumber, {}};
  return {*v * Exact::ten_to(-3), {}};
}

Sample w1_sample(std::string_view text) {
  const auto end = text.find('\n');
  const auto t = text.rfind("t=");
  if (end == std::string_view::npos || t == std::string_view::npos || t < end ||
      !w1_intact(text.substr(0, end))) {
    return {GapReason::kSensorLost, {}};
  }
  return w1_thousandths(text.substr(t + 2));
}

}  // namespace lotmark::agent
