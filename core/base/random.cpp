#include "core/base/random.h"

#include <sys/random.h>

#include <cerrno>

#include "core/base/assert.h"

namespace lotmark {

void fill_random(std::uint8_t* out, std::size_t size) {
  while (size > 0) {
    const ssize_t n = getrandom(out, size, 0);
    if (n < 0 && errno == EINTR) continue;
    LM_ASSERT(n > 0);
    out += n;
    size -= static_cast<std::size_t>(n);
  }
}

}  // namespace lotmark
