// Runs a program to its end, with limits on time and on what it says.
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/result.h"
#include "edge-agent/source/child.h"

namespace lotmark::agent {

struct ChildRun {
  std::vector<std::string> command;
  std::vector<std::pair<std::string, std::string>> environment;  // beside ours, or over it
  std::string_view input;  // on its standard input; at most 32 KiB
  std::chrono::milliseconds timeout{30000};
};

// What it wrote on its standard output, at most 64 KiB; its standard error is ours. unavailable: `stop` was set, and
// it was ended; io: it could not be started, took too long or said too much and was ended, or its exit code was
// another than 0.
Result<std::string> run_child(const ChildRun& run, const StopEvent& stop);

}  // namespace lotmark::agent
