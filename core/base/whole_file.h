// Small files that are never found half written: after a crash or a full disk a name holds the old bytes or the new.
#pragma once

#include <filesystem>

#include "core/base/bytes.h"
#include "core/base/result.h"

namespace lotmark {

inline constexpr unsigned kOwnerOnly = 0600;  // may be read and written by its owner alone
inline constexpr unsigned kReadByAll = 0644;

// Writes FILE.part, syncs it, gives it its name and syncs the folder: on the disk once it returns. disk-full or io, and
// what stood under the name stands there still; FILE.part is gone.
Status write_whole(const std::filesystem::path& file, ByteView bytes, unsigned mode = kOwnerOnly);

// The same for a name nothing stands under; conflict if something does, and it is untouched.
Status write_new(const std::filesystem::path& file, ByteView bytes, unsigned mode = kOwnerOnly);

// After it a name made, changed or taken away in the folder survives a power cut. "" is the working folder.
Status sync_folder(const std::filesystem::path& folder);

}  // namespace lotmark
