// Starts a program with its standard input and output in pipes; its standard error is ours. It ends with the agent.
#pragma once

#include <sys/types.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/result.h"

namespace lotmark::agent {

struct Spawn {
  std::vector<std::string> command;
  std::vector<std::pair<std::string, std::string>> environment{};  // beside ours, or over it
  std::string_view input{};  // in the pipe before it starts; at most 32 KiB
};

struct Spawned {
  pid_t child = -1;
  int in = -1;   // what is written here it reads
  int out = -1;  // and here stands what it writes
};

// That there is no such program is said by its exit code, 127. io: no pipe, or no process.
Result<Spawned> spawn(const Spawn& what);

}  // namespace lotmark::agent
