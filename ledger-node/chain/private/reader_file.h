// A reader's public key as operators name it: 130 hex digits, or a file that holds them.
#pragma once

#include <filesystem>

#include "core/sealed/keys.h"

namespace lotmark::chain {

// `named`: 04 and 128 hex digits, or a file (relative to `folder`) with them on its only line. key-bad, naming what was
// read, if it is no such key; io if the file cannot be read.
Result<sealed::ReaderKey> read_reader_key(const std::string& named,
                                          const std::filesystem::path& folder);

}  // namespace lotmark::chain
