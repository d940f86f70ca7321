// The command line of lotmark-edge-agent.
#pragma once

namespace lotmark::agent {

// The exit code: 0 done, 1 failed or warnings, 2 usage, configuration or faults, 3 data corrupt.
int run_commands(int argc, char** argv);

}  // namespace lotmark::agent
