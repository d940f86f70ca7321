// Channels of Modbus slaves on one line, TCP or RTU.
#pragma once

#include "edge-agent/source/modbus/line.h"
#include "edge-agent/source/poll/sampler.h"

namespace lotmark::agent {

struct ModbusChannel {
  PolledChannel is;
  int slave = 1;  // unit identifier
  ModbusField field;
};

struct ModbusOptions {
  std::string name;
  ModbusLineOptions line;
  bool one_request_per_field = false;  // for slaves that answer no two fields at once
  PollTiming timing;
  std::vector<ModbusChannel> channels;
};

std::vector<std::string> channels_of(const ModbusOptions& options);
std::unique_ptr<Source> make_source(const ModbusOptions& options, const SourcePlace& place);

}  // namespace lotmark::agent
