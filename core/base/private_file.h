// Files that hold secrets.
#pragma once

#include <filesystem>

#include "core/base/result.h"

namespace lotmark {

// That only its owner has any right to the file. denied, with what to do; io if it is not there.
Status check_private_file(const std::filesystem::path& file);

}  // namespace lotmark
