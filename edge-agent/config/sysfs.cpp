#include <fmt/format.h>

#include "edge-agent/config/polled.h"
#include "edge-agent/config/toml_text.h"
#include "edge-agent/source/sysfs/attribute.h"

namespace lotmark::agent {

namespace {

std::string check_device(const std::string& text) {
  return read_sysfs_device(text)
             ? ""
             : "must be iio:, hwmon: or w1: and a name, or a path below root, without ..";
}

std::string check_attribute(const std::string& text) {
  return text.empty() || text.size() > 64 || text.find('/') != std::string::npos
             ? "must be 1 to 64 bytes without /"
             : "";
}

void read_channel(Section& s, SysfsOptions& out, PolledChannel is) {
  SysfsChannel c{std::move(is), {}, {}};
  std::string device;
  s.text("device", device, Need::kRequired, check_device);
  if (const auto d = read_sysfs_device(device)) c.device = *d;
  const bool thermometer = c.device.bus == SysfsBus::kW1;
  s.text("attribute", c.attribute,
         thermometer || device.empty() ? Need::kOptional : Need::kRequired, check_attribute);
  if (thermometer && !c.attribute.empty()) s.fault("attribute", "a 1-Wire thermometer has none");
  const auto known = sysfs_quantity(c.device.bus, c.attribute);
  if (known && c.is.unit.empty()) c.is.unit = known->unit;
  if (known && c.is.unit != known->unit)
    s.fault("unit", "this attribute is in " + std::string(known->unit));
  if (!known && !c.attribute.empty() && c.is.unit.empty())
    s.fault("unit", "needed: the attribute is not known");
  out.channels.push_back(std::move(c));
}

}  // namespace

SysfsOptions read_sysfs(const SourceSection& s) {
  SysfsOptions o;
  o.name = s.name;
  std::string root = o.root.string();
  s.keys.text("root", root, Need::kOptional, check_not_empty);
  o.root = root;
  read_turns(s.keys, o.timing);
  read_endurance(s.keys, o.timing);
  read_polled_channels(
      s, [&](Section& keys, PolledChannel c) { read_channel(keys, o, std::move(c)); });
  return o;
}

std::string print_options(const SysfsOptions& o) {
  return toml_line("root", toml_text(o.root.string())) + print_turns(o.timing) +
         print_endurance(o.timing) +
         toml_line("channels", toml_array(o.channels, [](const SysfsChannel& c) {
                     std::string out = "{device = " + toml_text(c.device.text());
                     if (!c.attribute.empty()) out += ", attribute = " + toml_text(c.attribute);
                     return out + ", " + print_polled(c.is) + "}";
                   }));
}

}  // namespace lotmark::agent
