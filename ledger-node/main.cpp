#include <csignal>
#include <cstdio>

#include <CLI/CLI.hpp>

#include "ledger-node/node.h"

using namespace lotmark;

int main(int argc, char** argv) {
  CLI::App app{
      "lotmark-ledger-node: keeps, reviews, orders or votes on the chain, as its key's roles say"};
  std::string file;
  bool check = false;
  bool print = false;
  app.add_option("--config", file, "the node's TOML file")->required();
  app.add_flag("--check-config", check, "read the configuration, name every fault, and end");
  app.add_flag("--print-config", print, "print the configuration in force, and end");
  app.set_version_flag("--version", "lotmark-ledger-node " LOTMARK_VERSION);
  app.footer(
      "Examples:\n  lotmark-ledger-node --config /etc/lotmark/node.toml\n"
      "  lotmark-ledger-node --config node.toml --check-config");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    return app.exit(e) == 0 ? 0 : 2;
  }
  auto config = node::read_node_config(file);
  if (!config) {
    std::fprintf(stderr, "%s\n", config.error().text.c_str());
    return 2;
  }
  if (print) std::printf("%s", node::print_config(*config).c_str());
  if (check || print) return 0;
  log::setup(config->name, config->log);
  sigset_t stop;
  sigemptyset(&stop);
  sigaddset(&stop, SIGINT);
  sigaddset(&stop, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &stop, nullptr);  // every thread inherits it; sigwait below takes them
  std::signal(SIGPIPE, SIG_IGN);
  int signal = 0;
  while (signal <= 0) {
    auto running = node::Node::start(*config);
    if (!running) {
      log::error("node.not_started", {{"error", running.error().message()}});
      const Errc code = running.error().code;
      return code == Errc::kCorrupt ? 3 : code == Errc::kConfig ? 2 : 1;
    }
    const timespec look{0, 200'000'000};
    do signal = sigtimedwait(&stop, nullptr, &look);
    while (signal <= 0 && !(*running)->must_restart());
    if (signal <= 0) log::warn("node.restarts", {{"why", "a statement changed its roles"}});
  }
  log::info("node.stopping", {{"signal", signal}});
  return 0;
}
