// Backup, restore and promotion of a node's folder. All work on files; what they make appears whole or not at all,
// and is 0600. docs/operate/backup.md, docs/adr/0019.
#pragma once

#include "core/base/clock.h"
#include "core/store/database.h"
#include "ledger-node/backup/manifest.h"
#include "ledger-node/chain/private/audit.h"

namespace lotmark::backup {

// A consistent copy of a node's databases, of a node that runs or not: chain.db first, so that the private rows are
// never older than the blocks. What the node must forget when it comes back stays out (`standing`, `starting`,
// `own_vote`). `out` must not be there; an attempt that was interrupted leaves `out`.part, which the next one
// replaces.
Result<Manifest> take_backup(const std::filesystem::path& data_dir,
                             const std::filesystem::path& out, Time now);

struct Restored {
  Manifest manifest;
  chain::AuditReport report;  // of what was restored; ok, or nothing was made
};
// Makes `into` (missing or empty) the folder of a node, after every file matched its manifest and every private row
// the chain. corrupt names file and rows; then `into` is as it was.
Result<Restored> restore(const std::filesystem::path& backup, const std::filesystem::path& into,
                         ByteView anchor, Time now);

struct RestoredRows {
  std::vector<std::string> rows;  // "intake row 57", at most 1,000
  std::uint64_t more = 0;         // beyond that
  std::uint64_t kept = 0;         // rows that differ but hold: not touched
  chain::AuditReport report;      // of the node's files afterwards
};
// Brings rows that are missing or damaged in a stopped node's private.db back from a backup whose rows all hold. In
// one transaction: interrupted it changed nothing. conflict if the backup is another organisation's.
Result<RestoredRows> restore_rows(const std::filesystem::path& backup,
                                  const std::filesystem::path& data_dir, ByteView anchor, Time now);

// A copy of a backup's chain.db and private.db, brought to this program's tables. `part` is made anew.
Status copy_migrated(const std::filesystem::path& backup, const std::filesystem::path& part,
                     const Manifest& manifest);
// Takes `part` away; the error, with the backup's name in its place.
Error undone(Error error, const std::filesystem::path& part, const std::filesystem::path& backup);

struct Promoted {
  std::uint64_t intake_size = 0;
  std::uint64_t rows_missing = 0;  // the source had moved, and the copy did not get
  chain::AuditReport report;       // faults of single lots: these are stopped
};
// Makes a stopped standby's folder the enterprise's own. corrupt if the intake log, received log or lives do not hold.
Result<Promoted> promote(const std::filesystem::path& data_dir, ByteView anchor, Time now);

// What a node's chain.db must not remember when it comes out of a copy; nor which stores stood beside it, but for
// private rows, which nobody else has.
Status forget_standing(const std::filesystem::path& chain_db);
// Marks private.db as come out of a copy, and no standby's any more.
Status mark_resumed(const std::filesystem::path& private_db, Time now);
// The same inside the caller's transaction: rows of a copy must not be there without it.
Status note_resumed(const store::Database& private_db, Time now);
// Every row of it holds: lots that damage had stopped go on.
Status lift_stops(const std::filesystem::path& private_db);

}  // namespace lotmark::backup
