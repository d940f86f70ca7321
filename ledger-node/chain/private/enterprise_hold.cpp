// What leaves an enterprise waits for its standbys; what came out of a copy, for its reviewers' word; and a batch
// whose rows are damaged is stopped. docs/adr/0019.
#include "core/base/hex.h"
#include "core/base/log.h"
#include "ledger-node/chain/private/enterprise_state.h"

namespace lotmark::node {

static constexpr Millis kAskAgain{2000};
static constexpr Millis kReleaseAgain{1000};
static constexpr std::uint64_t kReleasedAtOnce = 4096;  // each a row written under the node's lock

Status Enterprise::State::fence(Live& l) const {
  if (!config.rows_held) return {};
  LM_ASSIGN(auto q, db.prepare("SELECT coalesce(max(n), 0) FROM moved"));
  LM_TRY(q.step());
  l.fence = q.u64(0);
  return {};
}

// ---- damage ---------------------------------------------------------------------------------

void Enterprise::State::stop_damaged(const std::vector<chain::BatchStore::Damaged>& damaged) {
  for (const auto& d : damaged) {
    unread[{d.gtin, d.lot}] = {d.start, d.error.message(), {}};
    log::error("enterprise.batch_stopped", {{"lot", d.lot}, {"why", d.error.message()}});
  }
}

// Nobody knows when a stopped lot goes on: an event that no step of it holds goes into the period record.
void Enterprise::State::release_events(const Digest& start, const std::string& lot, Releasing& r) {
  if (now < r.due) return;
  r.due = now + kReleaseAgain;
  const auto released = events.release_unspoken(start, kReleasedAtOnce);
  const std::string trouble = released ? std::string() : released.error().message();
  if (!trouble.empty() && trouble != r.trouble)
    log::error("enterprise.events_not_released", {{"lot", lot}, {"error", trouble}});
  r.trouble = trouble;
  if (released && *released > 0)
    log::info("enterprise.events_released", {{"lot", lot}, {"events", *released}});
}

Status Enterprise::State::keep_stop(const Live& l) const {
  if (l.stopped.empty()) {
    LM_ASSIGN(auto q, db.prepare("DELETE FROM stopped WHERE start = ?"));
    return q.bind(1, l.batch.start()).run();
  }
  LM_ASSIGN(auto q, db.prepare("INSERT OR REPLACE INTO stopped(start, why) VALUES(?, ?)"));
  return q.bind(1, l.batch.start()).bind(2, l.stopped).run();
}

Status Enterprise::State::read_stop(Live& l) {
  LM_ASSIGN(auto q, db.prepare("SELECT why FROM stopped WHERE start = ?"));
  LM_ASSIGN(l.stopped_before, q.bind(1, l.batch.start()).step());
  if (!l.stopped_before) return {};
  l.stopped = q.text(0);
  ++stops;
  return {};
}

// What cannot be kept is stopped all the same, until the next start.
void Enterprise::State::stop(Live& l, const std::string& why) {
  const auto state = l.batch.state;
  if (state != chain::BatchState::kOpen && state != chain::BatchState::kApplied) return;
  l.stopped_before = false;
  if (!l.stopped.empty()) return;
  const std::string& lot = l.batch.opening.body.lot->text;
  l.stopped = why;
  ++stops;
  log::error("enterprise.batch_stopped", {{"lot", lot}, {"why", why}});
  if (Status kept = keep_stop(l); !kept)
    log::error("enterprise.stop_not_kept", {{"lot", lot}, {"error", kept.error().message()}});
}

void Enterprise::stop(const std::string& lot, const std::string& why) {
  for (auto& l : state_->live) {
    if (l->batch.opening.body.lot->text == lot) state_->stop(*l, why);
  }
}

void Enterprise::looked_at_all() {
  for (auto& l : state_->live) {
    if (!l->stopped_before) continue;
    l->stopped_before = false;
    l->stopped.clear();
    ++state_->stops;
    const std::string& lot = l->batch.opening.body.lot->text;
    log::info("enterprise.batch_goes_on", {{"lot", lot}});
    if (Status kept = state_->keep_stop(*l); !kept)
      log::error("enterprise.stop_not_kept", {{"lot", lot}, {"error", kept.error().message()}});
  }
}

void Enterprise::stop_using(const KeyId& device, const std::string& why) {
  for (const auto& l : state_->live) {
    const auto line = state_->lines.find(l->batch.opening.body.line);
    if (line == state_->lines.end()) continue;
    const bool uses = std::ranges::any_of(line->second.steps, [&](const auto& step) {
      return std::ranges::find(step.devices, device) != step.devices.end();
    });
    if (uses) state_->stop(*l, why);
  }
}

Status Enterprise::State::check_stopped(const std::string& lot, const std::string& gtin) const {
  const auto stopped = [&](const std::string& why) {
    return fail(Errc::kCorrupt,
                "lot " + lot + " is stopped: " + why + "; `lotmark restore` brings its rows back");
  };
  for (const auto& [code, of_it] : unread) {
    if (code.second == lot && (gtin.empty() || gtin == code.first)) return stopped(of_it.why);
  }
  for (const auto& l : live) {
    const Opening& o = l->batch.opening.body;
    if (o.lot->text != lot || (!gtin.empty() && o.gtin.text != gtin)) continue;
    if (!l->stopped.empty()) return stopped(l->stopped);
    if (!asked(*l))
      return fail(Errc::kNotReady, "lot " + lot +
                                       " came out of a copy: its reviewers have not all "
                                       "said yet what they hold of it");
  }
  return {};
}

std::uint64_t Enterprise::stops() const { return state_->stops; }

std::set<KeyId> Enterprise::stopped_devices() const {
  std::set<KeyId> out;
  std::set<KeyId> others;
  for (const auto& l : state_->live) {
    const auto line = state_->lines.find(l->batch.opening.body.line);
    if (line == state_->lines.end()) continue;
    auto& of = l->stopped.empty() ? others : out;
    for (const auto& step : line->second.steps) of.insert(step.devices.begin(), step.devices.end());
  }
  std::erase_if(out, [&](const KeyId& d) { return others.contains(d); });
  return out;
}

// ---- rows out of a copy ---------------------------------------------------------------------

bool Enterprise::State::asked(const Live& l) const {
  return std::ranges::none_of(l.unasked, [](bool b) { return b; });
}

void Enterprise::State::ask(Live& l, std::vector<Outgoing>& out) {
  for (std::size_t r = 0; r < l.unasked.size(); ++r) {
    Courier& c = l.asking[r];
    if (!l.unasked[r] || c.busy || now < c.due) continue;
    c.busy = true;
    const KeyId to = l.batch.opening.body.reviewers[r];
    Outgoing o{to, "GET", "/peer/v1/transactions?start=" + to_hex(l.batch.start()), {}, {}};
    o.done = [this, gone = std::weak_ptr<int>(alive), &l, &c, r, to](const Reply& reply) {
      if (gone.expired()) return;
      c.busy = false;
      c.due = now + kAskAgain;
      Status done = compare(l, to, reply);
      if (done) l.unasked[r] = false;
      else if (done.code() == Errc::kCorrupt) stop(l, done.error().text);
      if (!done && c.trouble != done.error().message()) {
        log::error("enterprise.not_resumed",
                   {{"lot", l.batch.opening.body.lot->text}, {"error", done.error().message()}});
        c.trouble = done.error().message();
      }
    };
    out.push_back(std::move(o));
  }
}

// Whatever a reviewer holds of a batch must be here, or the next transaction would branch it.
Status Enterprise::State::compare(Live& l, const KeyId& reviewer, const Reply& reply) {
  if (reply.error) return *reply.error;
  if (!reply.ok()) return fail(Errc::kNetwork, "status " + std::to_string(reply.status));
  LM_ASSIGN(auto ids, decode_list(reply.body));
  const Member* m = chain.member(reviewer);
  const std::string who = m != nullptr ? m->organisation : to_hex(reviewer);
  for (std::size_t n = 0; n < ids.size(); ++n) {
    if (n < l.batch.tx_ids.size() && Digest::from(ids[n]) == l.batch.tx_ids[n]) continue;
    return fail(Errc::kCorrupt, who + " holds a transaction " + std::to_string(n) +
                                    " that is not here: record and tx row " + std::to_string(n) +
                                    " were lost with what the copy did not have");
  }
  return {};
}

}  // namespace lotmark::node
