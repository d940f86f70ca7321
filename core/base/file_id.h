// Which file stands under a name, so that one that was put in its place is noticed: a restore does that.
#pragma once

#include <sys/stat.h>

#include <filesystem>

namespace lotmark {

// By device and inode. Whoever compares must hold the file it read open: else its number may be another's by then.
struct FileId {
  dev_t device = 0;
  ino_t inode = 0;
  bool operator==(const FileId&) const = default;
};

// The zeros of no file where there is none.
inline FileId file_id(const std::filesystem::path& file) {
  struct stat found = {};
  if (::stat(file.c_str(), &found) != 0) return {};
  return {found.st_dev, found.st_ino};
}

}  // namespace lotmark
