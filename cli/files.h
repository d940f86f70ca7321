// Whole files in and out.
#pragma once

#include <filesystem>
#include <string>

#include "core/base/bytes.h"
#include "core/base/result.h"

namespace lotmark::cli {

// io if it cannot be read, too-large above `max` bytes.
Result<Bytes> read_file(const std::filesystem::path& file, std::size_t max = 16u << 20);
// No more than the first `max` bytes: for a reader that judges the length itself.
Result<Bytes> read_file_start(const std::filesystem::path& file, std::size_t max);
// Writes and syncs a new file; conflict if it is there, unless `replace`.
Status write_file(const std::filesystem::path& file, ByteView content, bool replace = false);
inline Status write_file(const std::filesystem::path& file, std::string_view text,
                         bool replace = false) {
  return write_file(file, as_bytes(text), replace);
}

// The same, always a new file, which its owner alone may read (0600).
Status write_private_file(const std::filesystem::path& file, ByteView content);

}  // namespace lotmark::cli
