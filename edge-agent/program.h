// The program around the agent: log, signals, exit codes.
#pragma once

#include "edge-agent/config/config.h"

namespace lotmark::agent {

// Exit code of an error: 2 configuration, 3 data corrupt, 1 all others. Says it on standard error.
int report(const Error& error);
// Runs the agent until it is done, or SIGTERM or SIGINT; on SIGHUP it reads `file` again and goes over to what is in it.
// Call before any thread is started; the exit code.
int run_program(const std::filesystem::path& file, Config config);

}  // namespace lotmark::agent
