// Finds a sensor in sysfs by what stays when the kernel numbers devices anew: its name, its id, or where it is plugged
// in.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/result.h"

namespace lotmark::agent {

enum class SysfsBus { kIio, kHwmon, kW1 };

// "iio:bme280" or "hwmon:tmp10*" (the text in the device's file name), "w1:28-0000075a1b2c" (its id), or, where that
// is not one device, a path below the root: "iio:bus/i2c/devices/1-0076/iio:device*". * ? and [] are as in a shell.
struct SysfsDevice {
  SysfsBus bus = SysfsBus::kIio;
  std::string pattern;
  auto operator<=>(const SysfsDevice&) const = default;
  bool is_path() const { return pattern.find('/') != std::string::npos; }
  std::string text() const;
};
// Nothing if it is none, or a path with "..", or above 256 bytes.
std::optional<SysfsDevice> read_sysfs_device(std::string_view text);

// The one folder it means; an error if there is none, or more than one.
Result<std::filesystem::path> find_sysfs_device(const std::filesystem::path& root,
                                                const SysfsDevice& device);

// The first 4 KiB of a file of an open folder, without its last line end.
Result<std::string> read_attribute(int folder, const std::string& file);

}  // namespace lotmark::agent
