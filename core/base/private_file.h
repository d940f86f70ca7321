// Files that hold secrets.
#pragma once

#include <filesystem>
#include <string>

#include "core/base/result.h"

namespace lotmark {

// That only its owner has any right to the file. denied, with what to do; io if it is not there.
Status check_private_file(const std::filesystem::path& file);

// A password: all of the file's first line. denied if others may read the file; config if the line is empty or longer than
// 1024 bytes.
Result<std::string> read_password(const std::filesystem::path& file);

}  // namespace lotmark
