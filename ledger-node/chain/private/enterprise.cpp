#include "core/base/hex.h"
#include "core/base/log.h"
#include "core/crypto/sha256.h"
#include "ledger-node/chain/private/enterprise_state.h"

namespace lotmark::node {

bool Live::busy() const {
  for (const auto& c : asking) {
    if (c.busy) return true;
  }
  for (const auto& c : reviewers) {
    if (c.busy) return true;
  }
  for (const auto& [kid, c] : supervisors) {
    if (c.busy) return true;
  }
  return false;
}

Enterprise::State::State(const store::Database& private_db, const Signer& key,
                         chain::PublicChain& c, IntakeLog& i, chain::ReceivedLog& r,
                         const EnterpriseConfig& cfg)
    : db(private_db),
      signer(key),
      chain(c),
      intake(i),
      received(r),
      config(cfg),
      store(db, c.chain_id()),
      events(db),
      segments(db, c.chain_id(), chain::keys_of(cfg.sealing.get())),
      serials(db),
      evidence(db, i, c.chain_id()),
      rules(c, r, db, lines, key, cfg.organisation) {}

Result<std::unique_ptr<Enterprise>> Enterprise::open(const store::Database& private_db,
                                                     const Signer& signer,
                                                     chain::PublicChain& chain, IntakeLog& intake,
                                                     chain::ReceivedLog& received,
                                                     const EnterpriseConfig& config) {
  auto state = std::make_unique<State>(private_db, signer, chain, intake, received, config);
  LM_ASSIGN(state->lines, chain::read_line_files(config.lines));
  LM_TRY(state->load());
  return std::unique_ptr<Enterprise>(new Enterprise(std::move(state)));
}

Enterprise::Enterprise(std::unique_ptr<State> state) : state_(std::move(state)) {}
Enterprise::~Enterprise() = default;

Status Enterprise::State::load() {
  std::vector<chain::BatchStore::Damaged> damaged;
  LM_ASSIGN(auto batches, store.load(false, damaged));
  stop_damaged(damaged);
  for (auto& b : batches) LM_TRY(add_live(std::move(b)));
  return {};
}

// Where each reviewer and supervisor stands is what was answered.
Status Enterprise::State::add_live(chain::Batch batch) {
  auto l = std::make_unique<Live>();
  l->batch = std::move(batch);
  for (const auto& kid : l->batch.opening.body.reviewers) {
    Courier c;
    for (; c.next < l->objects(); ++c.next) {
      LM_ASSIGN(bool done, store.answered(object_id(*l, c.next), kid));
      if (!done) break;
    }
    l->reviewers.push_back(c);
  }
  for (const auto& m : chain.statements().newest().members) {
    if (!l->batch.disclosure || !m.has(Role::kSupervising)) continue;
    LM_ASSIGN(bool done, store.answered(sha256(*l->batch.disclosure), m.kid));
    l->supervisors[m.kid].next = done ? 1 : 0;
  }
  l->unasked.assign(l->reviewers.size(), config.resumed);
  l->asking.resize(l->reviewers.size());
  LM_TRY(fence(*l));
  LM_TRY(read_stop(*l));
  live.push_back(std::move(l));
  return {};
}

Live* Enterprise::State::find(const Digest& start) {
  for (auto& l : live) {
    if (l->batch.start() == start) return l.get();
  }
  return nullptr;
}

Result<std::vector<chain::Draft>> Enterprise::State::steps(const chain::Batch& b,
                                                           bool with_waiting) const {
  std::vector<chain::Draft> out;
  LM_ASSIGN(auto rows, store.records(b.start()));
  for (auto& r : rows) {
    if (r.record.head.kind == RecordKind::kStep) out.push_back(std::move(r.record));
  }
  if (!with_waiting) return out;
  LM_ASSIGN(auto waiting, store.waiting(b.start()));
  for (auto& d : waiting) {
    if (d.object) out.push_back(std::move(d));
  }
  return out;
}

// ---- what is due ----------------------------------------------------------------------------

std::vector<Outgoing> Enterprise::tick(Time now) {
  State& s = *state_;
  s.now = now;
  std::vector<Outgoing> out;
  for (auto& l : s.live) {
    if (!l->stopped.empty()) {
      s.release_events(l->batch.start(), l->batch.opening.body.lot->text, l->events);
      continue;
    }
    if (!s.asked(*l)) {
      s.ask(*l, out);
      continue;
    }
    if (now >= l->due) {
      if (Status done = s.advance(*l); !done) {
        l->due = now + Millis{1000};
        if (l->trouble != done.error().message()) {
          log::error("enterprise.batch_failed",
                     {{"lot", l->batch.opening.body.lot->text}, {"error", done.error().message()}});
        }
        l->trouble = done.error().message();
      } else {
        l->trouble.clear();
      }
    }
    if (s.held(*l)) s.deliver(*l, out);
  }
  for (auto& [code, lot] : s.unread) s.release_events(lot.start, code.second, lot.events);
  std::erase_if(s.live, [](const auto& l) {
    const auto& b = l->batch;
    const bool over = b.state == chain::BatchState::kRefused ||
                      (b.state == chain::BatchState::kReleased && b.disclosed);
    return over && !l->busy();
  });
  return out;
}

Status Enterprise::State::advance(Live& l) {
  const auto ms = static_cast<std::uint64_t>(to_ms(now));
  chain::Batch& b = l.batch;
  while (b.tx_ids.size() < b.count() && ms >= b.opening.body.slots[b.tx_ids.size()])
    LM_TRY(leave(l));
  if (b.tx_ids.size() == b.count()) {
    const Programme* p = programme(l);
    if (p == nullptr) return fail(Errc::kProgrammeUnknown, b.opening.body.programme);
    LM_ASSIGN(auto made, steps(b, false));
    LM_ASSIGN(auto draft,
              chain::make_release_record(chain_id(), b, made, *p, signer, now, &segments));
    LM_TRY(append(l, std::move(draft)));
  }
  // No step comes any more: events that name the lot go into the organisation's period record.
  if (l.chain_complete()) LM_TRY(events.release(b.start()));
  if (b.state == chain::BatchState::kOpen && b.product) LM_TRY(apply(l));
  if (b.state == chain::BatchState::kApplied) LM_TRY(watch(l));
  if (b.state == chain::BatchState::kReleased && !b.disclosed) LM_TRY(disclose(l));
  return {};
}

// At a slot: the signed step that has waited longest, else a decoy.
Status Enterprise::State::leave(Live& l) {
  LM_ASSIGN(auto waiting, store.waiting(l.batch.start()));
  for (auto& d : waiting) {
    if (d.object && d.head.time >= l.batch.time) return append(l, std::move(d));
  }
  LM_ASSIGN(auto decoy, chain::make_decoy(chain_id(), l.batch, signer, now));
  ++decoys;
  return append(l, std::move(decoy));
}

// On disk before anything of it can be sent, and never made again.
Status Enterprise::State::append(Live& l, chain::Draft draft) {
  chain::Batch& b = l.batch;
  LM_ASSIGN(auto placed, chain::place(chain_id(), b, std::move(draft), signer, now));
  LM_TRY(store.append(b.start(), placed.row, placed.transaction));
  b.tx_ids.push_back(placed.transaction.id);
  b.time = placed.row.time;
  b.tx_time = placed.tx_time;
  b.hash = placed.row.hash;
  LM_TRY(fence(l));
  log::debug("enterprise.recorded", {{"lot", b.opening.body.lot->text}, {"n", placed.row.n}});
  return {};
}

Status Enterprise::State::apply(Live& l) {
  chain::Batch& b = l.batch;
  if (!l.chain_complete()) return {};
  for (const auto& c : l.reviewers) {
    if (c.next < 1 + b.tx_ids.size()) return {};  // an arrival is missing
  }
  LM_ASSIGN(const auto units, serials.standing(b.start()));
  if (!units.settled()) return {};  // it would not name what is being sent, or is to be
  const Opening& o = b.opening.body;
  Application a;
  a.opening = b.opening.id;
  a.start = o.start;
  a.programme = o.programme;
  a.gtin = o.gtin;
  a.product = *b.product;
  a.lot = *o.lot;
  a.expires = *b.expires;
  if (units.items) a.items = Checkpoint{units.items->count, units.items->root};
  merkle::CompactRange tree;
  for (const auto& id : b.tx_ids) tree.append(merkle::leaf_hash(id.view()));
  a.tx_root = tree.root();
  a.tx_count = tree.size();
  chain::Batch next = b;
  LM_ASSIGN(next.application, seal(a, signer, chain_id()));
  next.state = chain::BatchState::kApplied;
  LM_TRY(store.update(next));
  b = std::move(next);
  LM_TRY(fence(l));
  log::info("enterprise.applied",
            {{"lot", o.lot->text}, {"application", to_hex(b.application->id)}});
  return {};
}

// The lot's block or its refusal, once it is final.
Status Enterprise::State::watch(Live& l) {
  chain::Batch& b = l.batch;
  if (chain.tip().id != l.chain_seen) {  // a block that is not final may be taken back
    LM_ASSIGN(b.block, chain.block_of(b.application->id));
    l.chain_seen = chain.tip().id;
  }
  if (!b.block || !chain.is_final(*b.block)) return {};
  LM_ASSIGN(auto bytes, chain.block(*b.block));
  LM_ASSIGN(auto block, lotmark::open<Block>(bytes, chain_id()));
  chain::Batch next = b;
  next.state = block.body.kind == BlockKind::kLot ? chain::BatchState::kReleased
                                                  : chain::BatchState::kRefused;
  LM_TRY(store.update(next));
  b = std::move(next);
  log::info(
      "enterprise.decided",
      {{"lot", b.opening.body.lot->text}, {"state", chain::name(b.state)}, {"block", *b.block}});
  return {};
}

// Made once, stored, then sent as it is until every supervising member took it.
Status Enterprise::State::disclose(Live& l) {
  chain::Batch next = l.batch;
  if (!next.disclosure) {
    LM_ASSIGN(auto rows, store.records(next.start()));
    if (rows.size() != next.tx_ids.size())
      return fail(Errc::kCorrupt, "records and transactions differ in number");
    LM_ASSIGN(auto tx, store.transaction(next.start(), rows.back().n));
    LM_ASSIGN(auto bytes, chain.block(*next.block));
    LM_ASSIGN(auto block, lotmark::open<Block>(bytes, chain_id()));
    const auto find = [this](const Digest& id) { return evidence.wire(id); };
    LM_ASSIGN(next.disclosure, chain::make_disclosure(next, rows.back(), tx, *next.block, block.id,
                                                      find, chain_id()));
    next.disclosed = !next.disclosure.has_value();
    LM_TRY(store.update(next));
    l.batch = std::move(next);
    return fence(l);
  }
  for (const auto& m : chain.statements().newest().members) {
    if (m.has(Role::kSupervising) && l.supervisors[m.kid].next == 0) return {};
  }
  next.disclosed = true;
  LM_TRY(store.update(next));
  l.batch = std::move(next);
  log::info("enterprise.disclosed", {{"lot", l.batch.opening.body.lot->text}});
  return {};
}

std::vector<std::pair<std::string, double>> Enterprise::metrics() const {
  const State& s = *state_;
  double open = 0;
  double unanswered = 0;
  double stopped = static_cast<double>(s.unread.size());
  for (const auto& l : s.live) {
    stopped += l->stopped.empty() ? 0 : 1;
    open += l->batch.state == chain::BatchState::kOpen ? 1 : 0;
    for (const auto& c : l->reviewers) unanswered += static_cast<double>(l->objects() - c.next);
  }
  return {{"lotmark_batches_open", open},
          {"lotmark_batches_live", static_cast<double>(s.live.size())},
          {"lotmark_batches_stopped", stopped},
          {"lotmark_objects_unanswered", unanswered},
          {"lotmark_objects_taken_total", static_cast<double>(s.sent)},
          {"lotmark_calls_failed_total", static_cast<double>(s.failed)},
          {"lotmark_decoys_total", static_cast<double>(s.decoys)}};
}

}  // namespace lotmark::node
