// The intake log: every bundle from its device's signature and readings up, and the log's tree.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

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

// One row by itself: what it says, and what is wrong with it.
struct FoundRow {
  IntakeRow row;  // without its body
  std::int64_t idx = 0;
  std::optional<Said> said;
  std::uint64_t readings = 0;
  std::vector<Error> faults;
};

class RowReader {
 public:
  explicit RowReader(AuditReader& reader) : reader_(reader) {}

  void read(const IntakeRow& row, FoundRow& out) {
    auto said = row.gap ? read_gap(row) : read_bundle(row, out.readings);
    if (!said) {
      out.faults.push_back(fail(said.code(), "its body does not hold: " + said.error().message()));
      return;
    }
    if (row.id != said->id) out.faults.push_back(fail(Errc::kCorrupt, "its id is not its body's"));
    if (Status ok = check_signer(*said); !ok) out.faults.push_back(ok.error());
    out.said = *std::move(said);
  }

 private:
  const Digest& id() const { return reader_.chain.chain_id(); }

  Result<Said> read_bundle(const IntakeRow& row, std::uint64_t& readings) {
    LM_ASSIGN(auto b, wire_.open_bundle(row.wire, id()));
    if (Errc e = wire_.check_readings(b.body); e != Errc::kOk)
      return fail(e, "readings do not give the roots signed");
    for (const auto& r : wire_.readings(b.body)) readings += r.times.size();
    return Said{b.kid,      b.body.life, b.id,      b.signature, b.body.seq,
                b.body.seq, b.body.from, b.body.to, b.body.prev, b.id};
  }

  Result<Said> read_gap(const IntakeRow& row) {
    LM_ASSIGN(auto g, open<Gap>(row.wire, id()));
    return Said{g.kid,       g.body.life, g.id, g.signature, g.body.seq,
                g.body.last, 0,           0,    g.body.prev, g.body.lost};
  }

  Status check_signer(const Said& said) {
    const Enrolled* device = reader_.chain.enrolled(said.kid);
    if (device == nullptr || device->kind != EnrolmentKind::kDevice)
      return fail(Errc::kDeviceUnknown, "its device " + to_hex(said.kid) + " is not enrolled");
    auto it = reader_.verifiers.find(said.kid);
    if (it == reader_.verifiers.end()) {
      auto made = Verifier::from(device->key);
      if (!made) return fail(made.code(), "the key of " + device->name + " is none");
      it = reader_.verifiers.emplace(said.kid, *std::move(made)).first;
    }
    if (!it->second.verify(said.id, said.signature))
      return fail(Errc::kCoseSignature, "not signed by " + device->name);
    return {};
  }

  AuditReader& reader_;
  WireReader wire_;
};

constexpr std::string_view kRows =
    "SELECT i.idx, i.id, i.life, i.seq, i.last, i.kind, i.t_from, i.t_to, w.wire "
    "FROM intake i LEFT JOIN intake_wire w ON w.idx = i.idx ";

IntakeRow row_of(const store::Query& q) {
  return {q.u64(0),           Digest::from(q.blob(1)), q.u64(2), q.u64(3),
          q.u64(4),           q.integer(5) == 1,       q.u64(6), q.u64(7),
          to_bytes(q.blob(8))};
}

class IntakeAudit final : public LogAudit {
 public:
  explicit IntakeAudit(AuditRun& run) : run_(run), heads_(run, "intake", LogKind::kIntake) {}

  struct Rows final : Stretch {
    std::vector<FoundRow> found;
  };

  Result<std::unique_ptr<Stretch>> read(AuditReader& reader, std::int64_t from,
                                        std::int64_t to) const override {
    auto out = std::make_unique<Rows>();
    RowReader rows(reader);
    // Of one lot alone the ids are enough for the log's tree.
    LM_ASSIGN(
        auto q,
        reader.db->prepare(
            run_.light() ? std::string("SELECT idx, id FROM intake WHERE idx >= ? AND idx < ? "
                                       "ORDER BY idx")
                         : std::string(kRows) + "WHERE i.idx >= ? AND i.idx < ? ORDER BY i.idx"));
    q.bind(1, from).bind(2, to);
    while (true) {
      LM_ASSIGN(bool more, q.step());
      if (!more) return std::unique_ptr<Stretch>(std::move(out));
      FoundRow found;
      found.idx = q.integer(0);
      if (run_.light()) {
        found.row.idx = q.u64(0);
        found.row.id = Digest::from(q.blob(1));
      } else if (found.idx >= 0) {
        found.row = row_of(q);
        rows.read(found.row, found);
        found.row.wire = {};
      }
      out->found.push_back(std::move(found));
    }
  }

