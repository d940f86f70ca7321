// Rows of captured EPCIS events and of the access log out of a backup that was audited. docs/operate/backup.md (restore --rows).
#pragma once

#include <functional>

#include "core/store/database.h"
#include "ledger-node/backup/backup.h"

namespace lotmark::backup {

// Brings events, their contexts and sets, accesses and their spans, period records and jobs that are missing or damaged
// in `db` back from `from`, and makes anew what follows from them. `name` is told each row ("event row 57"). An event,
// access or job that differs and holds by itself is another one, kept since: it stays and is counted; so does the context
// that such events use, and the backup's gets a number of its own. In the caller's transaction.
Status restore_events(const store::Database& from, const store::Database& db, RestoredRows& out,
                      const std::function<void(std::string)>& name);

// Whether the audit found the index of events to miss some of them.
bool misses_terms(const chain::AuditReport& report);

}  // namespace lotmark::backup
