// A folder of the test's own, gone afterwards.
#pragma once

#include <filesystem>
#include <string>

#include "core/base/hex.h"
#include "core/base/random.h"

namespace lotmark::test {

class TempFolder {
 public:
  TempFolder() : path_(place() / ("lotmark-" + to_hex(random_fixed<Nonce>()))) {
    std::filesystem::create_directories(path_);
  }
  ~TempFolder() { std::filesystem::remove_all(path_); }
  TempFolder(const TempFolder&) = delete;
  TempFolder& operator=(const TempFolder&) = delete;
  std::filesystem::path operator/(std::string_view name) const { return path_ / name; }

 private:
  // In memory where the system has such a place: every commit of a test is synced.
  static std::filesystem::path place() {
    return std::filesystem::is_directory("/dev/shm") ? "/dev/shm"
                                                     : std::filesystem::temp_directory_path();
  }
  std::filesystem::path path_;
};

}  // namespace lotmark::test
