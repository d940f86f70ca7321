// Lots' serials out of a backup that was audited. docs/operate/backup.md (restore --rows).
#pragma once

#include <functional>

#include "core/base/bytes.h"
#include "core/store/database.h"

namespace lotmark::backup {

// Brings pages of serials, and the count and root of them, that are missing or damaged in `db` back from `from`: of lots
// whose application, in `db`, names them, or which `db` says to have the same. What an open lot had and has no more was
// withdrawn: it does not come back. `name` is told each row. In the caller's transaction, behind the batches.
Status restore_serials(const store::Database& from, const store::Database& db, const Digest& chain,
                       const std::function<void(std::string)>& name);

}  // namespace lotmark::backup
