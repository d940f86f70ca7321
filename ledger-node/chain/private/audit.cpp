#include "ledger-node/chain/private/audit.h"

#include <fmt/format.h>

#include "core/base/hex.h"
#include "ledger-node/chain/private/audit_files.h"
#include "ledger-node/chain/private/audit_state.h"
#include "ledger-node/chain/private/private_store.h"
#include "ledger-node/chain/public/schema.h"

namespace lotmark::chain {

void add_fault(AuditReport& report, AuditFault f) {
  if (report.faults.size() < AuditReport::kFaultsMax) {
    report.faults.push_back(std::move(f));
  } else {
    ++report.more;
  }
}

void AuditRun::fault(AuditFault f) { add_fault(report, std::move(f)); }

void AuditRun::fault(std::string_view table, std::optional<std::uint64_t> row, Errc error,
                     std::string text, std::optional<std::uint64_t> block) {
  fault({std::string(table), row, {}, {}, block, error, std::move(text)});
}

void AuditRun::tell(std::string_view what, std::uint64_t done, std::uint64_t total) const {
  if (progress && (done == total || done % 1000 == 0)) progress(what, done, total);
}

Result<std::uint64_t> AuditRun::count(std::string_view table) const {
  LM_ASSIGN(auto q, db.prepare("SELECT count(*) FROM " + std::string(table)));
  LM_TRY(q.step());
  return q.u64(0);
}

bool AuditRun::sole_keeper() const {
  for (const auto& statement : chain.statements().held()) {
    for (const auto& m : statement.body.members) {
      if (m.has(Role::kKeeping) && m.kid != self) return false;
    }
  }
  return true;
}

const PublicKey* AuditRun::key_of(const KeyId& kid) const {
  if (const auto* e = chain.enrolled(kid)) return &e->key;
  if (const auto* m = chain.member(kid)) return &m->public_key;
  return nullptr;
}

WireFinder AuditRun::wires() const {
  return [this](const Digest& id) -> Result<Bytes> {
    const auto at = bundles.find(id);
    if (at == bundles.end())
      return fail(Errc::kNotFound, "bundle " + short_hex(id) + " is not in the intake log");
    LM_ASSIGN(auto q, db.prepare("SELECT wire FROM intake_wire WHERE idx = ?"));
    LM_ASSIGN(bool row, q.bind(1, at->second).step());
    if (!row) return fail(Errc::kNotFound, "bundle " + short_hex(id) + " has lost its body");
    return to_bytes(q.blob(0));
  };
}

void AuditRun::check_heads(std::string_view table, const merkle::MemoryTree& tree, LogKind log) {
  std::uint64_t good = 0;  // rows up to here are as logged
  const SeenHead* longest = nullptr;
  for (const auto& h : heads) {
    if (h.log == log && h.kid == self && (longest == nullptr || h.size > longest->size))
      longest = &h;
  }
  if (longest != nullptr && longest->size > tree.size()) {
    fault(table, {}, Errc::kTreePath,
          fmt::format("holds {} rows, the chain logged {}", tree.size(), longest->size),
          longest->block);
  }
  for (const auto& h : heads) {
    if (h.log != log || h.kid != self) continue;
    ++report.heads;
    if (h.size > tree.size()) continue;  // said
    if (tree.root_at(h.size) == h.root) {
      good = h.size;
    } else {
      fault(table, {}, Errc::kTreePath,
            fmt::format("rows {} to {} are not the ones the chain logged", good, h.size - 1),
            h.block);
      return;  // all later heads differ with it
    }
  }
}

namespace {

// One view of all its tables: the transaction lasts as long as the connection.
Result<store::Database> look_into(const AuditFile& file) {
  LM_ASSIGN(auto db, store::Database::open(file.place(), {.read_only = true}));
  LM_TRY(db.exec("BEGIN; SELECT count(*) FROM sqlite_master"));
  return db;
}

// The chain's id. corrupt if the file's first block is not the one that the anchor names.
Result<Digest> check_anchor(const AuditFile& file, const store::Database& db, ByteView anchor) {
  LM_ASSIGN(auto parsed, read_anchor(anchor));
  LM_ASSIGN(auto genesis, open_genesis(parsed.genesis.bytes));
  LM_ASSIGN(auto q, db.prepare("SELECT bytes FROM block WHERE number = 0"));
  LM_ASSIGN(bool row, q.step());
  auto stored = row ? open_genesis(q.blob(0)) : Result<Signed<Block>>(Errc::kNotFound);
  if (!stored || stored->id == genesis.id) return genesis.id;  // PublicChain says what is wrong
  return fail(Errc::kCorrupt,
              fmt::format("{} is not of this anchor: its chain is {}, the anchor's "
                          "is {}",
                          file.file().string(), short_hex(stored->id), short_hex(genesis.id)));
}

// An error while tables are read is damage of them: a fault that names the first of them.
void part(AuditRun& run, std::string_view table, Status (*audit)(AuditRun&)) {
  if (Status done = audit(run); !done)
    run.fault(table, {}, Errc::kCorrupt, "cannot be read further: " + done.error().message());
}

void audit_all(AuditRun& run) {
  part(run, "chain", audit_chain);
  part(run, "chain", audit_index);
  part(run, "private.db", find_self);
  part(run, "intake", audit_intake);
  part(run, "received", audit_received);
  part(run, "batch", audit_lots);
  part(run, "review", audit_reviews);
  part(run, "answer", audit_answers);
  part(run, "evidence", audit_evidence);
  part(run, "chain", audit_decided);
  part(run, "received", audit_submissions);
}

Result<AuditReport> audit_files(const AuditFile& private_file, const AuditFile& chain_file,
                                ByteView anchor, const AuditProgress& progress) {
  LM_ASSIGN(auto chain_db, look_into(chain_file));
  LM_ASSIGN(auto chain_model, store::Database::open(":memory:"));
  LM_TRY(migrate_chain(chain_model));
  AuditReport report;
  LM_ASSIGN(bool chain_readable, check_schema(chain_db, chain_model, "chain ", report));
  LM_ASSIGN(auto model, open_private(":memory:"));
  LM_ASSIGN(auto db, look_into(private_file));
  LM_ASSIGN(bool readable, check_schema(db, model, "", report));
  if (!chain_readable) return report;
  LM_ASSIGN(const auto id, check_anchor(chain_file, chain_db, anchor));
  LM_TRY(read_votes(chain_db, id, report));
  auto chain = PublicChain::open(chain_file.place(), anchor, true);
  if (!chain) {
    add_fault(
        report,
        {"chain", {}, {}, {}, {}, chain.code(), "cannot be opened: " + chain.error().message()});
    chain = PublicChain::replay(chain_db, anchor);  // as far as its blocks follow
    if (!chain) return report;
  }
  // Once more, so that a node that runs shows a state newer than the chain that was read.
  LM_ASSIGN(db, look_into(private_file));
  AuditRun run{db, *chain, chain_db, progress, report, {}, {}, {}, {}, {}, {}};
  if (readable) {
    audit_all(run);
  } else {
    part(run, "chain", audit_chain);
    part(run, "chain", audit_index);
  }
  return report;
}

}  // namespace

Result<AuditReport> audit(const std::filesystem::path& private_db,
                          const std::filesystem::path& chain_db, ByteView anchor,
                          const AuditProgress& progress) {
  LM_ASSIGN(auto parsed, read_anchor(anchor));
  for (int attempt = 0;; ++attempt) {
    LM_ASSIGN(auto chain_file, AuditFile::open(chain_db));
    LM_ASSIGN(auto private_file, AuditFile::open(private_db));
    auto report = audit_files(private_file, chain_file, anchor, progress);
    const bool still = chain_file.held_still() && private_file.held_still();
    const bool live = chain_file.follows() || private_file.follows();
    // A block that came between the two looks is no fault: what a second look says too, is one.
    if (live && attempt == 0 && report && !report->ok()) continue;
    if (still) return report;
    if (attempt == 2) {  // a node that was started is followed at the next attempt
      return fail(Errc::kNotReady,
                  "the files are written to while they are read; audit them while "
                  "the node runs, or copies");
    }
  }
}

}  // namespace lotmark::chain
