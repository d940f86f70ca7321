// All kinds of sources: what a [[source]] section can say. A new kind is one more options type here, its reader and
// printer in edge-agent/config/, and functions beside its class: channels_of, make_source, if it differs recorded or
// device_of, and where it can be tried without a reading, probe.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "edge-agent/source/exec.h"
#include "edge-agent/source/frames.h"
#include "edge-agent/source/fridge_log/fridge_log.h"
#include "edge-agent/source/llrp/llrp.h"
#include "edge-agent/source/modbus/modbus.h"
#include "edge-agent/source/mqtt/mqtt.h"
#include "edge-agent/source/probe.h"
#include "edge-agent/source/replay.h"
#include "edge-agent/source/serial/serial.h"
#include "edge-agent/source/sysfs/sysfs.h"
#include "edge-agent/source/wedge/wedge.h"
#include "edge-agent/source/when_full.h"

namespace lotmark::agent {

using SourceOptions =
    std::variant<ReplayOptions, ExecOptions, FramesOptions, LlrpOptions, SysfsOptions,
                 ModbusOptions, SerialOptions, WedgeOptions, FridgeLogOptions, MqttOptions>;

struct SourceConfig {
  std::string name;  // in the log and in the birth; also where a replay's place is kept
  SourceOptions options;
  WhenFull when_full = WhenFull::kBlock;
};

// The channels that are known before anything was read; more can come where the input names them.
std::vector<std::string> channels_of(const SourceConfig& source);
// The input names channels that the configuration does not: SenML without columns, and a device behind the agent, which
// signs what it likes.
bool names_channels(const SourceConfig& source);
// False where no source can feed the channel. Where one names its channels only as it runs, each may come.
bool may_feed(const std::vector<SourceConfig>& sources, const std::string& channel);
// Times come from the input, which says when it has no more: it ends, or goes on later.
bool recorded(const SourceConfig& source);
// The own name in topics of a device behind the agent that signs for itself; empty if there is none.
std::string device_of(const SourceConfig& source);
std::unique_ptr<Source> make_source(const SourceConfig& source, const SourcePlace& place);
// Can it be opened? What was found, to be told. Nothing where its kind has no probe.
std::optional<Result<std::string>> try_source(const SourceConfig& source);

}  // namespace lotmark::agent
