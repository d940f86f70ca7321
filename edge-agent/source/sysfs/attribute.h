// What the kernel's attributes mean: units of IIO and hwmon (Documentation/ABI/testing/sysfs-bus-iio and
// Documentation/hwmon/sysfs-interface of the kernel), and the text of a 1-Wire thermometer.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "edge-agent/source/poll/probe.h"
#include "edge-agent/source/sysfs/search.h"

namespace lotmark::agent {

struct SysfsQuantity {
  const char* unit;    // SenML
  std::int64_t power;  // the attribute counts in units of 10^power of it
};
// Of "in_temp", "in_voltage3", "temp1"; nothing if it is not known.
std::optional<SysfsQuantity> sysfs_quantity(SysfsBus bus, std::string_view attribute);

// What a channel of type in_voltage3 shares with others of its type: in_voltage.
std::string shared_name(std::string_view attribute);

// Of w1_slave, in degrees Celsius. A lost sensor if the CRC is wrong (told by the kernel and checked again), or all nine
// bytes are zero, which is what a shorted line says with a right CRC; not-a-number for 85 degrees, which a sensor says
// that lost its power between asking and reading.
Sample w1_sample(std::string_view text);
// Of the file temperature, where the kernel checked the CRC.
Sample w1_thousandths(std::string_view text);

}  // namespace lotmark::agent
