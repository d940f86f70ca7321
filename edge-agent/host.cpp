#include "edge-agent/host.h"

#include <sys/timex.h>
#include <time.h>

#include <fstream>

namespace lotmark::agent {

std::string boot_id() {
  std::string id;
  std::ifstream("/proc/sys/kernel/random/boot_id") >> id;
  return id.empty() ? "unknown" : id;
}

Millis boottime() {
  timespec t{};
  ::clock_gettime(CLOCK_BOOTTIME, &t);
  return std::chrono::duration_cast<Millis>(std::chrono::seconds(t.tv_sec) +
                                            std::chrono::nanoseconds(t.tv_nsec));
}

bool clock_disciplined() {
  timex t{};
  const int state = ::adjtimex(&t);
  return state >= 0 && state != TIME_ERROR && (t.status & STA_UNSYNC) == 0;
}

}  // namespace lotmark::agent
