#include "tests/integration/full_disk/small_disk.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <string>

#include "core/base/assert.h"

namespace lotmark::test {

namespace {

// A mount namespace of its own; for who is not root, in a namespace of users where it is.
bool own_mounts() {
  if (::unshare(CLONE_NEWNS) == 0) return true;
  const std::string user = std::to_string(::geteuid());
  const std::string group = std::to_string(::getegid());
  if (::unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0) return false;
  std::ofstream("/proc/self/setgroups") << "deny";
  std::ofstream("/proc/self/uid_map") << "0 " + user + " 1";
  std::ofstream("/proc/self/gid_map") << "0 " + group + " 1";
  return true;
}

const bool began_as_root = ::geteuid() == 0;

}  // namespace

bool SmallDisk::as_root() { return began_as_root; }

SmallDisk::SmallDisk() {
  char name[] = "/tmp/lotmark-disk-XXXXXX";
  LM_ASSERT(::mkdtemp(name) != nullptr);
  path_ = name;
  if (!own_mounts()) {
    missing_ = "a mount namespace of its own is not permitted here";
  } else if (::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
             ::mount("none", name, "tmpfs", 0, "size=16m") != 0) {
    missing_ = "a tmpfs cannot be mounted here";
  }
}

SmallDisk::~SmallDisk() {
  if (missing_ == nullptr) ::umount2(path_.c_str(), MNT_DETACH);
  std::error_code ec;
  std::filesystem::remove(path_, ec);
}

void SmallDisk::fill(std::uint64_t free_bytes) {
  struct statvfs disk {};
  LM_ASSERT(::statvfs(path_.c_str(), &disk) == 0);
  const std::uint64_t free = disk.f_bavail * disk.f_frsize;
  const int fd = ::open((path_ / "filler").c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  LM_ASSERT(fd >= 0);
  if (free > free_bytes)
    LM_ASSERT(::posix_fallocate(fd, 0, static_cast<off_t>(free - free_bytes)) == 0);
  ::close(fd);
}

void SmallDisk::make_room() { std::filesystem::remove(path_ / "filler"); }

}  // namespace lotmark::test
