// lotmark-start-device: the start-signal application on a POSIX machine, its line on standard input
// and output.
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <csignal>
#include <cstring>
#include <iostream>
#include <memory>
#include <string>

#include "firmware/app/app.h"
#include "firmware/hal/host/hal_host.h"

namespace {

volatile std::sig_atomic_t stop = 0;

constexpr int kTurnMs = 5;

constexpr const char* kExamples =
    "Speaks frames (docs/format/frames.md) on standard input and output until input is closed.\n"
    "\n"
    "Examples:\n"
    "  lotmark-factory --nv filler.nv --machine filler-3 --chain CHAIN\n"
    "  lotmark-start-device --nv filler.nv                          one press, right after the "
    "start\n"
    "  lotmark-start-device --nv filler.nv --presses 5 --every 60000\n"
    "  lotmark-start-device --nv filler.nv --presses 0              only on a press frame\n"
    "\n"
    "Exit: 0 input closed or SIGTERM, 1 failed, 2 usage, 3 the page is damaged.";

int run(const lm_host_options& options, std::uint32_t resend_ms, const std::string& machine) {
  lm_host host;
  if (int failed = lm_host_open(&host, &options); failed != 0) {
    const char* why = failed == EBUSY    ? "another device runs on this file"
                      : failed == EINVAL ? "not a page: write one with lotmark-factory"
                                         : std::strerror(failed);
    std::cerr << "lotmark-start-device: " << options.nv << ": " << why << "\n";
    return failed == EINVAL ? 3 : 1;
  }
  auto app = std::make_unique<lm_app>();
  const lm_app_config config{LOTMARK_VERSION, resend_ms};
  int code = 0;
  if (lm_app_init(app.get(), &host.hal, &config) != kLmDeviceOk) {
    std::cerr << "lotmark-start-device: " << options.nv << ": damaged; see the error frame\n";
    code = 3;
  } else if (!machine.empty() &&
             machine != std::string(app->device.machine, app->device.machine_size)) {
    std::cerr << "lotmark-start-device: " << options.nv << " is the page of another machine\n";
    code = 2;
  }
  while (code == 0 && stop == 0 && lm_host_wait(&host, kTurnMs)) lm_app_poll(app.get());
  lm_app_end(app.get());
  lm_host_close(&host);
  return code;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App cli{"Lotmark start-signal device for trials, as a program"};
  cli.footer(kExamples);
  cli.set_version_flag("--version", "lotmark-start-device " LOTMARK_VERSION);
  std::string nv;
  std::string machine;
  lm_host_options options{STDIN_FILENO, STDOUT_FILENO, nullptr, 1, 60000};
  std::uint32_t resend_ms = LM_APP_RESEND_MS;
  cli.add_option("--nv", nv, "file of the non-volatile page (lotmark-factory)")->required();
  cli.add_option("--machine", machine, "refuse a page of another machine");
  cli.add_option("--presses", options.presses, "how often the button is pressed")
      ->capture_default_str();
  cli.add_option("--every", options.every_ms, "milliseconds from press to press")
      ->capture_default_str()
      ->check(CLI::Range(2u * LM_HOST_PRESS_MS, 86400000u));
  cli.add_option("--resend", resend_ms, "milliseconds until an unanswered signal is sent again")
      ->capture_default_str()
      ->check(CLI::Range(100u, 3600000u));
  try {
    cli.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    return cli.exit(e) == 0 ? 0 : 2;
  }
  options.nv = nv.c_str();
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGTERM, [](int) { stop = 1; });
  std::signal(SIGINT, [](int) { stop = 1; });
  return run(options, resend_ms, machine);
}
