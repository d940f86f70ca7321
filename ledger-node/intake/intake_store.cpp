#include "ledger-node/intake/intake_store.h"

#include "ledger-node/chain/private/private_store.h"

namespace lotmark::node {

Result<IntakeStore> IntakeStore::open(const std::filesystem::path& private_db, bool read_only) {
  LM_ASSIGN(auto db, chain::open_private(private_db, read_only));
  IntakeStore s(std::move(db));
  LM_TRY(s.prepare(read_only));
  return s;
}

Status IntakeStore::prepare(bool read_only) {
  const auto make = [&](std::optional<store::Query>& q, std::string_view sql) -> Status {
    LM_ASSIGN(q, db_.prepare(sql));
    return {};
  };
  LM_TRY(make(life_of_, "SELECT life FROM intake WHERE idx = ?"));
  LM_TRY(make(covering_,
              "SELECT i.last, i.kind, i.id, w.wire FROM intake i JOIN intake_wire w USING(idx) "
              "WHERE i.life = ?1 AND i.seq <= ?2 AND i.last >= ?2 "
              "ORDER BY i.seq DESC LIMIT 1"));
  LM_TRY(make(wire_, "SELECT wire FROM intake_wire WHERE idx = ?"));
  LM_TRY(make(meeting_,
              "SELECT i.idx, i.id, w.wire FROM life l JOIN intake i ON i.life = l.n "
              "JOIN intake_wire w ON w.idx = i.idx WHERE l.device = ?1 AND i.kind = 0 "
              "AND i.t_from >= ?2 AND i.t_from < ?4 AND i.t_to >= ?3 ORDER BY i.idx"));
  if (read_only) return {};
  LM_TRY(make(insert_,
              "INSERT INTO intake(idx, id, life, seq, last, kind, t_from, t_to, received) "
              "VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?)"));
  LM_TRY(make(insert_wire_, "INSERT INTO intake_wire(idx, wire) VALUES(?, ?)"));
  LM_TRY(make(put_life_,
              "INSERT INTO life(n, device, life, seq, id, opened, closed) "
              "VALUES(?, ?, ?, ?, ?, ?, ?) ON CONFLICT(n) DO UPDATE SET "
              "seq = excluded.seq, id = excluded.id, closed = excluded.closed"));
  LM_TRY(make(put_clock_,
              "INSERT INTO intake_clock(one, time) VALUES(1, ?) "
              "ON CONFLICT(one) DO UPDATE SET time = excluded.time"));
  return make(put_evidence_,
              "INSERT OR IGNORE INTO evidence(kind, at, signer, other, first, second) "
              "SELECT 'seq-conflict', ?1, ?2, ?3, ?4, ?5 WHERE (SELECT count(*) FROM evidence "
              "WHERE kind = 'seq-conflict' AND signer = ?2) < ?6");
}

Result<DeviceLogs> IntakeStore::load_lives(std::string& damage) {
  DeviceLogs logs;
  LM_ASSIGN(auto q,
            db_.prepare("SELECT n, device, life, seq, id, opened, closed FROM life ORDER BY n"));
  while (true) {
    LM_ASSIGN(const bool row, q.step());
    if (!row) return logs;
    const auto device = KeyId::from(q.blob(1));
    const auto id = LifeId::from(q.blob(2));
    if (q.u64(0) != logs.size() + 1 || !device || !id) {
      damage = "life row " + std::to_string(logs.size() + 1) + " is missing or damaged";
      return logs;
    }
    DeviceLogs::Life life;
    life.device = *device;
    life.life = *id;
    life.seq = q.u64(3);
    if (!q.is_null(4)) {
      LM_ASSIGN(life.id, q.fixed<Digest>(4));
    }
    life.opened = q.u64(5);
    if (!q.is_null(6)) life.closed = q.u64(6);
    logs.load(life);
  }
}

Result<IntakeStore::Loaded> IntakeStore::load() {
  Loaded out;
  LM_ASSIGN(auto clock, db_.prepare("SELECT time FROM intake_clock"));
  LM_ASSIGN(const bool told, clock.step());
  if (told) out.time = clock.u64(0);
  LM_ASSIGN(auto q, db_.prepare("SELECT idx, id, t_to - t_from FROM intake ORDER BY idx"));
  while (true) {
    LM_ASSIGN(const bool row, q.step());
    if (!row) return out;
    const auto id = Digest::from(q.blob(1));
    if (q.u64(0) != out.ids.size() || !id) {
      out.damage = "intake row " + std::to_string(out.ids.size()) + " is missing or damaged";
      return out;
    }
    out.ids.push_back(*id);
    out.span_max = std::max(out.span_max, q.u64(2));
  }
}

Result<std::string> IntakeStore::cut_off(std::uint64_t size) {
  const std::string missing =
      "intake row " + std::to_string(size) + " is missing, and what followed it: ";
  LM_ASSIGN(auto body, db_.prepare("SELECT max(idx) FROM intake_wire"));
  LM_TRY(body.step());
  if (!body.is_null(0) && body.u64(0) >= size)
    return missing + "intake_wire row " + std::to_string(body.u64(0)) + " is there";
  LM_ASSIGN(auto q, db_.prepare("SELECT n, seq, coalesce((SELECT last FROM intake WHERE life = n "
                                "ORDER BY seq DESC LIMIT 1), 0) FROM life"));
  while (true) {
    LM_ASSIGN(const bool row, q.step());
    if (!row) return std::string();
    if (q.u64(1) > q.u64(2))
      return missing + "life row " + std::to_string(q.u64(0)) + " stands at " +
             std::to_string(q.u64(1)) + ", its newest row at " + std::to_string(q.u64(2));
  }
}

Status IntakeStore::insert(const Entry& e, std::uint64_t time) {
  auto& q = *insert_;
  q.bind(1, e.index).bind_view(2, e.id.view()).bind(3, std::uint64_t{e.life}).bind(4, e.seq);
  q.bind(5, e.last).bind(6, e.gap ? 1 : 0).bind(7, e.from).bind(8, e.to).bind(9, time);
  LM_TRY(q.run());
  insert_wire_->bind(1, e.index).bind_view(2, e.wire);
  return insert_wire_->run();
}

Status IntakeStore::put_life(LifeNumber n, const DeviceLogs::Life& life) {
  auto& q = *put_life_;
  q.bind(1, std::uint64_t{n}).bind(2, life.device).bind(3, life.life).bind(4, life.seq);
  q.bind(5, life.id).bind(6, life.opened).bind(7, life.closed);
  return q.run();
}

Status IntakeStore::put_evidence(const Contradiction& c, std::uint64_t time) {
  auto& q = *put_evidence_;
  q.bind(1, time).bind(2, c.signer).bind(3, c.other).bind_view(4, c.first).bind_view(5, c.second);
  q.bind(6, chain::kEvidencePerSigner);
  return q.run();
}

Status IntakeStore::write(const std::vector<Entry>& entries, const DeviceLogs& logs,
                          const std::vector<Contradiction>& contradictions, std::uint64_t time) {
  return db_.transaction([&]() -> Status {
    for (const LifeNumber n : logs.changed()) LM_TRY(put_life(n, logs.at(n)));
    for (const auto& e : entries) LM_TRY(insert(e, time));
    for (const auto& c : contradictions) LM_TRY(put_evidence(c, time));
    put_clock_->bind(1, time);
    return put_clock_->run();
  });
}

Result<LifeNumber> IntakeStore::life_of(std::uint64_t index) {
  auto& q = life_of_->bind(1, index);
  LM_ASSIGN(const bool row, q.step());
  if (!row) return fail(Errc::kCorrupt, "the intake log has a hole");
  const LifeNumber n = q.u64(0);
  q.reset();
  return n;
}

Result<std::optional<IntakeStore::Covering>> IntakeStore::covering(LifeNumber life,
                                                                   std::uint64_t seq) {
  auto& q = covering_->bind(1, std::uint64_t{life}).bind(2, seq);
  LM_ASSIGN(const bool row, q.step());
  if (!row) return std::optional<Covering>();
  const auto id = Digest::from(q.blob(2));
  Covering c{q.u64(0), q.integer(1) != 0, id.value_or(Digest{}), to_bytes(q.blob(3))};
  q.reset();
  if (!id) return fail(Errc::kCorrupt, "a stored id has the wrong size");
  return std::optional(std::move(c));
}

Result<Bytes> IntakeStore::wire(std::uint64_t index) {
  auto& q = wire_->bind(1, index);
  LM_ASSIGN(const bool row, q.step());
  if (!row) return fail(Errc::kCorrupt, "an object of the intake log is gone");
  Bytes out = to_bytes(q.blob(0));
  q.reset();
  return out;
}

Result<std::vector<IntakeStore::Found>> IntakeStore::meeting(const KeyId& device,
                                                             std::uint64_t least,
                                                             std::uint64_t from, std::uint64_t to) {
  auto& q = meeting_->bind(1, device).bind(2, least).bind(3, from).bind(4, to);
  std::vector<Found> out;
  while (true) {
    LM_ASSIGN(const bool row, q.step());
    if (!row) return out;
    const auto id = Digest::from(q.blob(1));
    out.push_back({q.u64(0), id.value_or(Digest{}), to_bytes(q.blob(2))});
    if (!id) {
      q.reset();
      return fail(Errc::kCorrupt, "a stored id has the wrong size");
    }
  }
}

}  // namespace lotmark::node
