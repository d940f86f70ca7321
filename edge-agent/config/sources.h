// The [[source]] sections. Each kind of source has a file of its own here, with its reader and its printer; the table
// in sources.cpp knows them all.
#pragma once

#include "edge-agent/config/rules.h"
#include "edge-agent/config/section.h"
#include "edge-agent/source/kinds.h"

namespace lotmark::agent {

// One section, the `place`th. `agent` is the agent's own name among those of all organisations.
SourceConfig read_source(Faults& faults, const toml::table& table, std::size_t place,
                         const std::string& agent);

// What a reader is given: its section, and the names for what it says.
struct SourceSection {
  Faults& faults;
  Section& keys;
  std::string where;  // "source[2]": before the keys of tables within
  std::string name;   // the source's
  std::string agent;  // "acme_line-1": names hold no _
};

ReplayOptions read_replay(const SourceSection& s);
std::string print_options(const ReplayOptions& options);
ExecOptions read_exec(const SourceSection& s);
std::string print_options(const ExecOptions& options);
FramesOptions read_frames(const SourceSection& s);
std::string print_options(const FramesOptions& options);
LlrpOptions read_llrp(const SourceSection& s);
std::string print_options(const LlrpOptions& options);
SysfsOptions read_sysfs(const SourceSection& s);
std::string print_options(const SysfsOptions& options);
ModbusOptions read_modbus(const SourceSection& s);
std::string print_options(const ModbusOptions& options);
SerialOptions read_serial(const SourceSection& s);
std::string print_options(const SerialOptions& options);
WedgeOptions read_wedge(const SourceSection& s);
std::string print_options(const WedgeOptions& options);
FridgeLogOptions read_fridge_log(const SourceSection& s);
std::string print_options(const FridgeLogOptions& options);
MqttOptions read_mqtt(const SourceSection& s);
std::string print_options(const MqttOptions& options);

// Shared by kinds whose input names its columns.
std::vector<Column> read_columns(const SourceSection& s, Need need);
std::string print_columns(const std::vector<Column>& columns);
// columns, exp and round
void read_senml_keys(const SourceSection& s, SenmlOptions& out);
std::string print_senml(const SenmlOptions& options);

}  // namespace lotmark::agent
