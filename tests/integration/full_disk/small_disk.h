// A disk of 16 MiB that can be filled: a tmpfs in a mount namespace of this process's own.
#pragma once

#include <cstdint>
#include <filesystem>

namespace lotmark::test {

class SmallDisk {
 public:
  SmallDisk();
  ~SmallDisk();
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;

  // Why there is none: it takes root, or a namespace of users, which a container may not give.
  const char* missing() const { return missing_; }
  // Whether this process began as root, which is always given one outside a container.
  static bool as_root();
  const std::filesystem::path& path() const { return path_; }
  // Leaves about so many bytes free.
  void fill(std::uint64_t free_bytes);
  void make_room();

 private:
  std::filesystem::path path_;
  const char* missing_ = nullptr;
};

}  // namespace lotmark::test
