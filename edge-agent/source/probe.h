// Can a source be opened? What `lotmark-edge-agent check` asks beside a running agent: nothing is read from a device that
// another reader would miss. Takes ten seconds at most for a name, and as long again for the device. MQTT devices are tried
// as brokers are (check/broker_trial.h).
#pragma once

#include <string>

#include "core/base/result.h"
#include "edge-agent/source/exec.h"
#include "edge-agent/source/frames.h"
#include "edge-agent/source/fridge_log/fridge_log.h"
#include "edge-agent/source/llrp/llrp.h"
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
// What was found, to be told. A terminal is opened and its settings are read. Over TCP a connection is made and let go:
// a server that takes one alone refuses it while an agent runs, which is said.
Result<std::string> probe(const ModbusOptions& options);
Result<std::string> probe(const SerialOptions& options);
// An input device says its name; of a FIFO, that it may be read.
Result<std::string> probe(const WedgeOptions& options);
// The reader takes the connection, or says that it serves somebody else.
Result<std::string> probe(const LlrpOptions& options);
// That files can be taken out of its folder, and that kept and rejected can be written to, or made.
Status probe(const FridgeLogOptions& options);

// A program as execvp finds it, by its path or in PATH, that this user may run.
Status probe_program(const std::string& name);
// A file that this user may read.
Status probe_file(const std::string& path);

}  // namespace lotmark::agent
