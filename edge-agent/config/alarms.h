// The sections [[alarm]], [alarms] and [[calibration]].
#pragma once

#include "edge-agent/config/config.h"
#include "edge-agent/config/section.h"

namespace lotmark::agent {

void read_alarms(Faults& faults, Section& root, Config& config);
void read_calibrations(Faults& faults, Section& root, Config& config);
// A rule on a channel that nobody feeds would never speak.
void check_alarms(Faults& faults, Section& root, const Config& config);
// As TOML that loads again.
std::string print_alarms(const Config& config);

// [broker], [consortium], and [alarms] if it has a url.
BrokerConfig read_broker(Section& section, Need certificate = Need::kRequired);
std::string print_broker(std::string_view name, const BrokerConfig& broker);

}  // namespace lotmark::agent
