#include "edge-agent/enrol/folder_owner.h"

#include <grp.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "core/base/assert.h"

namespace lotmark::agent {

Result<FolderOwner> FolderOwner::become(const std::filesystem::path& folder) {
  const auto error = [&](Errc code) {
    return fail(code, folder.string() + ": " + std::strerror(errno));
  };
  FolderOwner out;
  struct stat is {};
  if (::stat(folder.c_str(), &is) != 0) return error(Errc::kIo);
  if (::geteuid() != 0 || is.st_uid == 0) return out;
  const passwd* user = ::getpwuid(is.st_uid);
  if (user == nullptr)
    return fail(Errc::kDenied, folder.string() + ": its owner, " + std::to_string(is.st_uid) +
                                   ", is no user of this system");
  const int count = ::getgroups(0, nullptr);
  out.groups_.resize(count < 0 ? 0 : static_cast<std::size_t>(count));
  if (::getgroups(count, out.groups_.data()) < 0) return error(Errc::kDenied);
  out.changed_ = true;
  if (::initgroups(user->pw_name, user->pw_gid) != 0 || ::setegid(user->pw_gid) != 0 ||
      ::seteuid(user->pw_uid) != 0)
    return error(Errc::kDenied);
  return out;
}

FolderOwner::FolderOwner(FolderOwner&& other) noexcept
    : changed_(std::exchange(other.changed_, false)), groups_(std::move(other.groups_)) {}

FolderOwner::~FolderOwner() {
  if (!changed_) return;
  LM_ASSERT(::seteuid(0) == 0);
  LM_ASSERT(::setegid(0) == 0);
  LM_ASSERT(::setgroups(groups_.size(), groups_.data()) == 0);
}

}  // namespace lotmark::agent
