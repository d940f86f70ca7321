// The received log and its arrivals, and the arrivals members gave this node.
#include <nlohmann/json.hpp>

#include "ledger-node/chain/private/audit_state.h"

namespace lotmark::chain {

namespace {

struct ReceivedRow {
  std::uint64_t idx = 0;
  std::optional<Digest> id;
  std::string type;
  std::optional<KeyId> signer;
  std::uint64_t at = 0;
  Bytes object;
  Bytes arrival;
};

Status check_object(const AuditReader& run, const ReceivedRow& r) {
  LM_ASSIGN(auto object, read_sign1(r.object, {r.type.c_str(), &run.chain.chain_id(),
                                               Unprotected::kEmpty, false}));
  if (object.id() != r.id) return fail(Errc::kCorrupt, "its id is not its object's");
  if (object.kid != r.signer) return fail(Errc::kCorrupt, "its signer is not its object's");
  const PublicKey* key = key_of(run.chain, object.kid);
  if (key == nullptr) return fail(Errc::kDeviceUnknown, "its signer is nobody's key");
  if (!verify_once(*key, object.id(), object.signature))
    return fail(Errc::kCoseSignature, "its object is not signed by it");
  return {};
}

Status check_arrival(const AuditReader& run, const ReceivedRow& r, const AuditRun& of) {
  LM_ASSIGN(auto a, open<Arrival>(r.arrival, run.chain.chain_id()));
  if (!of.own(a.kid)) return fail(Errc::kCoseKid, "its arrival is another node's");
  const PublicKey* key = key_of(run.chain, a.kid);
  if (key == nullptr || !a.verified_by(*key))
    return fail(Errc::kCoseSignature, "its arrival is not signed by this node");
  if (a.body.object != r.id || a.body.index != r.idx || a.body.time != r.at) {
    return fail(Errc::kCorrupt, "its arrival says otherwise than the row");
  }
  return {};
}

class ReceivedAudit final : public LogAudit {
 public:
  explicit ReceivedAudit(AuditRun& run) : run_(run), heads_(run, "received", LogKind::kReceived) {}

  struct Found {
    std::int64_t idx = 0;
    std::optional<Digest> id;
    std::vector<Status> faults;
  };
  struct Rows final : Stretch {
    std::vector<Found> found;
  };

  Result<std::unique_ptr<Stretch>> read(AuditReader& reader, std::int64_t from,
                                        std::int64_t to) const override {
    auto out = std::make_unique<Rows>();
    LM_ASSIGN(auto q, reader.db->prepare("SELECT idx, id, type, signer, at, object, arrival FROM "
                                         "received WHERE idx >= ? AND idx < ? ORDER BY idx"));
    q.bind(1, from).bind(2, to);
    while (true) {
      LM_ASSIGN(bool more, q.step());
      if (!more) return std::unique_ptr<Stretch>(std::move(out));
      Found f{q.integer(0), Digest::from(q.blob(1)), {}};
      if (!run_.light() && f.idx >= 0) {
        ReceivedRow r{q.u64(0),           f.id,
                      q.text(2),          KeyId::from(q.blob(3)),
                      q.u64(4),           to_bytes(q.blob(5)),
                      to_bytes(q.blob(6))};
        f.faults = {check_object(reader, r), check_arrival(reader, r, run_)};
      }
      out->found.push_back(std::move(f));
    }
  }

  void take(Stretch& stretch) override {
    for (const auto& f : static_cast<Rows&>(stretch).found) {
      const bool placed = numbers_.take(f.idx, [&](const auto& idx, std::string text) {
        run_.fault("received", idx, Errc::kNotFound, std::move(text));
      });
      if (!placed) continue;
      for (const auto& e : f.faults) {
        if (!e)
          run_.fault("received", static_cast<std::uint64_t>(f.idx), e.code(), e.error().message());
      }
      if (f.id) run_.book.add_received(run_.file, *f.id);
      if (!numbers_.whole()) heads_.stop();
      heads_.append(f.id ? merkle::leaf_hash(f.id->view()) : Digest{});
      ++run_.report.received;
    }
  }

  Status finish() override {
    heads_.finish();
    return {};
  }

  std::string state() const override {
    return nlohmann::json{
        {"next", numbers_.next()}, {"whole", numbers_.whole()}, {"heads", heads_.state()}}
        .dump();
  }
  Status restore(std::string_view state) override {
    const auto j = nlohmann::json::parse(state, nullptr, false);
    if (!j.is_object()) return fail(Errc::kCorrupt, "the state of received cannot be read");
    numbers_.restore(j.value("next", std::uint64_t{0}), j.value("whole", false));
    return heads_.restore(j.value("heads", ""));
  }

 private:
  AuditRun& run_;
  RowNumbers numbers_;
  HeadCheck heads_;
};

}  // namespace

Result<std::unique_ptr<LogAudit>> make_received_audit(AuditRun& run) {
  return std::unique_ptr<LogAudit>(std::make_unique<ReceivedAudit>(run));
}

// Each answer is its member's, and of something that was sent. Of a disclosure it is no signed
// object.
Status audit_answers(AuditRun& run) {
  LM_ASSIGN(auto q,
            run.db.prepare("SELECT object, member, reply FROM answer ORDER BY object, member"));
  for (std::uint64_t n = 0;; ++n) {
    LM_ASSIGN(bool row, q.step());
    if (!row) return {};
    const auto object = Digest::from(q.blob(0));
    const auto member = KeyId::from(q.blob(1));
    const Member* m = member ? member_of(run.chain, *member) : nullptr;
    if (!object || m == nullptr || !run.book.sent(run.file, *object)) {
      run.fault("answer", n, Errc::kCorrupt, "an answer of nobody, or to nothing that was sent");
      continue;
    }
    if (!m->has(Role::kReviewing)) continue;
    auto a = open<Arrival>(q.blob(2), run.id());
    if (!a || a->kid != m->kid || a->body.object != *object || !a->verified_by(m->public_key)) {
      run.fault("answer", n, a ? Errc::kCoseSignature : a.code(),
                "no arrival of " + m->organisation + " for what it names");
    } else {
      ++run.report.arrivals;
    }
  }
}

}  // namespace lotmark::chain
