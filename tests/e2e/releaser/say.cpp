#include "tests/e2e/releaser/say.h"

#include <cstdio>
#include <mutex>

#include "core/base/clock.h"

namespace lotmark::e2e {

std::int64_t now_ms() { return to_ms(SystemClock().now()); }

void say(const char* event, nlohmann::json fields) {
  static std::mutex mutex;
  fields["event"] = event;
  fields["t"] = now_ms();
  const std::string line = fields.dump() + "\n";
  const std::lock_guard guard(mutex);
  std::fwrite(line.data(), 1, line.size(), stdout);
  std::fflush(stdout);
}

}  // namespace lotmark::e2e
