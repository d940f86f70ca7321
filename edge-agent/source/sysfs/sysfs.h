// Sensors behind the kernel's drivers, read from sysfs: IIO, hwmon and 1-Wire thermometers.
#pragma once

#include <filesystem>

#include "edge-agent/source/poll/sampler.h"
#include "edge-agent/source/sysfs/search.h"

namespace lotmark::agent {

struct SysfsChannel {
  PolledChannel is;
  SysfsDevice device;
  // Without its end: in_temp (in_temp_input, or in_temp_raw with its offset and scale), temp1 (temp1_input). A 1-Wire
  // thermometer has none.
  std::string attribute;
};

struct SysfsOptions {
  std::string name;
  std::filesystem::path root = "/sys";
  PollTiming timing;
  std::vector<SysfsChannel> channels;
  Millis patience{20000};  // with a read: PolledDevice
};

std::vector<std::string> channels_of(const SysfsOptions& options);
std::unique_ptr<Source> make_source(const SysfsOptions& options, const SourcePlace& place);

}  // namespace lotmark::agent
