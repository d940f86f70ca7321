#include "core/store/folder_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

namespace lotmark::store {

namespace {

// What stands in the file: digits, or nothing while its holder has not written them yet.
std::string holder_of(int fd) {
  char text[24] = {};
  const ssize_t n = ::pread(fd, text, sizeof text - 1, 0);
  std::string pid;
  for (ssize_t i = 0; i < n && text[i] >= '0' && text[i] <= '9'; ++i) pid += text[i];
  return pid.empty() ? "another process" : "process " + pid;
}

}  // namespace

Result<FolderLock> FolderLock::take(const std::filesystem::path& folder) {
  std::error_code ec;
  std::filesystem::create_directories(folder, ec);
  if (ec) return fail(Errc::kIo, "cannot make " + folder.string() + ": " + ec.message());
  const auto file = folder / "lock";
  const int fd = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd < 0) {
    return system_error("cannot open " + file.string());
  }
  FolderLock lock(fd);
  if (::flock(fd, LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) {
      return system_error("cannot lock " + file.string());
    }
    return fail(Errc::kStore,
                holder_of(fd) + " uses " + folder.string() + ": one program a folder");
  }
  const std::string pid = std::to_string(::getpid()) + "\n";
  const bool told = ::ftruncate(fd, 0) == 0 &&
                    ::pwrite(fd, pid.data(), pid.size(), 0) == static_cast<ssize_t>(pid.size());
  if (!told && errno != ENOSPC) {  // a full disk is no reason not to start
    return system_error("cannot write " + file.string());
  }
  return lock;
}

FolderLock::FolderLock(FolderLock&& o) noexcept : fd_(std::exchange(o.fd_, -1)) {}
FolderLock& FolderLock::operator=(FolderLock&& o) noexcept {
  std::swap(fd_, o.fd_);
  return *this;
}
FolderLock::~FolderLock() {
  if (fd_ >= 0) ::close(fd_);
}

}  // namespace lotmark::store
