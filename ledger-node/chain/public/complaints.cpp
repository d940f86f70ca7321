#include "ledger-node/chain/public/complaints.h"

#include "core/base/hex.h"
#include "core/crypto/sha256.h"
#include "core/proof/lot_objects.h"
#include "ledger-node/chain/public/cut_store.h"

namespace lotmark::chain {

namespace {

// One ruling of a member on a complaint a body.
Digest said_of(const KeyId& kid, const Digest& complaint) {
  Bytes both = to_bytes(kid.view());
  both.insert(both.end(), complaint.bytes.begin(), complaint.bytes.end());
  return sha256(both);
}

Result<bool> is_settled(const PublicChain& chain, const Digest& complaint) {
  LM_ASSIGN(auto q, chain.database().prepare(
                        "SELECT 1 FROM settled WHERE complaint = ?1 AND block > (SELECT max(block) "
                        "FROM complaint WHERE id = ?1)"));
  return q.bind(1, complaint).step();
}

// Who began behind a cut and is not at its block yet takes rulings on what was cut as the members who voted did: it has
// nothing to compare them with.
Result<bool> may_be_forgotten(const PublicChain& chain) {
  LM_ASSIGN(const auto ahead, cuts(chain, chain.size(), 1));
  return !ahead.empty();
}

Result<Settled> read_settled(const store::Query& q, const Complaint& c, const KeyId& by) {
  Settled s;
  LM_ASSIGN(auto ruling, decode<Ruling>(q.blob(4)));
  s.block = q.u64(5);
  s.text = q.text(6);
  s.outcome = ruling.outcome;
  s.penalties = std::move(ruling.penalties);
  s.points = ruling.points;
  s.reward = ruling.reward;
  s.penalised = penalised(s.outcome, c.subject, by);
  return s;
}

constexpr std::string_view kComplaints =
    "SELECT c.id, c.block, c.object, (SELECT count(DISTINCT kid) FROM ruling WHERE complaint = "
    "c.id AND block > c.block), s.terms, s.block, s.text FROM complaint AS c LEFT JOIN settled AS "
    "s "
    "ON s.complaint = c.id AND s.block > c.block WHERE c.block = (SELECT max(block) FROM complaint "
    "WHERE id = c.id) ";

Result<KnownComplaint> read(const store::Query& q, const Digest& chain) {
  KnownComplaint k;
  LM_ASSIGN(k.id, q.fixed<Digest>(0));
  k.block = q.u64(1);
  LM_ASSIGN(auto object, open<Complaint>(q.blob(2), chain));
  k.by = object.kid;
  k.complaint = std::move(object.body);
  k.rulings = q.u64(3);
  if (!q.is_null(4)) {
    LM_ASSIGN(k.settled, read_settled(q, k.complaint, k.by));
  }
  return k;
}

// Members, supervising in this statement, whose newest ruling has these terms.
Result<std::uint64_t> agreeing(const PublicChain& chain, const Membership& judge,
                               const Digest& complaint, ByteView terms) {
  LM_ASSIGN(auto q, chain.database().prepare(
                        "SELECT kid, max(n), terms FROM ruling WHERE complaint = ?1 AND block > "
                        "(SELECT max(block) FROM complaint WHERE id = ?1) GROUP BY kid"));
  q.bind(1, complaint);
  std::uint64_t count = 0;
  while (true) {
    LM_ASSIGN(bool row, q.step());
    if (!row) return count;
    LM_ASSIGN(auto kid, q.fixed<KeyId>(0));
    const Member* m = judge.find(kid);
    const bool counts = m != nullptr && m->has(Role::kSupervising);
    if (counts && std::ranges::equal(q.blob(2), terms)) ++count;
  }
}

Status settle(const PublicChain& chain, const Signed<Ruling>& r, ByteView terms,
              std::uint64_t block) {
  LM_ASSIGN(auto known, find_complaint(chain, r.body.complaint));
  if (!known) return Errc::kComplaintUnknown;
  LM_ASSIGN(auto q, chain.database().prepare(
                        "INSERT INTO settled(complaint, block, terms, text, penalised, rewarded, "
                        "points, reward) VALUES(?, ?, ?, ?, ?, ?, ?, ?)"));
  q.bind(1, r.body.complaint).bind(2, block).bind(3, terms).bind(4, r.body.text);
  q.bind(5, penalised(r.body.outcome, known->complaint.subject, known->by));
  q.bind(6, known->by).bind(7, r.body.points).bind(8, r.body.reward);
  return q.run();
}

}  // namespace

Bytes terms_of(Ruling r) {
  r.text = "-";
  r.time = 0;
  return encode(r);
}

std::optional<KeyId> penalised(RulingOutcome outcome, const KeyId& subject, const KeyId& by) {
  if (outcome == RulingOutcome::kDismissed) return std::nullopt;
  return outcome == RulingOutcome::kUpheld ? subject : by;
}

Result<CheckedEvent> check_complaint(const EventScope& scope, ByteView object) {
  LM_ASSIGN(auto c, open<Complaint>(object, scope.chain.chain_id()));
  const PublicKey* key = event_key(scope.chain, scope.judge, c.kid);
  if (key == nullptr) return fail(Errc::kCoseKid, "neither a member nor an enrolled operator");
  if (!c.verified_by(*key)) return Errc::kCoseSignature;
  const KeyId& subject = c.body.subject;
  if (scope.judge.find(subject) == nullptr && scope.chain.enrolled(subject) == nullptr)
    return fail(Errc::kDeviceUnknown, "key " + to_hex(subject) + " is nobody's here");
  return CheckedEvent{c.kid, c.id};
}

Status take_complaint(const PublicChain& chain, const Membership& /*judge*/, ByteView object,
                      std::uint64_t block) {
  LM_ASSIGN(auto c, open<Complaint>(object, chain.chain_id()));
  LM_ASSIGN(auto q, chain.database().prepare("INSERT INTO complaint(id, block, subject, object) "
                                             "VALUES(?, ?, ?, ?)"));
  return q.bind(1, c.id).bind(2, block).bind(3, c.body.subject).bind(4, c.bytes).run();
}

Result<CheckedEvent> check_ruling(const EventScope& scope, ByteView object) {
  LM_ASSIGN(auto r, open<Ruling>(object, scope.chain.chain_id()));
  LM_TRY(signed_in_role(r, scope.judge, Role::kSupervising));
  LM_ASSIGN(auto known, find_complaint(scope.chain, r.body.complaint));
  LM_ASSIGN(const bool forgotten, may_be_forgotten(scope.chain));
  const bool here = known && known->block >= scope.chain.cut_end();
  if (!here && !forgotten)
    return fail(Errc::kComplaintUnknown, "no block holds complaint " + to_hex(r.body.complaint));
  if (here && known->settled) {
    return fail(Errc::kListDuplicate,
                "the complaint is settled in block " + std::to_string(known->settled->block));
  }
  if (!scope.said.insert(said_of(r.kid, r.body.complaint)).second)
    return fail(Errc::kListDuplicate, "a member rules once a block on a complaint");
  return CheckedEvent{r.kid, r.id};
}

Status take_ruling(const PublicChain& chain, const Membership& judge, ByteView object,
                   std::uint64_t block) {
  LM_ASSIGN(auto r, open<Ruling>(object, chain.chain_id()));
  LM_ASSIGN(const auto known, find_complaint(chain, r.body.complaint));
  if (!known) return {};  // cut before this chain began
  const Bytes terms = terms_of(r.body);
  LM_ASSIGN(auto q, chain.database().prepare("INSERT INTO ruling(complaint, kid, block, terms) "
                                             "VALUES(?, ?, ?, ?)"));
  LM_TRY(q.bind(1, r.body.complaint).bind(2, r.kid).bind(3, block).bind(4, terms).run());
  LM_ASSIGN(bool settled, is_settled(chain, r.body.complaint));
  if (settled) return {};  // by an event before it in this block
  LM_ASSIGN(const std::uint64_t count, agreeing(chain, judge, r.body.complaint, terms));
  return count >= judge.quorum ? settle(chain, r, terms, block) : Status();
}

Result<std::vector<KnownComplaint>> complaints(const PublicChain& chain, std::uint64_t after,
                                               std::size_t limit) {
  LM_ASSIGN(auto q, chain.database().prepare(std::string(kComplaints) +
                                             "AND c.block > ? ORDER BY c.block, c.id"));
  q.bind(1, after);
  std::vector<KnownComplaint> out;
  while (true) {
    LM_ASSIGN(bool row, q.step());
    if (!row) return out;
    LM_ASSIGN(auto k, read(q, chain.chain_id()));
    if (out.size() >= limit && k.block != out.back().block) return out;
    out.push_back(std::move(k));
  }
}

Result<std::optional<KnownComplaint>> find_complaint(const PublicChain& chain, const Digest& id) {
  LM_ASSIGN(auto q, chain.database().prepare(std::string(kComplaints) + "AND c.id = ?"));
  LM_ASSIGN(bool row, q.bind(1, id).step());
  if (!row) return std::optional<KnownComplaint>();
  LM_ASSIGN(auto k, read(q, chain.chain_id()));
  return std::optional(std::move(k));
}

Result<Tally> tally(const PublicChain& chain, const KeyId& kid) {
  LM_ASSIGN(auto q,
            chain.database().prepare(
                "SELECT (SELECT coalesce(sum(points), 0) FROM settled WHERE penalised = ?1), "
                "(SELECT coalesce(sum(reward), 0) FROM settled WHERE rewarded = ?1)"));
  LM_ASSIGN(bool row, q.bind(1, kid).step());
  return row ? Tally{q.u64(0), q.u64(1)} : Tally{};
}

}  // namespace lotmark::chain
