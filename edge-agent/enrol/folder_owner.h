// Files that root makes in a service's own folder belong to the service: they are made as the folder's owner, who could
// otherwise have root follow a link out of it.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <vector>

#include "core/base/result.h"

namespace lotmark::agent {

// From `become` until it goes this process has the rights of the folder's owner, if it is root and the folder another's;
// else nothing changes. For a process of one thread.
class FolderOwner {
 public:
  // io if the folder is not there; denied if its owner is no user of the system.
  static Result<FolderOwner> become(const std::filesystem::path& folder);
  FolderOwner(FolderOwner&& other) noexcept;
  FolderOwner(const FolderOwner&) = delete;
  FolderOwner& operator=(FolderOwner&&) = delete;
  FolderOwner& operator=(const FolderOwner&) = delete;
  ~FolderOwner();

 private:
  FolderOwner() = default;
  bool changed_ = false;
  std::vector<gid_t> groups_;  // root's own
};

}  // namespace lotmark::agent
