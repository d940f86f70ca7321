// lotmark-edge-agent: reads sources, signs what they say, and sends it until a node has it.
#include "edge-agent/commands.h"

int main(int argc, char** argv) { return lotmark::agent::run_commands(argc, argv); }
