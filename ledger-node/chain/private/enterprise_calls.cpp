// What an enterprise's node brings to others: a lot's objects to its reviewers, a disclosure to the supervising members;
// each again until it is answered. docs/operate/peer.md.
#include "core/base/hex.h"
#include "core/base/log.h"
#include "core/crypto/sha256.h"
#include "ledger-node/chain/private/enterprise_state.h"

namespace lotmark::node {

namespace {

constexpr Millis kPauseMin{250};
constexpr Millis kPauseMax{15000};

Status refusal_of(const Reply& reply) {
  if (reply.ok()) return {};
  return reply.error ? *reply.error
                     : fail(Errc::kNetwork, "status " + std::to_string(reply.status));
}

}  // namespace

Digest Enterprise::State::object_id(const Live& l, std::size_t index) const {
  const auto& b = l.batch;
  if (index == 0) return b.opening.id;
  return index <= b.tx_ids.size() ? b.tx_ids[index - 1] : b.application->id;
}

Result<Outgoing> Enterprise::State::object_call(const Live& l, std::size_t index,
                                                const KeyId& to) const {
  const auto& b = l.batch;
  Outgoing o{to, "POST", "/peer/v1/transactions", {}, {}};
  if (index == 0) {
    LM_ASSIGN(auto start, received.find(b.start()));
    if (!start) return fail(Errc::kCorrupt, "the lot's start signal is not in the received log");
    o.path = "/peer/v1/openings";
    o.body = encode_list({b.opening.bytes, start->object});
  } else if (index <= b.tx_ids.size()) {
    LM_ASSIGN(o.body, store.transaction(b.start(), index - 1));
  } else {
    o.path = "/peer/v1/applications";
    o.body = b.application->bytes;
  }
  return o;
}

Status Enterprise::State::take_arrival(const Digest& object, const KeyId& from,
                                       const Reply& reply) {
  LM_TRY(refusal_of(reply));
  LM_ASSIGN(auto arrival, lotmark::open<Arrival>(reply.body, chain_id()));
  const Member* m = chain.member(from);
  if (m == nullptr || arrival.kid != from || !m->has(Role::kReviewing))
    return fail(Errc::kCoseKid, "an arrival of somebody else");
  if (arrival.body.object != object) return fail(Errc::kFieldRange, "an arrival of another object");
  if (!arrival.verified_by(m->public_key)) return Errc::kCoseSignature;
  return store.answer(object, from, reply.body, static_cast<std::uint64_t>(to_ms(now)));
}

// After a call: on to the next object, or again after a pause that grows.
void Enterprise::State::settle(Courier& c, const KeyId& to, std::string_view what,
                               const Status& done) {
  c.busy = false;
  if (done) {
    ++c.next;
    ++sent;
    c.pause = Millis{0};
    c.due = now;
    c.trouble.clear();
    return;
  }
  ++failed;
  c.pause = std::clamp(c.pause * 2, kPauseMin, kPauseMax);
  c.due = now + c.pause;
  if (c.trouble != done.error().message()) {
    const Member* m = chain.member(to);
    log::warn("enterprise.not_taken", {{"by", m != nullptr ? m->organisation : to_hex(to)},
                                       {"what", what},
                                       {"error", done.error().message()}});
  }
  c.trouble = done.error().message();
}

void Enterprise::State::deliver(Live& l, std::vector<Outgoing>& out) {
  for (std::size_t r = 0; r < l.reviewers.size(); ++r) {
    Courier& c = l.reviewers[r];
    if (c.busy || now < c.due || c.next >= l.objects()) continue;
    const KeyId to = l.batch.opening.body.reviewers[r];
    auto call = object_call(l, c.next, to);
    if (!call) {
      settle(c, to, "object", call.error());
      continue;
    }
    c.busy = true;
    call->done = [this, gone = std::weak_ptr<int>(alive), &l, &c, to, id = object_id(l, c.next),
                  path = call->path](const Reply& reply) {
      if (gone.expired()) return;
      settle(c, to, path, take_arrival(id, to, reply));
    };
    out.push_back(*std::move(call));
  }
  if (l.batch.disclosure && !l.batch.disclosed) deliver_disclosure(l, out);
}

void Enterprise::State::deliver_disclosure(Live& l, std::vector<Outgoing>& out) {
  static constexpr std::string_view kPath = "/peer/v1/disclosures";
  for (const auto& m : chain.statements().newest().members) {
    if (!m.has(Role::kSupervising)) continue;
    Courier& c = l.supervisors[m.kid];
    if (c.busy || now < c.due || c.next != 0) continue;
    c.busy = true;
    Outgoing o{m.kid, "POST", std::string(kPath), *l.batch.disclosure, {}};
    o.done = [this, gone = std::weak_ptr<int>(alive), &c, to = m.kid,
              id = sha256(o.body)](const Reply& reply) {
      if (gone.expired()) return;
      Status done = refusal_of(reply);
      if (done) done = store.answer(id, to, reply.body, static_cast<std::uint64_t>(to_ms(now)));
      settle(c, to, kPath, done);
    };
    out.push_back(std::move(o));
  }
}

}  // namespace lotmark::node
