#include "ledger-node/chain/private/audit_plan.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "core/base/hex.h"
#include "ledger-node/chain/private/audit_events.h"
#include "ledger-node/chain/private/audit_sheet.h"
#include "ledger-node/chain/private/in_order.h"

namespace lotmark::chain {

namespace {

constexpr std::uint64_t kBlocksAtOnce = 256;
constexpr std::size_t kUnitsAtOnce = 2048;

Bytes key_of_place(std::uint64_t place) {
  Bytes out;
  for (int shift = 56; shift >= 0; shift -= 8)
    out.push_back(static_cast<std::uint8_t>(place >> shift));
  return out;
}

// What the rows of a table are numbered by, and how many are read at once.
struct Numbered {
  std::string_view column = "idx";
  std::uint64_t at_once = 2048;
};
Numbered numbered(std::string_view table) {
  if (table == "event") return {"n", 1024};
  if (table == "access") return {"n", 1024};
  if (table == "period_record") return {"period", 4};  // each with all its events
  if (table == "capture_job") return {"k", 64};
  return {};
}

// A table's rows as ranges of their numbers, from `from` on.
Result<std::vector<std::pair<std::int64_t, std::int64_t>>> stretches_of(const store::Database& db,
                                                                        std::string_view table,
                                                                        std::int64_t from) {
  const auto [column, at_once] = numbered(table);
  LM_ASSIGN(auto q, db.prepare(fmt::format(
                        "SELECT {1} FROM {0} WHERE {1} >= ? ORDER BY {1} LIMIT 1 OFFSET {2}", table,
                        column, at_once)));
  LM_ASSIGN(auto last, db.prepare(fmt::format("SELECT max({}) FROM {}", column, table)));
  LM_TRY(last.step());
  std::vector<std::pair<std::int64_t, std::int64_t>> out;
  if (last.is_null(0) || last.integer(0) < from || last.integer(0) == INT64_MAX) return out;
  const std::int64_t end = last.integer(0) + 1;
  while (from < end) {
    LM_ASSIGN(bool more, q.bind(1, from).step());
    const std::int64_t to = more ? q.integer(0) : end;
    q.reset();
    out.emplace_back(from, to);
    from = to;
  }
  return out;
}

}  // namespace

Result<AuditPlan> AuditPlan::open(const AuditFile& file, PublicChain chain, bool sound,
                                  const AuditOptions& options, std::shared_ptr<AuditBook> book,
                                  const AuditProgress& progress) {
  AuditPlan plan(options, std::move(book), progress);
  const std::size_t threads = sound ? std::clamp(options.threads, 1u, 64u) : 1;
  const auto add = [&](PublicChain view) -> Status {
    LM_ASSIGN(auto tables, look_into(file));
    LM_ASSIGN(auto notes, plan.book_->reader());
    plan.readers_.push_back(
        AuditReader{std::nullopt, std::move(view), std::move(tables), std::move(notes), {}});
    return {};
  };
  LM_TRY(add(std::move(chain)));
  for (std::size_t i = 0; threads > 1 && i < threads; ++i) {
    LM_ASSIGN(auto view, PublicChain::open(file.place(), options.anchor, true));
    LM_TRY(add(std::move(view)));
  }
  return plan;
}

Status AuditPlan::tell(std::string_view what, std::uint64_t done, std::uint64_t total) const {
  if (!progress_ || progress_(what, done, total)) return {};
  return fail(Errc::kNotReady, "the audit was ended before it was through");
}

// ---- the chain -------------------------------------------------------------------------------

// That what an earlier run read of the chain is still what it says.
Status AuditPlan::check_same_chain(std::uint64_t cursor, const std::string& root) const {
  const PublicChain& chain = readers_.front().chain;
  if (cursor <= 1) return {};
  auto now = cursor <= chain.size() ? chain.root_at(cursor) : Result<Digest>(Errc::kNotFound);
  if (now && to_hex(*now) == root) return {};
  return fail(Errc::kConflict,
              fmt::format("the state is of a chain of {} blocks with root {}, which this chain.db "
                          "does not hold: begin anew without --resume",
                          cursor, root.substr(0, 16)));
}

Status AuditPlan::audit_blocks() {
  const PublicChain& chain = readers_.front().chain;
  const auto before = book_->progress(0, AuditStage::kChain);
  LM_TRY(check_same_chain(before.cursor, before.state));
  const std::uint64_t from = std::max<std::uint64_t>(before.cursor, 1);
  const std::uint64_t size = chain.size();
  const std::uint64_t jobs = size > from ? (size - from + kBlocksAtOnce - 1) / kBlocksAtOnce : 0;
  const auto end_of = [&](std::uint64_t job) {
    return std::min(size, from + (job + 1) * kBlocksAtOnce);
  };
  return in_order<BlockRows>(
      threads(), jobs,
      [&](std::size_t thread, std::uint64_t job) {
        return read_blocks(reader(thread), options_.scope, from + job * kBlocksAtOnce, end_of(job));
      },
      [&](std::uint64_t job, const BlockRows& rows) -> Status {
        LM_ASSIGN(const auto root, chain.root_at(end_of(job)));
        const std::uint64_t place = from + job * kBlocksAtOnce;
        LM_TRY(book_->transaction([&] {
          take_blocks(*book_, rows);
          book_->add_unit(0, AuditStage::kChain, {key_of_place(place), place}, rows.report);
          book_->set_progress(0, AuditStage::kChain,
                              {end_of(job), to_hex(root), end_of(job) == size});
        }));
        return tell("blocks", end_of(job) - 1, size - 1);
      });
}

Status AuditPlan::audit_chain() {
  LM_TRY(audit_blocks());
  if (options_.scope.all()) LM_TRY(whole(0, {}, AuditStage::kIndex, "chain", audit_index));
  return {};
}

// ---- a private file --------------------------------------------------------------------------

// An error while tables are read is damage of them: a fault that names the first of them.
Status AuditPlan::whole(int number, const OwnKeys& keys, AuditStage stage, std::string_view table,
                        Status (*part)(AuditRun&)) {
  AuditReport found;
  AuditRun work = run(number, keys, found);
  return book_->transaction([&] {
    if (Status done = part(work); !done)
      work.fault(table, {}, Errc::kCorrupt, "cannot be read further: " + done.error().message());
    book_->add_unit(number, stage, {}, found);
  });
}

Status AuditPlan::audit_log(int number, const OwnKeys& keys, AuditStage stage,
                            std::string_view table,
                            Result<std::unique_ptr<LogAudit>> (*make)(AuditRun&)) {
  AuditReport found;
  AuditRun work = run(number, keys, found);
  const auto damaged = [&](const Error& e) {
    work.fault(table, {}, Errc::kCorrupt, "cannot be read further: " + e.message());
    return book_->transaction([&] {
      book_->add_unit(number, stage, {key_of_place(UINT64_MAX), INT64_MAX}, found);
    });
  };
  auto log = make(work);
  if (!log) return damaged(log.error());
  const auto before = book_->progress(number, stage);
  std::int64_t from = INT64_MIN;
  if (!before.state.empty()) {
    const auto state = nlohmann::json::parse(before.state, nullptr, false);
    if (!state.is_object()) return fail(Errc::kCorrupt, "the state file cannot be read");
    from = state.value("to", from);
    LM_TRY((*log)->restore(state.value("log", "")));
  }
  LM_ASSIGN(auto stretches, stretches_of(work.db, table, from));
  LM_ASSIGN(const auto total, work.count(table));
  using Read = Result<std::unique_ptr<LogAudit::Stretch>>;
  std::optional<Error> unreadable;
  LM_TRY(in_order<std::shared_ptr<Read>>(
      threads(), stretches.size(),
      [&](std::size_t thread, std::uint64_t job) {
        return std::make_shared<Read>(
            (*log)->read(reader(thread), stretches[job].first, stretches[job].second));
      },
      [&](std::uint64_t job, const std::shared_ptr<Read>& read) -> Status {
        if (!*read && !unreadable) unreadable = read->error();
        if (unreadable) return {};
        const std::uint64_t place = before.cursor + job;
        LM_TRY(book_->transaction([&] {
          (*log)->take(***read);
          book_->add_unit(number, stage, {key_of_place(place), place}, found);
          const nlohmann::json state = {{"to", stretches[job].second}, {"log", (*log)->state()}};
          book_->set_progress(number, stage, {place + 1, state.dump(), false});
        }));
        found = {};
        return tell(table, std::min(total, (place + 1) * numbered(table).at_once), total);
      }));
  if (unreadable) return damaged(*unreadable);
  if (Status done = (*log)->finish(); !done) return damaged(done.error());
  return book_->transaction([&] {
    book_->add_unit(number, stage, {key_of_place(UINT64_MAX), INT64_MAX}, found);
  });
}

// In the order of their times; the next page after `after`.
Result<std::vector<AuditPlan::Unit>> AuditPlan::next_units(const AuditRun& run,
                                                           std::string_view table,
                                                           const std::optional<Unit>& after) const {
  const bool batch = table == "batch";
  const std::string time = batch ? "made" : "at";
  LM_ASSIGN(auto q,
            run.db.prepare(fmt::format(
                "SELECT start, {0}, gtin, lot, {1} FROM {2} WHERE length(start) = 32 AND "
                "(?3 OR {0} > ?1 OR ({0} = ?1 AND start > ?2)) ORDER BY {0}, start LIMIT {3}",
                time, batch ? "NULL" : "enterprise", table, kUnitsAtOnce)));
  q.bind(1, after ? after->place : 0).bind(2, after ? after->start : Digest{});
  q.bind(3, after ? 0 : 1);
  std::vector<Unit> out;
  const auto first = run.keys.empty() ? std::nullopt : std::optional(run.keys.front());
  while (true) {
    LM_ASSIGN(bool row, q.step());
    if (!row) return out;
    const auto start = Digest::from(q.blob(0));
    const auto of = batch ? first : KeyId::from(q.blob(4));
    if (start) {
      out.push_back({*start, q.integer(1), run.wanted(q.text(2), q.text(3), of.value_or(KeyId{}))});
    }
  }
}

AuditPlan::Found AuditPlan::audit_unit(AuditReader& reader, int number, const OwnKeys& keys,
                                       std::string_view table, const Digest& start,
                                       OneAudit one) const {
  Found found;
  AuditRun work{reader, reader.book, options_.scope, number, keys, found.report};
  work.opening_keys = options_.opening_keys;
  work.own_keys = options_.own_keys;
  if (Status done = one(work, start, found.settled); !done) {
    work.fault(table, {}, Errc::kCorrupt, "cannot be read further: " + done.error().message());
  }
  found.sent = std::move(work.sent);
  return found;
}

Status AuditPlan::audit_units(int number, const OwnKeys& keys, AuditStage stage,
                              std::string_view table, OneAudit one) {
  AuditReport nothing;
  const AuditRun work = run(number, keys, nothing);
  LM_ASSIGN(const auto total, work.count(table));
  std::uint64_t done = 0;
  std::optional<Unit> after;
  while (true) {
    LM_ASSIGN(auto units, next_units(work, table, after));
    if (units.empty()) return {};
    after = units.back();
    std::uint64_t passed = 0;
    std::erase_if(units, [&](const Unit& u) {
      const bool past = !u.wanted || book_->settled(number, stage, u.start.view());
      passed += past ? 1 : 0;
      return past;
    });
    done += passed;
    const std::string_view what = table == "batch" ? "batches" : "reviews";
    if (units.empty()) LM_TRY(tell(what, done, total));
    LM_TRY(in_order<Found>(
        threads(), units.size(),
        [&](std::size_t thread, std::uint64_t job) {
          return audit_unit(reader(thread), number, keys, table, units[job].start, one);
        },
        [&](std::uint64_t job, const Found& found) -> Status {
          LM_TRY(book_->transaction([&] {
            for (const auto& id : found.sent) book_->add_sent(number, id);
            const auto& u = units[job];
            book_->add_unit(
                number, stage,
                {to_bytes(u.start.view()), static_cast<std::uint64_t>(u.place), found.settled},
                found.report);
          }));
          return tell(what, ++done, total);
        }));
  }
}

// Captured events, the access log, and the records that are of nothing else.
Status AuditPlan::audit_events(int number, const OwnKeys& keys) {
  LM_TRY(audit_log(number, keys, AuditStage::kEvents, "event", make_event_audit));
  LM_TRY(audit_log(number, keys, AuditStage::kPeriods, "period_record", make_period_audit));
  LM_TRY(audit_log(number, keys, AuditStage::kJobs, "capture_job", make_job_audit));
  LM_TRY(audit_log(number, keys, AuditStage::kAccesses, "access", make_access_audit));
  LM_TRY(whole(number, keys, AuditStage::kAccessSpans, "access_span", audit_access_spans));
  return whole(number, keys, AuditStage::kEventSets, "event_set", audit_event_sets);
}

Result<std::string> AuditPlan::audit_private(const AuditFile& file, int number) {
  for (auto& r : readers_) {
    LM_ASSIGN(r.db, look_into(file));
  }
  AuditReport found;
  const OwnKeys known = options_.self ? OwnKeys{*options_.self} : OwnKeys{};
  AuditRun self_run = run(number, known, found);
  if (Status done = find_self(self_run); !done)
    self_run.fault("private.db", {}, Errc::kCorrupt, "cannot be read: " + done.error().message());
  const OwnKeys keys = std::move(self_run.keys);
  LM_TRY(book_->transaction([&] {
    book_->set("node." + std::to_string(number), found.node);
    book_->add_unit(number, AuditStage::kSelf, {}, found);
  }));
  const bool all = run(number, keys, found).whole();
  const bool light = !options_.scope.lot.empty();
  LM_TRY(audit_log(number, keys, AuditStage::kIntake, "intake", make_intake_audit));
  LM_TRY(audit_log(number, keys, AuditStage::kReceived, "received", make_received_audit));
  LM_TRY(audit_units(number, keys, AuditStage::kLots, "batch", audit_lot));
  if (!light) LM_TRY(whole(number, keys, AuditStage::kOrphans, "batch", audit_orphans));
  LM_TRY(audit_units(number, keys, AuditStage::kReviews, "review", audit_review));
  if (all) LM_TRY(whole(number, keys, AuditStage::kAnswers, "answer", audit_answers));
  if (all) LM_TRY(whole(number, keys, AuditStage::kEvidence, "evidence", audit_evidence));
  LM_TRY(whole(number, keys, AuditStage::kDecided, "chain", audit_decided));
  if (all) LM_TRY(whole(number, keys, AuditStage::kSubmissions, "received", audit_submissions));
  if (all) LM_TRY(audit_events(number, keys));
  audited_.push_back({number, file.place().string(), keys, found.node});
  return found.node;
}

}  // namespace lotmark::chain
