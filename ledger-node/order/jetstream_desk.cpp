#include "ledger-node/order/jetstream_desk.h"

#include "core/wire/limits.h"

namespace lotmark::node::js {

namespace {

constexpr std::size_t kPolled = 256;
constexpr std::size_t kEntries = 1024;  // seen and not yet polled
constexpr std::size_t kEntryBytes = 16 << 20;
constexpr std::size_t kCame = 4096;
constexpr std::size_t kCameBytes = 32 << 20;
constexpr std::size_t kWaiting = 4096;
constexpr std::size_t kWaitingBytes = 32 << 20;
constexpr std::size_t kHeaders = 256;  // of a message of ours, at most
constexpr Millis kMargin{100};         // so that an answer is polled before kAnswerWithin is over

Error unavailable(std::string text) { return fail(Errc::kUnavailable, std::move(text)); }

}  // namespace

void Desk::answer_locked(std::map<std::uint64_t, Waiting>::iterator at,
                         Result<std::uint64_t> place) {
  events_.push_back(Answered{at->second.request, std::move(place)});
  waiting_bytes_ -= at->second.bytes;
  waiting_.erase(at);
}

void Desk::answer_late() {
  const auto now = std::chrono::steady_clock::now();
  while (!waiting_.empty() && waiting_.begin()->second.until <= now) {
    answer_locked(waiting_.begin(), unavailable("no answer in time"));
  }
}

std::vector<OrderEvent> Desk::poll() {
  std::lock_guard lock(mutex_);
  answer_late();
  std::vector<OrderEvent> out;
  while (!events_.empty() && out.size() < kPolled) {
    if (const auto* e = std::get_if<EntrySeen>(&events_.front())) {
      --entries_;
      entry_bytes_ -= e->block.size();
      room_again_ = true;
    }
    out.push_back(std::move(events_.front()));
    events_.pop_front();
  }
  if (room_again_) wake_.notify_one();
  return out;
}

void Desk::ask(Asked a) {
  std::lock_guard lock(mutex_);
  const std::size_t size = a.payload.size();
  const auto refuse = [&](Error e) { events_.push_back(Answered{a.request, std::move(e)}); };
  if (size > limits::kBlock) return refuse(fail(Errc::kTooLarge, "no block is that large"));
  if (!found_) return refuse(unavailable("the engine is not found"));
  if (size + kHeaders > payload_max_) {
    return refuse(fail(Errc::kTooLarge, "the NATS server's max_payload is smaller"));
  }
  if (waiting_.size() >= kWaiting || waiting_bytes_ + size > kWaitingBytes) {
    return refuse(unavailable("too much is on its way"));
  }
  const auto until = std::chrono::steady_clock::now() + kAnswerWithin - kMargin;
  waiting_.emplace(next_number_, Waiting{a.request, until, size});
  waiting_bytes_ += size;
  asked_.emplace_back(next_number_++, std::move(a));
  wake_.notify_one();
}

void Desk::came(Incoming in) {
  std::lock_guard lock(mutex_);
  if (came_.size() >= kCame || came_bytes_ + in.data.size() > kCameBytes) return;
  came_bytes_ += in.data.size();
  came_.push_back(std::move(in));
  wake_.notify_one();
}

Work Desk::wait(Millis most) {
  std::unique_lock lock(mutex_);
  wake_.wait_for(lock, most,
                 [&] { return stop_ || room_again_ || !came_.empty() || !asked_.empty(); });
  room_again_ = false;
  came_bytes_ = 0;
  Work w;
  w.came.swap(came_);
  for (auto& [number, a] : asked_) {
    if (waiting_.contains(number)) w.asked.emplace_back(number, std::move(a));
  }
  asked_.clear();
  return w;
}

void Desk::pause(Millis most) {
  std::unique_lock lock(mutex_);
  wake_.wait_for(lock, most, [&] { return stop_; });
}

void Desk::stop() {
  std::lock_guard lock(mutex_);
  stop_ = true;
  wake_.notify_all();
}

bool Desk::stopped() const {
  std::lock_guard lock(mutex_);
  return stop_;
}

void Desk::found(const LogFound& log, std::size_t payload_max) {
  {
    std::lock_guard lock(mutex_);
    found_ = true;
    payload_max_ = payload_max;
    events_.push_back(log);
  }
  notify();
}

void Desk::lost() {
  std::lock_guard lock(mutex_);
  if (!found_) return;
  found_ = false;
  asked_.clear();
  std::erase_if(events_, [](const OrderEvent& e) { return !std::holds_alternative<Answered>(e); });
  entries_ = 0;
  entry_bytes_ = 0;
  while (!waiting_.empty()) answer_locked(waiting_.begin(), unavailable("the engine is lost"));
  events_.push_back(LogLost{});
}

void Desk::lease(const LeaseSeen& seen) {
  {
    std::lock_guard lock(mutex_);
    std::erase_if(events_,
                  [](const OrderEvent& e) { return std::holds_alternative<LeaseSeen>(e); });
    events_.push_back(seen);
  }
  notify();
}

void Desk::entries(std::vector<EntrySeen> seen) {
  if (seen.empty()) return;
  {
    std::lock_guard lock(mutex_);
    for (auto& e : seen) {
      ++entries_;
      entry_bytes_ += e.block.size();
      events_.push_back(std::move(e));
    }
  }
  notify();
}

std::uint64_t Desk::room() const {
  std::lock_guard lock(mutex_);
  return entry_bytes_ >= kEntryBytes || entries_ >= kEntries ? 0 : kEntries - entries_;
}

void Desk::answer(std::uint64_t number, Result<std::uint64_t> place) {
  {
    std::lock_guard lock(mutex_);
    const auto at = waiting_.find(number);
    if (at == waiting_.end()) return;
    answer_locked(at, std::move(place));
  }
  notify();
}

}  // namespace lotmark::node::js
