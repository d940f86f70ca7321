// What a reviewer received, against the enterprise's own file, where both are given: the lot that an enterprise deleted
// whole before it was decided is in no block.
#include <fmt/format.h>

#include "ledger-node/chain/private/audit_plan.h"

namespace lotmark::chain {

namespace {

struct Side {
  const store::Database& db;
  std::string node;
};

Status compare_lot(const Side& reviewer, const Side& enterprise, const store::Query& review,
                   const Digest& start, AuditReport& found) {
  const std::string lot = review.text(2);
  const auto fault = [&](const char* table, std::optional<std::uint64_t> row, std::string text) {
    add_fault(found, {table, row, {}, lot, {}, Errc::kNotFound, std::move(text), {}});
  };
  LM_ASSIGN(auto batch, enterprise.db.prepare("SELECT opening_id FROM batch WHERE start = ?"));
  LM_ASSIGN(bool there, batch.bind(1, start).step());
  if (!there) {
    fault("batch", {}, "is missing, " + reviewer.node + " received its opening");
    return {};
  }
  LM_ASSIGN(auto theirs, reviewer.db.prepare("SELECT n, id FROM tx WHERE start = ? ORDER BY n"));
  LM_ASSIGN(auto own, enterprise.db.prepare("SELECT 1 FROM tx WHERE id = ?"));
  theirs.bind(1, start);
  while (true) {
    LM_ASSIGN(bool row, theirs.step());
    if (!row) return {};
    LM_ASSIGN(bool kept, own.bind(1, theirs.blob(1)).step());
    own.reset();
    if (!kept) fault("tx", theirs.u64(0), "is missing, " + reviewer.node + " received it");
  }
}

Status compare(const Side& reviewer, const Side& enterprise, const KeyId& kid, const AuditRun& run,
               AuditReport& found) {
  LM_ASSIGN(auto q, reviewer.db.prepare(
                        "SELECT start, gtin, lot FROM review WHERE enterprise = ? ORDER BY start"));
  q.bind(1, kid);
  while (true) {
    LM_ASSIGN(bool row, q.step());
    if (!row) return {};
    const auto start = Digest::from(q.blob(0));
    if (!start || !run.wanted(q.text(1), q.text(2), kid)) continue;
    LM_TRY(compare_lot(reviewer, enterprise, q, *start, found));
  }
}

}  // namespace

// The enterprise's file is read after the reviewer's, so that a node that runs has what its reviewer received.
Status AuditPlan::audit_across() {
  for (const auto& e : audited_) {
    AuditReport found;
    const AuditRun work = run(e.number, e.keys, found);
    const Member* keeper = work.self();
    if (keeper == nullptr || !keeper->has(Role::kKeeping)) continue;
    for (const auto& r : audited_) {
      if (r.number == e.number) continue;
      LM_ASSIGN(auto theirs, store::Database::open(r.place, {.read_only = true}));
      LM_TRY(theirs.exec("BEGIN; SELECT count(*) FROM sqlite_master"));
      LM_ASSIGN(auto own, store::Database::open(e.place, {.read_only = true}));
      Status done;
      for (const KeyId& kid : work.keys) {
        if (done) done = compare({theirs, r.node}, {own, e.node}, kid, work, found);
      }
      if (!done) {
        add_fault(found, {"batch",
                          {},
                          {},
                          {},
                          {},
                          Errc::kCorrupt,
                          "cannot be compared with " + r.node + "'s: " + done.error().message(),
                          {}});
      }
    }
    LM_TRY(book_->transaction([&] { book_->add_unit(e.number, AuditStage::kAcross, {}, found); }));
  }
  return {};
}

}  // namespace lotmark::chain
