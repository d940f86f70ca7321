#include "core/base/result.h"

#include <cerrno>
#include <system_error>

namespace lotmark {

Error system_error(const std::string& what) {
  return fail(Errc::kIo, what + ": " + std::generic_category().message(errno));
}

}  // namespace lotmark
