#include "edge-agent/outbox/outbox.h"

#include "core/base/random.h"
#include "core/wire/limits.h"
#include "core/wire/sign1.h"
#include "edge-agent/outbox/schema.h"

namespace lotmark::agent {

namespace {

// How far back the readings of bundles that were let go are known.
constexpr std::uint64_t kPastMax = 10000;
constexpr std::uint64_t kPruneEvery = 256;  // numbers: each time costs the flash a page or two

// The stored ack was verified when it came; only its payload is read again.
Result<KeptAck> read_ack(ByteView bytes, const Digest& chain) {
  LM_ASSIGN(auto ack, lotmark::open<Ack>(bytes, chain));
  return KeptAck{std::move(ack.body), to_bytes(bytes), ack.kid};
}

// A commit of one bundle touches a handful of pages: small ones cost the flash less, and what is deleted is not
// overwritten, which Debian's SQLite does by itself (docs/adr/0031). Only an empty file can still choose its pages.
Status prepare_file(const store::Database& db) {
  LM_TRY(db.exec("PRAGMA secure_delete=OFF"));
  LM_TRY(db.exec("PRAGMA cache_size=-256"));  // KiB: rows are written once and read once
  LM_ASSIGN(auto version, db.prepare("PRAGMA user_version"));
  LM_ASSIGN(bool row, version.step());
  const bool fresh = row && version.integer(0) == 0;
  version.reset();
  if (fresh) {
    LM_TRY(
        db.exec("PRAGMA journal_mode=DELETE; PRAGMA page_size=512; VACUUM; "
                "PRAGMA journal_mode=WAL"));
  }
  // Pages in the log before it is written back, and bytes of it that stay allocated.
  return db.exec("PRAGMA wal_autocheckpoint=2048; PRAGMA journal_size_limit=1048576");
}

}  // namespace

Result<Outbox> Outbox::open(const OutboxOptions& options) {
  LM_ASSIGN(auto db, store::Database::open(options.file));
  LM_TRY(prepare_file(db));
  LM_TRY(db.migrate({kOutboxSchema1, kOutboxSchema2, kOutboxSchema3, kOutboxSchema4}));
  Outbox outbox(std::move(db), options.chain);
  LM_TRY(outbox.begin_life(options));
  LM_TRY(outbox.load(options));
  LM_TRY(outbox.load_lists());
  LM_ASSIGN(outbox.first_, outbox.find_first(outbox.chain_.seq));
  return outbox;
}

Status Outbox::begin_life(const OutboxOptions& options) {
  LM_ASSIGN(auto insert, db_.prepare("INSERT OR IGNORE INTO outbox (one, device, chain, life, seq, "
                                     "readings, boot, boot_id, session) "
                                     "VALUES (1, ?, ?, ?, 0, 0, 0, '', 0)"));
  insert.bind(1, options.device).bind(2, options.chain).bind(3, random_fixed<LifeId>());
  LM_TRY(insert.run());
  LM_ASSIGN(auto update, db_.prepare("UPDATE outbox SET session = session + 1, "
                                     "boot = boot + (boot_id <> ?1), boot_id = ?1 "
                                     "WHERE device = ?2 AND chain = ?3"));
  update.bind(1, options.boot_id).bind(2, options.device).bind(3, options.chain);
  LM_TRY(update.run());
  if (db_.changes() == 1) return {};
  return fail(
      Errc::kConflict,
      options.file.string() + " belongs to another key or chain: give this one its own state_dir");
}

Status Outbox::load(const OutboxOptions& options) {
  LM_ASSIGN(auto q,
            db_.prepare("SELECT life, seq, id, boot, session, ack, anchor_size, anchor_root, "
                        "kept, kept_bytes, ran_ms, clock_floor, commanded, conflict FROM outbox"));
  LM_ASSIGN(bool row, q.step());
  if (!row) return fail(Errc::kCorrupt, "the outbox has no state");
  LM_ASSIGN(chain_.life, q.fixed<LifeId>(0));
  chain_.seq = q.u64(1);
  if (!q.is_null(2)) {
    LM_ASSIGN(chain_.id, q.fixed<Digest>(2));
  }
  chain_.boot = q.u64(3);
  session_ = q.u64(4);
  if (!q.is_null(5)) {
    LM_ASSIGN(ack_, read_ack(q.blob(5), options.chain));
  }
  if (!q.is_null(6)) {
    LM_ASSIGN(auto root, q.fixed<Digest>(7));
    chain_.anchor = Checkpoint{q.u64(6), root};
  }
  kept_ = {q.u64(8), q.u64(9)};
  ran_ms_ = q.u64(10);
  if (!q.is_null(11)) floor_ms_ = q.integer(11);
  commanded_ = q.u64(12);
  conflict_ = conflict_kept_ = q.integer(13) != 0;
  return {};
}

Status Outbox::load_lists() {
  LM_ASSIGN(auto channels, db_.prepare("SELECT name, last FROM channel"));
  for (;;) {
    LM_ASSIGN(bool row, channels.step());
    if (!row) break;
    chain_.last[channels.text(0)] = channels.u64(1);
  }
  LM_ASSIGN(auto sources, db_.prepare("SELECT name, offset, place, done FROM source"));
  for (;;) {
    LM_ASSIGN(bool row, sources.step());
    if (!row) break;
    sources_[sources.text(0)] = {{sources.u64(1), sources.u64(2)}, sources.integer(3) != 0};
  }
  LM_ASSIGN(auto starts,
            db_.prepare("SELECT id, device, object, by_enterprise, by_reviewer FROM start"));
  for (;;) {
    LM_ASSIGN(bool row, starts.step());
    if (!row) return {};
    LM_ASSIGN(auto id, starts.fixed<Digest>(0));
    starts_[id] = {id, starts.text(1), to_bytes(starts.blob(2)), starts.integer(3) != 0,
                   starts.integer(4) != 0};
  }
}

Result<std::uint64_t> Outbox::find_first(std::uint64_t sealed) {
  LM_ASSIGN(auto q, db_.prepare("SELECT first FROM bundle ORDER BY seq LIMIT 1"));
  LM_ASSIGN(bool row, q.step());
  return row ? q.u64(0) : sealed + 1;
}

SourceState Outbox::source(const std::string& name) const {
  const auto at = sources_.find(name);
  return at == sources_.end() ? SourceState{} : at->second;
}

Status Outbox::commit(const Batch& batch) {
  if (batch.empty()) return {};
  Kept kept = kept_;
  std::uint64_t first = first_;
  LM_TRY(db_.transaction([&]() -> Status {
    LM_TRY(write(batch, kept));
    LM_ASSIGN(first, find_first(batch.sealed.empty() ? chain_.seq : batch.sealed.back().seq));
    return {};
  }));
  kept_ = kept;
  first_ = first;
  if (batch.ran_ms != 0) ran_ms_ = batch.ran_ms;
  if (batch.floor_ms) floor_ms_ = batch.floor_ms;
  if (!batch.sealed.empty()) {
    chain_.seq = batch.sealed.back().seq;
    chain_.id = batch.sealed.back().id;
    chain_.last = batch.last;
  }
  for (const auto& [name, state] : batch.sources) sources_[name] = state;
  if (batch.ack) {
    const auto& newest = batch.ack->body.checkpoint;
    if (newest && (!chain_.anchor || newest->size > chain_.anchor->size)) chain_.anchor = newest;
    ack_ = batch.ack;
  }
  for (const auto& s : batch.starts) {
    if (s.let_go) {
      starts_.erase(s.id);
    } else {
      starts_[s.id] = s;
    }
  }
  return {};
}

Status Outbox::command(std::uint64_t counter) {
  LM_ASSIGN(auto q, db_.prepare("UPDATE outbox SET commanded = ?"));
  q.bind(1, counter);
  LM_TRY(q.run());
  commanded_ = counter;
  return {};
}

Status Outbox::note_conflict() {
  conflict_ = true;
  if (conflict_kept_) return {};
  LM_TRY(db_.exec("UPDATE outbox SET conflict = 1"));
  conflict_kept_ = true;
  return {};
}

Status Outbox::write_back() { return db_.exec("PRAGMA wal_checkpoint(TRUNCATE)"); }

Status Outbox::write(const Batch& batch, Kept& kept) {
  if (!batch.sealed.empty()) LM_TRY(write_sealed(batch, kept));
  if (!batch.sources.empty()) {
    LM_ASSIGN(auto q, db_.prepare("INSERT OR REPLACE INTO source VALUES (?, ?, ?, ?)"));
    for (const auto& [name, s] : batch.sources) {
      q.bind(1, name).bind(2, s.position.offset).bind(3, s.position.index).bind(4, s.done ? 1 : 0);
      LM_TRY(q.run());
    }
  }
  if (batch.ack) LM_TRY(write_ack(*batch.ack, kept));
  for (const auto& gap : batch.gaps) LM_TRY(write_gap(gap, kept));
  for (const auto& s : batch.starts) LM_TRY(write_start(s));
  return write_totals(batch, kept);
}

Status Outbox::write_totals(const Batch& batch, const Kept& kept) {
  LM_ASSIGN(auto q, db_.prepare("UPDATE outbox SET kept = ?1, kept_bytes = ?2, "
                                "ran_ms = CASE ?3 WHEN 0 THEN ran_ms ELSE ?3 END, "
                                "clock_floor = coalesce(?4, clock_floor)"));
  q.bind(1, kept.count).bind(2, kept.bytes).bind(3, batch.ran_ms).bind(4, batch.floor_ms);
  return q.run();
}

Status Outbox::write_sealed(const Batch& batch, Kept& kept) {
  LM_ASSIGN(auto count, db_.prepare("SELECT readings FROM outbox"));
  LM_ASSIGN(bool row, count.step());
  std::uint64_t readings = row ? count.u64(0) : 0;
  count.reset();
  LM_ASSIGN(auto bundle, db_.prepare("INSERT INTO bundle VALUES (?1, ?1, ?2, ?3, ?4, ?5, ?6, ?7)"));
  const std::uint64_t sealed_ms = batch.ran_ms != 0 ? batch.ran_ms : ran_ms_;
  for (const auto& b : batch.sealed) {
    readings += b.readings;
    bundle.bind(1, b.seq).bind(2, b.id).bind(3, readings).bind_view(4, b.wire);
    bundle.bind(5, static_cast<int>(b.when_full)).bind(6, sealed_ms);
    bundle.bind(7, static_cast<std::uint64_t>(b.wire.size()));
    LM_TRY(bundle.run());
    ++kept.count;
    kept.bytes += b.wire.size();
  }
  LM_ASSIGN(auto channel, db_.prepare("INSERT OR REPLACE INTO channel VALUES (?, ?)"));
  for (const auto& [name, last] : batch.last) {
    const auto known = chain_.last.find(name);
    if (known != chain_.last.end() && known->second == last) continue;
    channel.bind(1, name).bind(2, last);
    LM_TRY(channel.run());
  }
  LM_ASSIGN(auto state, db_.prepare("UPDATE outbox SET seq = ?, id = ?, readings = ?"));
  state.bind(1, batch.sealed.back().seq).bind(2, batch.sealed.back().id).bind(3, readings);
  return state.run();
}

// Lets go what the ack names: everything below `through`, and `through` itself if the id is the same.
Status Outbox::write_ack(const KeptAck& ack, Kept& kept) {
  LM_ASSIGN(auto go, db_.prepare("SELECT count(*), coalesce(sum(length(object)), 0) FROM bundle "
                                 "WHERE seq < ?1 OR (seq = ?1 AND id = ?2)"));
  go.bind(1, ack.body.through).bind(2, ack.body.id);
  LM_ASSIGN(bool counted, go.step());
  if (counted) {
    kept.count -= go.u64(0);
    kept.bytes -= go.u64(1);
  }
  go.reset();
  LM_ASSIGN(auto past,
            db_.prepare("INSERT OR REPLACE INTO past SELECT seq, readings_total FROM bundle "
                        "WHERE (seq < ?1 OR (seq = ?1 AND id = ?2)) AND seq > ?3 "
                        "AND readings_total > 0"));
  const std::uint64_t past_from =
      ack.body.through > kPastMax ? ack.body.through - kPastMax : std::uint64_t{0};
  past.bind(1, ack.body.through).bind(2, ack.body.id).bind(3, past_from);
  LM_TRY(past.run());
  LM_ASSIGN(auto bundle,
            db_.prepare("DELETE FROM bundle WHERE seq < ?1 OR (seq = ?1 AND id = ?2)"));
  bundle.bind(1, ack.body.through).bind(2, ack.body.id);
  LM_TRY(bundle.run());
  const std::uint64_t before = ack_ ? ack_->body.through : std::uint64_t{0};
  if (before / kPruneEvery != ack.body.through / kPruneEvery) {
    LM_ASSIGN(auto prune, db_.prepare("DELETE FROM past WHERE seq < ?"));
    prune.bind(1, past_from);
    LM_TRY(prune.run());
  }
  LM_ASSIGN(auto state, db_.prepare("UPDATE outbox SET ack = ?, ack_through = ?"));
  state.bind(1, ack.bytes).bind(2, ack.body.through);
  LM_TRY(state.run());
  if (!ack.body.checkpoint) return {};
  LM_ASSIGN(auto anchor, db_.prepare("UPDATE outbox SET anchor_size = ?1, anchor_root = ?2 "
                                     "WHERE anchor_size IS NULL OR anchor_size < ?1"));
  anchor.bind(1, ack.body.checkpoint->size).bind(2, ack.body.checkpoint->root);
  return anchor.run();
}

// In place of what lies within; the total of readings stands as it stood at the last of them.
Status Outbox::write_gap(const StoredGap& gap, Kept& kept) {
  const Outgoing& g = gap.object;
  LM_ASSIGN(auto within, db_.prepare("SELECT count(*), coalesce(sum(length(object)), 0), coalesce("
                                     "max(readings_total), (SELECT readings_total FROM past WHERE "
                                     "seq = ?2), 0) FROM bundle WHERE seq BETWEEN ?1 AND ?2"));
  within.bind(1, g.first).bind(2, g.seq);
  LM_ASSIGN(bool counted, within.step());
  const std::uint64_t readings = counted ? within.u64(2) : 0;
  if (counted) {
    kept.count -= within.u64(0);
    kept.bytes -= within.u64(1);
  }
  within.reset();
  LM_ASSIGN(auto gone, db_.prepare("DELETE FROM bundle WHERE seq BETWEEN ?1 AND ?2"));
  gone.bind(1, g.first).bind(2, g.seq);
  LM_TRY(gone.run());
  LM_ASSIGN(auto q, db_.prepare("INSERT INTO bundle VALUES (?, ?, ?, ?, ?, ?, 0, ?)"));
  q.bind(1, g.seq).bind(2, g.first).bind(3, g.id).bind(4, readings).bind_view(5, g.object);
  q.bind(6, gap.dropped ? 3 : 0).bind(7, static_cast<std::uint64_t>(g.object.size()));
  ++kept.count;
  kept.bytes += g.object.size();
  return q.run();
}

Status Outbox::write_start(const StoredStart& s) {
  if (s.let_go) {
    LM_ASSIGN(auto q, db_.prepare("DELETE FROM start WHERE id = ?"));
    q.bind(1, s.id);
    return q.run();
  }
  LM_ASSIGN(auto q, db_.prepare("INSERT OR REPLACE INTO start VALUES (?, ?, ?, ?, ?)"));
  q.bind(1, s.id).bind(2, s.device).bind(3, s.object);
  q.bind(4, s.by_enterprise ? 1 : 0).bind(5, s.by_reviewer ? 1 : 0);
  return q.run();
}

Result<std::vector<Outgoing>> Outbox::from(std::uint64_t seq, std::size_t count) {
  LM_ASSIGN(auto q, db_.prepare("SELECT first, seq, id, object FROM bundle WHERE seq >= ? "
                                "ORDER BY seq LIMIT ?"));
  q.bind(1, seq).bind(2, static_cast<std::uint64_t>(count));
  std::vector<Outgoing> out;
  for (;;) {
    LM_ASSIGN(bool row, q.step());
    if (!row) return out;
    LM_ASSIGN(auto id, q.fixed<Digest>(2));
    out.push_back({q.u64(0), q.u64(1), id, to_bytes(q.blob(3))});
  }
}

Result<bool> Outbox::names(const Ack& ack) {
  LM_ASSIGN(auto q, db_.prepare("SELECT id FROM bundle WHERE seq = ?"));
  q.bind(1, ack.through);
  LM_ASSIGN(bool row, q.step());
  if (!row) return true;
  LM_ASSIGN(auto id, q.fixed<Digest>(0));
  return ack.id == id;
}

Result<bool> Outbox::in_a_gap(std::uint64_t seq) {
  LM_ASSIGN(const auto rows, from(seq, 1));
  return !rows.empty() && rows[0].first <= seq && seq < rows[0].seq;
}

Result<bool> Outbox::denied_by(const Ack& ack) {
  if (ack.through > chain_.seq) return true;
  LM_ASSIGN(const bool named, names(ack));
  if (named) return false;
  LM_ASSIGN(auto kept, from(ack.through, 1));
  return kept.at(0).id != Digest{};  // of a gap over bundles whose ids nobody knows any more
}

Result<std::uint64_t> Outbox::readings_between(std::uint64_t after, std::uint64_t through) {
  LM_ASSIGN(auto q, db_.prepare("SELECT coalesce((SELECT readings_total FROM past WHERE seq <= ?2 "
                                "ORDER BY seq DESC LIMIT 1), 0) - CASE WHEN ?1 = 0 THEN 0 ELSE "
                                "coalesce((SELECT readings_total FROM past WHERE seq >= ?1 "
                                "ORDER BY seq LIMIT 1), 0) END"));
  q.bind(1, after).bind(2, through);
  LM_ASSIGN(bool row, q.step());
  if (!row || q.integer(0) < 0) return std::uint64_t{0};
  return q.u64(0);
}

}  // namespace lotmark::agent
