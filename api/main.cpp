#include <csignal>
#include <cstdio>

#include <CLI/CLI.hpp>

#include "api/service.h"

using namespace lotmark;

static int exit_code(Errc code) {
  if (code == Errc::kConfig) return 2;
  return code == Errc::kCorrupt ? 3 : 1;
}

int main(int argc, char** argv) {
  CLI::App app{
      "lotmark-api: answers scans with the page, receipts and verdicts of a node's replica, "
      "read-only"};
  std::string file;
  bool check = false;
  bool print = false;
  app.add_option("--config", file, "the API's TOML file")->required();
  app.add_flag("--check-config", check, "read the configuration, name every fault, and end");
  app.add_flag("--print-config", print, "print the configuration in force, and end");
  app.set_version_flag("--version", "lotmark-api " LOTMARK_VERSION);
  app.footer(
      "Examples:\n  lotmark-api --config /etc/lotmark/api.toml\n"
      "  lotmark-api --config api.toml --check-config\n"
      "Ends with 0 when told to stop, 1 if it fails, 2 for usage or configuration, 3 if data is "
      "corrupt.");
  try {
    app.parse(argc, argv);
  } catch (const CLI::RequiredError& e) {
    const auto unknown = app.remaining();  // said first: it is why the other was not seen
    return app.exit(unknown.empty() ? CLI::Error(e) : CLI::ExtrasError(unknown)), 2;
  } catch (const CLI::ParseError& e) {
    return app.exit(e) == 0 ? 0 : 2;
  }
  auto config = api::read_api_config(file);
  if (!config) {
    std::fprintf(stderr, "%s\n", config.error().text.c_str());
    return 2;
  }
  if (print) std::printf("%s", api::print_config(*config).c_str());
  if (check || print) return 0;
  log::setup("lotmark-api", config->log);
  sigset_t stop;
  sigemptyset(&stop);
  sigaddset(&stop, SIGINT);
  sigaddset(&stop, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &stop, nullptr);  // every thread inherits it; sigwait below takes them
  std::signal(SIGPIPE, SIG_IGN);
  const SystemClock clock;
  auto service = api::Service::start(*config, clock);
  if (!service) {
    log::error("api.not_started", {{"error", service.error().message()}});
    return exit_code(service.error().code);
  }
  int signal = 0;
  sigwait(&stop, &signal);
  log::info("api.stopping", {{"signal", signal}});
  return 0;
}