  void take(Stretch& stretch) override {
    for (const auto& found : static_cast<Rows&>(stretch).found) {
      const bool placed = numbers_.take(found.idx, [&](const auto& idx, std::string text) {
        run_.fault("intake", idx, Errc::kNotFound, std::move(text));
      });
      if (placed) take(found);
    }
  }

  Status finish() override {
    heads_.finish();
    if (run_.light()) return {};
    check_lives();
    return check_orphans();
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

  std::string state() const override {
    nlohmann::json lives = nlohmann::json::array();
    for (const auto& [n, life] : lives_) {
      if (life.begun)
        lives.push_back({n, life.stood, life.end ? nlohmann::json(to_hex(*life.end)) : nullptr});
    }
    return nlohmann::json{{"next", numbers_.next()},
                          {"whole", numbers_.whole()},
                          {"heads", heads_.state()},
                          {"lives", std::move(lives)}}
        .dump();
  }

  Status restore(std::string_view state) override {
    const auto j = nlohmann::json::parse(state, nullptr, false);
    const Error damaged = fail(Errc::kCorrupt, "the state of intake cannot be read");
    if (!j.is_object() || !j.contains("lives") || !j["lives"].is_array()) return damaged;
    for (const auto& l : j["lives"]) {
      if (!l.is_array() || l.size() != 3 || !l[0].is_number_integer() || !l[1].is_number_unsigned())
        return damaged;
      const auto life = lives_.find(l[0].get<std::int64_t>());
      if (life == lives_.end()) return fail(Errc::kConflict, "a life went away since");
      life->second.begun = true;
      life->second.stood = l[1].get<std::uint64_t>();
      life->second.end =
          l[2].is_string() ? fixed_from_hex<Digest>(l[2].get<std::string>()) : std::nullopt;
    }
    numbers_.restore(j.value("next", std::uint64_t{0}), j.value("whole", false));
    return heads_.restore(j.value("heads", ""));
  }

 private:
  void fault(std::uint64_t idx, Errc e, std::string text) {
    run_.fault("intake", idx, e, std::move(text));
  }

  // The tree holds what the row's body is; where that cannot be read, what the row says it was.
  void take(const FoundRow& found) {
    const auto id = found.said ? std::optional(found.said->id) : found.row.id;
    if (!numbers_.whole()) heads_.stop();
    heads_.append(id ? merkle::leaf_hash(id->view()) : Digest{});
    for (const auto& e : found.faults) fault(found.row.idx, e.code, e.text);
    if (id && (found.said || run_.light())) run_.book.add_bundle(run_.file, *id, found.row.idx);
    if (!found.said) return;
    ++(found.row.gap ? run_.report.gaps : run_.report.bundles);
    run_.report.readings += found.readings;
    check_place(found.row, *found.said);
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
  std::map<std::int64_t, LifeRow> lives_;  // by n, as it is stored
  RowNumbers numbers_;
  HeadCheck heads_;
};

}  // namespace

Result<std::unique_ptr<LogAudit>> make_intake_audit(AuditRun& run) {
  auto intake = std::make_unique<IntakeAudit>(run);
  LM_TRY(intake->load_lives());
  return std::unique_ptr<LogAudit>(std::move(intake));
}

Status check_bundle(AuditReader& reader, std::uint64_t idx) {
  LM_ASSIGN(auto q, reader.db->prepare(std::string(kRows) + "WHERE i.idx = ?"));
  LM_ASSIGN(bool there, q.bind(1, idx).step());
  if (!there) return Errc::kNotFound;
  FoundRow found;
  RowReader(reader).read(row_of(q), found);
  if (found.faults.empty()) return {};
  return fail(found.faults.front().code,
              fmt::format("bundle {} of intake: {}", idx, found.faults.front().text));
}

}  // namespace lotmark::chain
