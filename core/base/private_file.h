// Files that hold secrets.
#pragma once

#include <filesystem>
#include <string>

#include "core/base/result.h"

namespace lotmark {

// That the file holds the public half of a key pair, though a private one may be wanted: a P-256 point in hex, or PEM.
// False if it cannot be read.
bool holds_public_key(const std::filesystem::path& file);
// For such a file: that the private half is wanted, and where it may be.
Error public_half(const std::filesystem::path& file);

// That only its owner has any right to the file. denied, with what to do; key-bad where it holds a public key, which may be
// open to all and is not what is wanted; io if it is not there.
Status check_private_file(const std::filesystem::path& file);

// A password: all of the file's first line. denied if others may read the file; config if the line is empty or longer than
// 1024 bytes.
Result<std::string> read_password(const std::filesystem::path& file);

}  // namespace lotmark
