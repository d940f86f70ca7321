#include "core/base/hex.h"
#include "core/store/folder_lock.h"
#include "ledger-node/backup/backup.h"
#include "ledger-node/chain/private/private_store.h"
#include "ledger-node/chain/private/segment_keys.h"
#include "ledger-node/chain/public/public_chain.h"
#include "ledger-node/standby/event_rows.h"
#include "ledger-node/standby/follower.h"

namespace lotmark::backup {

namespace {

// What one lot lacks stops that lot; an event that does not hold, and a key of a segment that is not there, are told of.
// Anything else would be signed on top of.
Status judge(const std::filesystem::path& file, const chain::AuditReport& report) {
  for (const auto& f : report.faults) {
    const bool told = of_event(f) || of_left_over_keys(f);
    if (f.lot.empty() && f.table != "answer" && !f.table.starts_with("chain") && !told)
      return fail(Errc::kCorrupt, file.string() + ": " + chain::to_line(f));
  }
  return {};
}

}  // namespace

Result<Promoted> promote(const std::filesystem::path& data_dir, ByteView anchor, Time now) {
  // Not even opened: a backup whose files change by a byte is none any more.
  if (std::filesystem::exists(data_dir / kManifest)) {
    return fail(Errc::kConflict,
                data_dir.string() + " is a backup: lotmark restore makes a node's folder of it");
  }
  const auto file = data_dir / "private.db";
  const Error none =
      fail(Errc::kConflict, file.string() + " is no standby's copy: there is nothing to promote");
  std::error_code ec;
  if (!std::filesystem::exists(file, ec)) return none;  // nothing is made where nothing is
  LM_ASSIGN(auto lock, store::FolderLock::take(data_dir));
  Promoted out;
  chain::AuditOptions audited;
  {
    LM_ASSIGN(auto db, chain::open_private(file));
    LM_ASSIGN(auto copy, node::read_copy_state(db));
    LM_ASSIGN(auto resumed, db.prepare("SELECT 1 FROM resumed"));
    LM_ASSIGN(const bool already, resumed.step());
    if (!copy && already)
      return fail(Errc::kConflict, file.string() +
                                       " was promoted or restored already: a node with the "
                                       "enterprise's key can be started on it");
    if (!copy) return none;
    LM_ASSIGN(auto chain, chain::PublicChain::open(data_dir / "chain.db", anchor));
    out.intake_size = copy->tree.size();
    audited.self = copy->source;  // a copy without rows does not show it
    out.rows_missing = copy->top - std::min(copy->top, copy->moved);
    const auto logged = chain.logged_head(copy->source, LogKind::kIntake);
    if (logged && logged->size > out.intake_size)
      return fail(Errc::kCorrupt, file.string() + ": intake rows " +
                                      std::to_string(out.intake_size) + " to " +
                                      std::to_string(logged->size - 1) +
                                      " are missing, the chain logged them in block " +
                                      std::to_string(logged->block) +
                                      ": bring the source's own disk back, or a backup of it");
    LM_TRY(node::settle_events(db));
    LM_TRY(chain::SegmentKeys(db).drop_left_over());
  }
  audited.private_dbs = {file};
  audited.chain_db = data_dir / "chain.db";
  audited.anchor = to_bytes(anchor);
  LM_ASSIGN(auto done, chain::audit(audited));
  out.report = std::move(done.report);
  LM_TRY(judge(file, out.report));
  LM_TRY(mark_resumed(file, now));
  return out;
}

}  // namespace lotmark::backup
