#include "ledger-node/order/engine_line.h"

#include "core/base/log.h"

namespace lotmark::node {

static constexpr Millis kAgain{100};
static constexpr Millis kGap{2000};  // between two looks: this process stood still, not the engine
static constexpr Millis kStuck{6000};
static constexpr std::uint64_t kSayEvery = 50;  // of the answers that one block was not placed

EngineLine::EngineLine(std::unique_ptr<OrderLog> log, KeyId self, unsigned rank)
    : log_(std::move(log)), lease_(self, rank) {}

void EngineLine::pump(Time now, const std::function<void(ByteView)>& entry) {
  if (now_ == Time{} || now < now_ || now > now_ + kGap) took_ = read_ = now;
  now_ = now;
  entry_ = &entry;
  for (const auto& event : log_->poll()) std::visit([this](const auto& e) { on(e); }, event);
  entry_ = nullptr;
  if (readable()) read_ = now;
  if (block_ && !placed_ && request_ == 0 && now >= again_ && readable()) ask();
}

void EngineLine::ask() {
  request_ = ++requests_;
  log_->append(request_, position_, *block_);
}

void EngineLine::place(Bytes block) {
  block_ = std::move(block);
  placed_ = false;
  request_ = 0;
  refusals_ = 0;
  again_ = {};
  begun_ = now_;
  if (readable()) ask();
}

bool EngineLine::stuck(Time now) const { return block_ && !placed_ && now > begun_ + kStuck; }

std::optional<Bytes> EngineLine::placed() {
  if (!placed_) return std::nullopt;
  placed_ = false;
  return std::exchange(block_, std::nullopt);
}

void EngineLine::keep_lease(std::uint64_t wanted, Time now) {
  const auto put = lease_.due(wanted, now);
  if (!put) return;
  lease_request_ = ++requests_;
  log_->put_lease(lease_request_, put->revision, put->lease);
}

void EngineLine::on(const LeaseSeen& e) {
  if (e.lease && e.lease != lease_seen_) {
    if (lease_seen_) took_ = now_;  // the first that is seen since the log was found may be old
    lease_seen_ = e.lease;
  }
  lease_.seen(e, now_);
}

void EngineLine::on(const EntrySeen& e) {
  if (e.seq <= position_) return;
  position_ = e.seq;
  newest_ = e.block;
  if (block_ && !placed_ && e.block == *block_) {  // its answer may be lost
    placed_ = true;
    request_ = 0;
  }
  (*entry_)(e.block);
}

void EngineLine::on(const LogFound& e) {
  log::info("order.log_found", {{"first", e.first}, {"last", e.last}});
  found_ = true;
  ++founds_;
  newest_.clear();
  end_ = e.last;
  position_ = e.last < e.first ? e.last : e.first - 1;
  request_ = 0;
  again_ = {};
}

void EngineLine::on(const LogLost& /*e*/) {
  log::warn("order.log_lost", {});
  found_ = false;
  request_ = 0;
  lease_request_ = 0;
  lease_seen_.reset();
  lease_.lost();
}

void EngineLine::on(const Answered& e) {
  if (e.request == lease_request_) {
    lease_request_ = 0;
    if (e.place) took_ = now_;
    lease_.answered(e.place);
    return;
  }
  if (e.request != request_ || !block_ || placed_) return;
  request_ = 0;
  if (!e.place) {  // another entry was there first, or nobody knows: the log's entries tell
    again_ = now_ + kAgain;
    if (refusals_++ % kSayEvery == 0) {
      log::warn(
          "order.not_placed",
          {{"error", e.place.error().message()}, {"behind", position_}, {"times", refusals_}});
    }
    return;
  }
  took_ = now_;
  position_ = std::max(position_, *e.place);
  newest_ = *block_;
  placed_ = true;
}

}  // namespace lotmark::node
