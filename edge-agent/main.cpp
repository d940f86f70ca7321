// lotmark-edge-agent: reads sources, signs what they say, and sends it until a node has it.
#include <CLI/CLI.hpp>
#include <iostream>

#include "edge-agent/program.h"

namespace {

constexpr const char* kExamples =
    "Examples:\n"
    "  lotmark-edge-agent --config agent.toml --check-config\n"
    "  lotmark-edge-agent --config agent.toml --print-config\n"
    "  lotmark-edge-agent --config agent.toml\n"
    "\n"
    "Exit: 0 done or SIGTERM, 1 failed, 2 usage or configuration, 3 data corrupt.";

}  // namespace

int main(int argc, char** argv) {
  CLI::App cli{"Lotmark edge agent"};
  cli.footer(kExamples);
  cli.set_version_flag("--version", "lotmark-edge-agent " LOTMARK_VERSION);
  std::string file;
  bool check = false;
  bool print = false;
  cli.add_option("--config", file, "configuration, TOML (edge-agent/README.md)")->required();
  cli.add_flag("--check-config", check, "read the configuration, say what is wrong, and end");
  cli.add_flag("--print-config", print, "print what is in force, defaults included, and end");
  try {
    cli.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    return cli.exit(e) == 0 ? 0 : 2;
  }
  auto config = lotmark::agent::load_config(file);
  if (!config) return lotmark::agent::report(config.error());
  if (print) std::cout << print_config(*config);
  return check || print ? 0 : lotmark::agent::run_program(std::move(*config));
}
