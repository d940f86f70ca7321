#include "edge-agent/outbox/reserve.h"

#include <fcntl.h>
#include <unistd.h>

#include <cstring>

namespace lotmark::agent {

Status Reserve::take() {
  if (taken_) return {};
  const int fd = ::open(file_.c_str(), O_CREAT | O_WRONLY | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd < 0) return system_error(file_.string());
  int failed = ENOSPC;
  for (std::int64_t bytes = kBytes; failed == ENOSPC && bytes >= kLeast; bytes /= 2)
    failed = ::posix_fallocate(fd, 0, bytes);
  ::close(fd);
  if (failed == 0) {
    taken_ = true;
    return {};
  }
  ::unlink(file_.c_str());  // part of it is of no use to anybody
  return fail(failed == ENOSPC ? Errc::kDiskFull : Errc::kIo,
              file_.string() + ": " + std::strerror(failed));
}

bool Reserve::give() {
  taken_ = false;
  return ::unlink(file_.c_str()) == 0;
}

}  // namespace lotmark::agent
