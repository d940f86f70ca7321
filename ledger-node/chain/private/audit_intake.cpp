// The intake log: every bundle from its device's signature and readings up, and the log's tree.
#include <fmt/format.h>

#include "core/base/hex.h"
#include "ledger-node/chain/private/audit_state.h"

namespace lotmark::chain {

namespace {

struct LifeRow {
  KeyId device;
  LifeId life;
  std::uint64_t seq = 0;
  std::optional<Digest> id;
  // Where its rows lead.
  std::uint64_t stood = 0;
  std::optional<Digest> end;
  bool begun = false;
};

struct IntakeRow {
  std::uint64_t idx = 0;
  std::optional<Digest> id;
  std::uint64_t life = 0, seq = 0, last = 0;
  bool gap = false;
  std::uint64_t from = 0, to = 0;
  Bytes wire;
};

// What a bundle or gap says of its own place.
struct Said {
  KeyId kid;
  LifeId life;
  Digest id;
  Signature signature;
  std::uint64_t seq = 0, last = 0, from = 0, to = 0;
  std::optional<Digest> prev;
  std::optional<Digest> end;
};

class IntakeAudit {
 public:
  explicit IntakeAudit(AuditRun& run) : run_(run) {}

  Status audit() {
    LM_TRY(load_lives());
    LM_ASSIGN(const std::uint64_t total, run_.count("intake"));
    std::uint64_t done = 0;
    LM_ASSIGN(auto q,
              run_.db.prepare(
                  "SELECT i.idx, i.id, i.life, i.seq, i.last, i.kind, i.t_from, i.t_to, w.wire "
                  "FROM intake i LEFT JOIN intake_wire w ON w.idx = i.idx ORDER BY i.idx"));
    while (true) {
      LM_ASSIGN(bool more, q.step());
      if (!more) break;
      run_.tell("intake", ++done, total);
      const bool placed = numbers_.take(q.integer(0), [&](const auto& idx, std::string text) {
        run_.fault("intake", idx, Errc::kNotFound, std::move(text));
      });
      if (!placed) continue;
      IntakeRow row{q.u64(0),           Digest::from(q.blob(1)), q.u64(2), q.u64(3),
                    q.u64(4),           q.integer(5) == 1,       q.u64(6), q.u64(7),
                    to_bytes(q.blob(8))};
      take(row);
    }
    run_.check_heads("intake", tree_, LogKind::kIntake);
    check_lives();
    return check_orphans();
  }

 private:
  void fault(std::uint64_t idx, Errc e, std::string text) {
    run_.fault("intake", idx, e, std::move(text));
  }

  Status load_lives() {
    LM_ASSIGN(auto q, run_.db.prepare("SELECT n, device, life, seq, id FROM life"));
    while (true) {
      LM_ASSIGN(bool row, q.step());
      if (!row) return {};
      LifeRow life;
      life.device = KeyId::from(q.blob(1)).value_or(KeyId{});
      life.life = LifeId::from(q.blob(2)).value_or(LifeId{});
      life.seq = q.u64(3);
      life.id = Digest::from(q.blob(4));
      lives_.emplace(q.integer(0), life);
    }
  }

  // The tree ends at the first hole.
  void append(const Digest& leaf) {
    if (numbers_.whole()) tree_.append(leaf);
  }

  // The tree holds what the row's body is; where that cannot be read, what the row says it was.
  void take(const IntakeRow& row) {
    auto said = row.gap ? read_gap(row) : read_bundle(row);
    if (!said) {
      fault(row.idx, said.code(), "its body does not hold: " + said.error().message());
      append(row.id ? merkle::leaf_hash(row.id->view()) : Digest{});
      return;
    }
    append(merkle::leaf_hash(said->id.view()));
    run_.bundles.emplace(said->id, row.idx);
    ++(row.gap ? run_.report.gaps : run_.report.bundles);
    if (row.id != said->id) fault(row.idx, Errc::kCorrupt, "its id is not its body's");
    check_signer(row, *said);
    check_place(row, *said);
  }

