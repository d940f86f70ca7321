// When what a turn gathered is made durable, and what happens where the disk does not take it.
#include <algorithm>

#include "core/base/log.h"
#include "edge-agent/agent.h"

namespace lotmark::agent {

namespace {

using Steady = std::chrono::steady_clock;
constexpr std::chrono::milliseconds kSealsWait{600};
constexpr std::chrono::milliseconds kAcksWait{20};  // in a full outbox
constexpr std::uint64_t kAckedMax = 64;  // bundles let go that one ack alone makes a commit for
constexpr auto kRetry = std::chrono::seconds(1);

}  // namespace

// An ack alone is no hurry: what it lets go of can stay a while, and each commit costs the flash. But room is wanted, and so
// is an end.
bool Agent::ack_waits() const {
  if (!batch_.empty_but_ack()) return false;
  const bool over = config_.exit_when_done && acked_ >= outbox_.chain().seq;
  const bool much = acked_ + 1 >= outbox_.first() + kAckedMax;
  return !over && !much && Steady::now() < ack_due();
}

Steady::time_point Agent::ack_due() const {
  const bool full = outbox_.bytes() >= config_.outbox_max_bytes / 2;
  const std::chrono::seconds window(std::min<std::uint64_t>(config_.bundle_s, 60));
  return ack_came_ + (full ? std::min<std::chrono::milliseconds>(window, kAcksWait) : window);
}

// Windows of live sources end together, and each is sealed when its next reading comes: within this time one commit takes
// them all. They were in memory for a window's length already.
bool Agent::seals_wait() {
  const bool live = !batch_.sealed.empty() && batch_.sources.empty() && batch_.gaps.empty() &&
                    batch_.starts.empty();
  if (!live || config_.exit_when_done || batch_.sealed.size() >= config_.window) return false;
  const auto now = Steady::now();
  if (!seals_due_)
    seals_due_ = now + std::min(kSealsWait, std::chrono::milliseconds(config_.bundle_s * 100));
  return now < *seals_due_;
}

std::uint64_t Agent::ran_ms() const {
  const auto ran = std::chrono::duration_cast<std::chrono::milliseconds>(Steady::now() - began_);
  return ran_before_ms_ + static_cast<std::uint64_t>(ran.count());
}

// A commit that failed is tried again later, with all that came meanwhile. False: it failed.
bool Agent::commit() {
  if (batch_.empty() || ack_waits()) return true;
  if (Steady::now() < retry_at_) return false;
  if (!stuck_ && seals_wait()) return true;
  const bool asked = std::ranges::any_of(batch_.gaps, [](const auto& g) { return !g.dropped; });
  if (auto s = write_batch(); !s) {
    commit_failed(s.error());
    return false;
  }
  stuck_ = false;
  seals_due_.reset();
  counts_.bundles += batch_.sealed.size();
  if (asked) uplink_->rewind(Steady::now());
  batch_ = {};
  if (const auto& a = outbox_.chain().anchor; a && a->size > anchor_told_) {
    anchor_told_ = a->size;
    for (auto& lane : lanes_) {
      if (lane.source) lane.source->anchor(a->size, a->root);
    }
  }
  return true;
}

// A full disk takes nothing new. What frees room goes first and alone, in the room that was kept for it.
Status Agent::write_batch() {
  if (!batch_.sealed.empty()) batch_.last = bundler_.state().last;
  batch_.ran_ms = ran_ms();
  batch_.floor_ms = clock_.floor_ms();
  Status done = outbox_.commit(batch_);
  if (!done && done.code() == Errc::kDiskFull) {
    done = commit_what_frees();
    if (done || outbox_.unacked() == 0) done = outbox_.commit(batch_);
    if (!done && outbox_.unacked() == 0) {  // nothing is left that the room is kept for
      reserve_.give();
      (void)outbox_.write_back();
      done = outbox_.commit(batch_);
      (void)outbox_.write_back();
    }
  }
  if (done) (void)reserve_.take();
  return done;
}

Status Agent::commit_what_frees() {
  if (!batch_.ack && batch_.gaps.empty()) return Errc::kDiskFull;
  Batch frees;
  frees.ack = batch_.ack;
  frees.gaps = batch_.gaps;
  Status done = outbox_.commit(frees);
  if (!done) {
    reserve_.give();
    if (auto s = outbox_.write_back(); !s)
      log::warn("outbox.not_written_back", {{"error", s.error().message()}});
    LM_TRY(outbox_.commit(frees));
  }
  (void)reserve_.take();  // before what is new can have it
  batch_.ack.reset();
  batch_.gaps.clear();
  return {};
}

void Agent::commit_failed(const Error& error) {
  ++counts_.commit_errors;
  log::error("outbox.commit_failed", {{"error", error.message()}});
  stuck_ = !batch_.empty_but_ack();
  retry_at_ = Steady::now() + kRetry;
}

}  // namespace lotmark::agent
