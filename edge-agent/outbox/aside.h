// What becomes of an outbox that cannot be opened.
#pragma once

#include <filesystem>

#include "core/base/result.h"

namespace lotmark::agent {

// Moves a damaged outbox.db to outbox.db.damaged-1, or -2, with its log, so that a new one can be made. A third time, and
// where it cannot be moved, `damage` is the error.
Status set_outbox_aside(const std::filesystem::path& file, const Error& damage);

}  // namespace lotmark::agent
