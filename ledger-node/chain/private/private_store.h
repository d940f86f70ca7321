// private.db: what an enterprise or a reviewer keeps to itself. 0600, secure_delete. Each component opens its own
// connection; SQLite's writer lock orders them.
#pragma once

#include "core/base/clock.h"
#include "core/store/database.h"

namespace lotmark::chain {

// Evidence of one kind that is kept against one signer: one piece proves it, more would only fill the disk.
inline constexpr std::uint64_t kEvidencePerSigner = 64;

// Opens the file and brings it to the newest schema (schema.cpp).
Result<store::Database> open_private(const std::filesystem::path& file, bool read_only = false);

// For who only reads: until the file's node has brought it to this program's schema, which of two that start together may
// come a moment later. not-ready if it has not within `patience`.
Status await_private(const std::filesystem::path& file, Millis patience);

}  // namespace lotmark::chain
