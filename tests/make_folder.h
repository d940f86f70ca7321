// A new folder for a test, which removes it.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <string>

#include "core/base/assert.h"

namespace lotmark::test {

// In memory where the system has room for it there, since every commit of a test is synced. Only its owner has a right to it.
inline std::filesystem::path make_folder(const std::string& kind) {
  constexpr std::uintmax_t kRoom = 256 << 20;
  const std::filesystem::path memory = "/dev/shm";
  std::error_code none;
  const auto space = std::filesystem::space(memory, none);
  const auto place =
      !none && space.available >= kRoom ? memory : std::filesystem::temp_directory_path();
  std::string pattern = place / ("lotmark-" + kind + "-XXXXXX");
  LM_ASSERT(::mkdtemp(pattern.data()) != nullptr);
  return pattern;
}

}  // namespace lotmark::test