  Result<Said> read_bundle(const IntakeRow& row) {
    LM_ASSIGN(auto b, reader_.open_bundle(row.wire, run_.id()));
    if (Errc e = reader_.check_readings(b.body); e != Errc::kOk)
      return fail(e, "readings do not give the roots signed");
    for (const auto& r : reader_.readings(b.body)) run_.report.readings += r.times.size();
    return Said{b.kid,      b.body.life, b.id,      b.signature, b.body.seq,
                b.body.seq, b.body.from, b.body.to, b.body.prev, b.id};
  }

  Result<Said> read_gap(const IntakeRow& row) {
    LM_ASSIGN(auto g, open<Gap>(row.wire, run_.id()));
    return Said{g.kid,       g.body.life, g.id, g.signature, g.body.seq,
                g.body.last, 0,           0,    g.body.prev, g.body.lost};
  }

  void check_signer(const IntakeRow& row, const Said& said) {
    const Enrolled* device = run_.chain.enrolled(said.kid);
    if (device == nullptr || device->kind != EnrolmentKind::kDevice) {
      return fault(row.idx, Errc::kDeviceUnknown,
                   "its device " + to_hex(said.kid) + " is not enrolled");
    }
    auto it = verifiers_.find(said.kid);
    if (it == verifiers_.end()) {
      auto made = Verifier::from(device->key);
      if (!made) return fault(row.idx, made.code(), "the key of " + device->name + " is none");
      it = verifiers_.emplace(said.kid, *std::move(made)).first;
    }
    if (!it->second.verify(said.id, said.signature)) {
      fault(row.idx, Errc::kCoseSignature, "not signed by " + device->name);
    }
  }

  // Columns against the body, and the body against the one before in its device's log.
  void check_place(const IntakeRow& row, const Said& said) {
    const auto at = lives_.find(static_cast<std::int64_t>(row.life));
    if (at == lives_.end() || at->second.device != said.kid || at->second.life != said.life) {
      return fault(row.idx, Errc::kCorrupt, "stands in another device's log");
    }
    LifeRow& life = at->second;
    const bool cut = row.gap && row.seq > said.seq;
    if ((row.seq != said.seq && !cut) || row.last != said.last || row.from != said.from ||
        row.to != said.to) {
      fault(row.idx, Errc::kCorrupt, "its columns are not what its body says");
    }
    const bool follows = row.seq == life.stood + 1 && (cut || said.prev == life.end);
    if (life.begun && !follows) {
      fault(row.idx, Errc::kPrevMismatch,
            fmt::format("object {} does not follow {} in its device's log", said.seq, life.stood));
    }
    life.begun = true;
    life.stood = said.last;
    life.end = said.end;
  }

  // A life of which nothing was taken stands at 0. Numbers are given from 1 on.
  void check_lives() {
    std::int64_t next = 1;
    for (const auto& [n, life] : lives_) {
      if (n != next)
        run_.fault("life", {}, Errc::kNotFound, fmt::format("row {} is missing", next));
      next = n + 1;
      const Enrolled* device = run_.chain.enrolled(life.device);
      if (!life.begun && (life.seq != 0 || life.id || device == nullptr)) {
        run_.fault("life", static_cast<std::uint64_t>(n), Errc::kCorrupt,
                   fmt::format("stands at {}, no row of intake is of it", life.seq));
      }
      if (life.begun && (life.seq != life.stood || life.id != life.end)) {
        run_.fault("life", static_cast<std::uint64_t>(n), Errc::kCorrupt,
                   fmt::format("stands at {}, its rows at {}", life.seq, life.stood));
      }
    }
  }

  Status check_orphans() {
    LM_ASSIGN(auto q, run_.db.prepare(
                          "SELECT idx FROM intake_wire WHERE idx NOT IN (SELECT idx FROM intake)"));
    while (true) {
      LM_ASSIGN(bool row, q.step());
      if (!row) return {};
      run_.fault("intake_wire", {}, Errc::kCorrupt,
                 fmt::format("row {} belongs to no row of intake", q.integer(0)));
    }
  }

  AuditRun& run_;
  WireReader reader_;
  std::map<KeyId, Verifier> verifiers_;
  std::map<std::int64_t, LifeRow> lives_;  // by n, as it is stored
  RowNumbers numbers_;
  merkle::MemoryTree tree_;
};

}  // namespace

Status audit_intake(AuditRun& run) { return IntakeAudit(run).audit(); }

}  // namespace lotmark::chain
