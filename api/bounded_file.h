// Whole files from disk, read no further than they may be long.
#pragma once

#include <filesystem>

#include "core/base/bytes.h"
#include "core/base/result.h"

namespace lotmark::api {

// io if it cannot be read; too-large above `max` bytes, whatever the file is (a device has no end).
Result<Bytes> read_bounded(const std::filesystem::path& file, std::size_t max);

}  // namespace lotmark::api
