// Can a source be opened? What `lotmark-edge-agent check` asks beside a running agent: nothing is read from a device that
// another reader would miss. A kind that has no such question has no probe.
#pragma once

#include <optional>

#include "core/base/result.h"
#include "edge-agent/source/exec.h"
#include "edge-agent/source/frames.h"
#include "edge-agent/source/fridge_log/fridge_log.h"
#include "edge-agent/source/modbus/modbus.h"
#include "edge-agent/source/replay.h"
#include "edge-agent/source/serial/serial.h"
#include "edge-agent/source/sysfs/sysfs.h"
#include "edge-agent/source/wedge/wedge.h"

namespace lotmark::agent {

Status probe(const ReplayOptions& options);
Status probe(const ExecOptions& options);
Status probe(const FramesOptions& options);
// That each channel's device is there, once.
Status probe(const SysfsOptions& options);
// A terminal; nothing of TCP, since many servers take one connection alone, which a running agent has.
std::optional<Status> probe(const ModbusOptions& options);
Status probe(const SerialOptions& options);
Status probe(const WedgeOptions& options);
Status probe(const FridgeLogOptions& options);

}  // namespace lotmark::agent
