#include "tests/sim/clients.h"

#include <fmt/format.h>

namespace lotmark::sim {

namespace {

template <class T>
T must(Result<T> r) {
  LM_ASSERT(r);
  return *std::move(r);
}

}  // namespace

Clients::Clients(Cluster& cluster)
    : cluster_(cluster),
      draw_(cluster.draw.fork()),
      logs_{Log{&cluster.consortium.enterprise, LogKind::kIntake, {}},
            Log{&cluster.consortium.east, LogKind::kReceived, {}}},
      likely_(cluster.options.primary) {}

Submission& Clients::submit(const std::string& lot, const test::Party& by, Trust trust, Keep keep) {
  const auto& c = cluster_.consortium;
  Application a;
  a.start.bytes[0] = static_cast<std::uint8_t>(submissions_.size());
  a.start.bytes[1] = 1;
  a.opening = Digest{{2}};
  a.programme = keep == Keep::kRetained ? "kept" : c.programme.id;
  a.gtin = test::Consortium::gtin();
  a.product = "Vaccine A";
  a.lot = {lot};
  a.expires = {keep == Keep::kYears ? 20281231u : 20260105u};
  a.tx_count = c.programme.count + 1;
  const auto application = must(seal(a, *c.enterprise.signer, c.chain));
  Report report;
  report.application = application.id;
  report.decision = Decision::kRelease;
  const auto r = must(seal(report, *by.signer, c.chain));
  const auto release =
      must(seal(Release{{application.bytes}, "CN-" + lot, r.id, {}}, *by.signer, c.chain));
  auto s = std::make_unique<Submission>();
  s->lot = lot;
  s->by = &by;
  s->trust = trust;
  s->application = application.id;
  s->release = release.id;
  s->object = release.bytes;
  s->target = likely_;
  submissions_.push_back(std::move(s));
  cluster_.journal.say(fmt::format("{} begins to submit {}", by.name, lot));
  attempt(*submissions_.back());
  return *submissions_.back();
}

bool Clients::is_final(const Submission& s) const {
  return cluster_.witness.final_block(s.application).has_value();
}

bool Clients::rival_is_final(const Submission& s) const {
  return std::ranges::any_of(submissions_, [&](const auto& o) {
    return o.get() != &s && o->lot == s.lot && is_final(*o);
  });
}

bool Clients::holds_promise(const Submission& s) const {
  const SimNode& by = cluster_.nodes()[s.promiser];
  return s.promised && by.wipes == s.promiser_wipes && cluster_.supervises(by);
}

bool Clients::is_settled(const Submission& s) const {
  return s.refused || is_final(s) || (holds_promise(s) && s.trust == Trust::kPromise);
}

node::Call Clients::signed_call(const test::Party& by, const SimNode& to, std::string path,
                                Bytes body) {
  node::Call call{"POST", std::move(path), std::move(body), {}};
  call.authorization = must(node::make_authorization(
      *by.signer, cluster_.consortium.chain, cluster_.kid(to), call, cluster_.timeline.now()));
  return call;
}

void Clients::attempt(Submission& s) {
  if (is_settled(s)) return;
  ++s.tries;
  const std::size_t target = s.target;
  const SimNode& to = cluster_.nodes()[target];
  cluster_.network.send(s.by->kid(), cluster_.kid(to),
                        signed_call(*s.by, to, "/peer/v1/releases", s.object),
                        [this, &s, target, wipes = to.wipes](const node::Reply& r) {
                          answered(s, target, wipes, r);
                        });
}

// A promise that counts: the own one of who supervises, or did, for this very object.
bool Clients::keeps(const Submission& s, const node::Reply& reply) const {
  const auto promise = open<Promise>(reply.body, cluster_.consortium.chain);
  if (!promise || promise->body.object != s.release) return false;
  const SimNode* by = cluster_.find(promise->kid);
  return by != nullptr && promise->verified_by(cluster_.consortium.supervisors[by->index].key());
}

// `wipes`: of that node's disk when it was asked; its answer may come in after the disk is lost.
void Clients::answered(Submission& s, std::size_t node, unsigned wipes, const node::Reply& reply) {
  s.last_answer = reply.error ? reply.error->message() : std::to_string(reply.status);
  if (reply.ok() && keeps(s, reply)) {
    if (!s.promised) {
      cluster_.journal.say(fmt::format("{} holds a promise of {} for {}", s.by->name,
                                       cluster_.nodes()[node].name, s.lot));
      s.promised = cluster_.timeline.now();
    }
    s.promiser = node;
    s.promiser_wipes = wipes;
    likely_ = node;
  } else if (reply.error && reply.error->code == Errc::kListDuplicate) {
    // Decided: this very release is on a chain there, or a rival is. It is over when that is final.
    s.refused = rival_is_final(s);
  } else if (!reply.ok()) {
    s.target = (node + 1) % cluster_.nodes().size();
    if (s.target != likely_ && draw_.permille(300)) s.target = likely_;
    // As who follows the chain: whoever signed its newest block.
    const KeyId* newest = cluster_.witness.newest_signer();
    if (newest != nullptr && draw_.permille(500)) s.target = cluster_.find(*newest)->index;
  }
  again(s);
}

// Who trusts a promise looks now and then whether its giver still can keep it.
void Clients::again(Submission& s) {
  cluster_.timeline.after(Millis{draw_.between(700, 2500)}, [this, &s] {
    if (s.refused || is_final(s)) return;
    is_settled(s) ? again(s) : attempt(s);
  });
}

void Clients::send_heads() {
  for (auto& log : logs_) send_head(log);
}

void Clients::send_head(Log& log) {
  log.tree.append_entry(as_bytes(std::to_string(log.tree.size())));
  const SimNode& to = cluster_.nodes()[likely_];
  if (!to.up()) return;
  const auto logged = to.core->chain().logged_head(log.by->kid(), log.kind);
  Head h;
  h.log = log.kind;
  h.prior = logged ? logged->size : 0;
  h.size = log.tree.size();
  h.root = log.tree.root();
  const auto now = static_cast<std::uint64_t>(to_ms(cluster_.timeline.now()));
  h.time = std::max(now, logged ? logged->time : 0);
  h.path = merkle::consistency_path(log.tree, h.prior, h.size);
  auto head = must(seal(h, *log.by->signer, cluster_.consortium.chain));
  cluster_.network.send(log.by->kid(), cluster_.kid(to),
                        signed_call(*log.by, to, "/peer/v1/heads", std::move(head.bytes)),
                        [](const node::Reply&) {});
}

std::optional<std::string> Clients::owed() const {
  for (const auto& s : submissions_) {
    const std::string whose = s->lot + " of " + s->by->name;
    // Another release of the lot may be ordered by a primary that does not know of the promise.
    if (is_final(*s) || rival_is_final(*s)) continue;
    if (holds_promise(*s)) {
      return fmt::format("{} was promised by {} and is not final", whose,
                         cluster_.nodes()[s->promiser].name);
    }
    if (!s->refused) {
      return fmt::format("{} was tried {} times and is neither final nor refused ({})", whose,
                         s->tries, s->last_answer);
    }
  }
  return std::nullopt;
}

}  // namespace lotmark::sim
