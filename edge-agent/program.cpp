#include "edge-agent/program.h"

#include <malloc.h>
#include <pthread.h>
#include <signal.h>

#include <cstdio>

#include "core/base/log.h"
#include "edge-agent/agent.h"

namespace lotmark::agent {

int report(const Error& e) {
  const std::string text = e.code == Errc::kConfig ? e.text : "lotmark-edge-agent: " + e.message();
  std::fprintf(stderr, "%s\n", text.c_str());
  if (e.code == Errc::kConfig || e.code == Errc::kConflict || e.code == Errc::kKeyBad) return 2;
  return e.code == Errc::kCorrupt ? 3 : 1;
}

int run_program(Config config) {
  mallopt(M_ARENA_MAX, 2);  // a gateway has memory for the data, not for an arena a thread
  log::Level level = log::Level::kInfo;
  log::level_from(config.log_level, level);
  log::setup("lotmark-edge-agent", level);
  sigset_t set;  // blocked before any thread starts, so that only the waiter gets them
  sigemptyset(&set);
  for (int s : {SIGTERM, SIGINT, SIGUSR2}) sigaddset(&set, s);
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  signal(SIGPIPE, SIG_IGN);
  const SystemClock clock;
  auto agent = Agent::make(std::move(config), clock);
  if (!agent) return report(agent.error());
  std::thread waiter([&] {
    int got = 0;
    sigwait(&set, &got);
    (*agent)->stop();
  });
  const auto status = (*agent)->run();
  pthread_kill(waiter.native_handle(), SIGUSR2);
  waiter.join();
  return status ? 0 : report(status.error());
}

}  // namespace lotmark::agent
