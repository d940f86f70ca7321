// Scales and probes that say lines of text on a serial port, asked for or by themselves.
#pragma once

#include "edge-agent/source/poll/sampler.h"
#include "edge-agent/source/serial/pattern.h"
#include "edge-agent/source/serial/port.h"

namespace lotmark::agent {

struct SerialOptions {
  std::string name;
  SerialPortOptions port;
  std::string send;  // asks for a line at each turn; empty: each line that comes is taken
  Millis response_timeout{1000};  // of an answer
  Millis silent_after{0};  // unasked: a device that says nothing for so long is lost; 0: it may
  bool decimal_comma = false;
  std::vector<std::string>
      patterns;  // of lines with numbers; places in them have names of channels
  std::vector<std::string>
      ignore;         // of lines that say nothing, such as those of a scale that is not at rest
  PollTiming timing;  // unasked, only its longest silence and quarantine count
  std::vector<PolledChannel> channels;
};

std::vector<std::string> channels_of(const SerialOptions& options);
std::unique_ptr<Source> make_source(const SerialOptions& options, const SourcePlace& place);

}  // namespace lotmark::agent
