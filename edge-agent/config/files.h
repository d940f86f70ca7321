// The files of one configuration: agent.toml and, beside it, the drop-ins agent.d/*.toml in the order of their names,
// joined to one table. Included by config.cpp and show.cpp only: toml++ is a heavy header.
#pragma once

#include <filesystem>

#include "edge-agent/config/config.h"
#include "edge-agent/config/section.h"

namespace lotmark::agent {

struct ConfigFiles {
  toml::table table;  // each node knows its file and line
  Digest hash;        // of the file; with drop-ins, of all files' hashes in their order
};

// A file that cannot be read or parsed, and a key that two files give, are faults. Arrays of tables of all files
// stand behind one another.
ConfigFiles read_files(const std::filesystem::path& file, Faults& faults);
// What the table says. After faults in the files nothing is told that what is lacking could explain.
Config config_of(const ConfigFiles& files, Faults& faults);
Error faults_error(const Faults& faults);

}  // namespace lotmark::agent
