// One process a folder: whoever holds the lock owns the databases in it. The kernel lets go of it when the process
// ends, however it ends; the file `lock` stays and says who held it last.
#pragma once

#include <filesystem>

#include "core/base/result.h"

namespace lotmark::store {

class FolderLock {
 public:
  // Makes the folder if it is missing. store, naming the process, if another one (or this one) holds it; io if
  // the folder cannot be written to.
  static Result<FolderLock> take(const std::filesystem::path& folder);
  FolderLock(FolderLock&& o) noexcept;
  FolderLock& operator=(FolderLock&& o) noexcept;
  ~FolderLock();

 private:
  explicit FolderLock(int fd) : fd_(fd) {}
  int fd_ = -1;
};

}  // namespace lotmark::store
