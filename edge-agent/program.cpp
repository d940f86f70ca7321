#include "edge-agent/program.h"

#include <malloc.h>
#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include <cstdio>

#include "core/base/log.h"
#include "edge-agent/agent.h"
#include "edge-agent/operate/errands.h"
#include "edge-agent/operate/page.h"
#include "edge-agent/operate/service.h"

namespace lotmark::agent {

int report(const Error& e) {
  const std::string text = e.code == Errc::kConfig ? e.text : "lotmark-edge-agent: " + e.message();
  std::fprintf(stderr, "%s\n", text.c_str());
  if (e.code == Errc::kConfig || e.code == Errc::kConflict || e.code == Errc::kKeyBad ||
      e.code == Errc::kUsage)
    return 2;
  return e.code == Errc::kCorrupt ? 3 : 1;
}

namespace {

// Somebody is needed where a PIN is refused: it has few tries, and a service that starts again by itself uses them up.
int report_end(const Error& e) {
  const int code = report(e);
  return e.code == Errc::kDenied ? 2 : code;
}

// Read and judged here, beside the agent's work. Signals that come meanwhile are one: the file is read once more.
void reload(Agent& agent, const std::filesystem::path& file) {
  auto next = load_config(file);
  if (next) {
    agent.reload(std::move(*next));
  } else {
    agent.reload_refused(next.error().text);
  }
}

}  // namespace

int run_program(const std::filesystem::path& file, Config config) {
  mallopt(M_ARENA_MAX, 2);  // a gateway has memory for the data, not for an arena a thread
  log::Level level = log::Level::kInfo;
  log::level_from(config.log_level, level);
  log::setup("lotmark-edge-agent", level);
  sigset_t set;  // blocked before any thread starts, so that only the waiter gets them
  sigemptyset(&set);
  for (int s : {SIGTERM, SIGINT, SIGHUP, SIGUSR2}) sigaddset(&set, s);
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  signal(SIGPIPE, SIG_IGN);
  const SystemClock clock;
  auto service = ServiceManager::from_environment();  // before children can inherit it
  const auto metrics_port = config.metrics_port;
  const auto diag_folder = config.state_dir / "diag";
  auto agent = Agent::make(std::move(config), clock);
  if (!agent) return report_end(agent.error());
  std::unique_ptr<MetricsPage> page;
  if (metrics_port) {
    auto opened = MetricsPage::open(*metrics_port, (*agent)->board());
    if (!opened) return report_end(opened.error());
    page = std::move(*opened);
  }
  bool ready = false;
  (*agent)->on_turn([&] {
    if (!std::exchange(ready, true)) service.ready();
    service.alive(std::chrono::steady_clock::now());
  });
  Errands errands(file, diag_folder);
  (*agent)->on_command([&errands](CommandKind kind) {
    if (kind == CommandKind::kReload) {
      ::kill(::getpid(), SIGHUP);  // several are one, as from anybody
    } else {
      errands.ask(kind);
    }
  });
  std::thread waiter([&] {
    int got = 0;
    while (sigwait(&set, &got) == 0 && got == SIGHUP) reload(**agent, file);
    service.stopping();
    (*agent)->stop();
  });
  const auto status = (*agent)->run();
  pthread_kill(waiter.native_handle(), SIGUSR2);
  waiter.join();
  return status ? 0 : report_end(status.error());
}

}  // namespace lotmark::agent
