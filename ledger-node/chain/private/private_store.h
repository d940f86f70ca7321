// private.db: what an enterprise or a reviewer keeps to itself. 0600, secure_delete. Each component opens its own
// connection; SQLite's writer lock orders them.
#pragma once

#include "core/store/database.h"

namespace lotmark::chain {

// Opens the file and brings it to the newest schema (schema.cpp).
Result<store::Database> open_private(const std::filesystem::path& file, bool read_only = false);

}  // namespace lotmark::chain
