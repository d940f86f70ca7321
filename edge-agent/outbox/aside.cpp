#include "edge-agent/outbox/aside.h"

#include "core/base/log.h"

namespace lotmark::agent {

// A gateway that records nothing until somebody comes is worse than a new life: what the file holds is kept for people. A
// third time it is the disk that is broken.
Status set_outbox_aside(const std::filesystem::path& file, const Error& damage) {
  for (int i = 1; i <= 2; ++i) {
    const std::filesystem::path aside = file.string() + ".damaged-" + std::to_string(i);
    std::error_code error;
    if (std::filesystem::exists(aside, error)) continue;
    for (const char* end : {"", "-wal", "-shm"}) {
      const std::string from = file.string() + end;
      if (std::filesystem::exists(from, error))
        std::filesystem::rename(from, aside.string() + end, error);
    }
    if (std::filesystem::exists(file, error)) return damage;
    log::error("outbox.set_aside", {{"error", damage.message()}, {"file", aside.string()}});
    return {};
  }
  return damage;
}

}  // namespace lotmark::agent
