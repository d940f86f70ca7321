#include "ledger-node/inbox.h"

namespace lotmark::node {

namespace {
constexpr std::size_t kMessagesMax = 4096;
constexpr std::size_t kGroupMax = 512;
// A commit costs the same for one as for many: a moment's wait makes groups of what is on its way.
constexpr std::size_t kGroupEnough = 128;
constexpr Millis kGather{10};
constexpr Millis kLook{5};  // for answers that standbys let go
}  // namespace

Inbox::~Inbox() { stop(); }

void Inbox::start(bus::Bus& bus) {
  bus_ = &bus;
  thread_ = std::thread([this] { run(); });
}

void Inbox::stop() {
  {
    const std::lock_guard guard(lock_);
    stop_ = true;
  }
  wake_.notify_all();
  room_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void Inbox::push(bus::Message message) {
  std::unique_lock guard(lock_);
  room_.wait(guard, [&] { return stop_ || queue_.size() < kMessagesMax; });
  queue_.push_back(std::move(message));
  wake_.notify_one();
}

void Inbox::run() {
  std::vector<bus::Message> group;
  std::unique_lock guard(lock_);
  while (true) {
    const auto something = [&] { return stop_ || !queue_.empty(); };
    if (core_.holding()) {
      wake_.wait_for(guard, kLook, something);
      guard.unlock();
      publish(core_.released());
      guard.lock();
      if (!something()) continue;
    } else {
      wake_.wait(guard, something);
    }
    wake_.wait_for(guard, kGather, [&] { return stop_ || queue_.size() >= kGroupEnough; });
    if (stop_) return;
    const auto n = std::min(queue_.size(), kGroupMax);
    group.assign(std::make_move_iterator(queue_.begin()),
                 std::make_move_iterator(queue_.begin() + static_cast<std::ptrdiff_t>(n)));
    queue_.erase(queue_.begin(), queue_.begin() + static_cast<std::ptrdiff_t>(n));
    room_.notify_all();
    guard.unlock();
    publish(core_.messages(group, clock_.now()));
    guard.lock();
  }
}

// An answer that cannot leave now is asked for again: devices resend what was not acked.
void Inbox::publish(const std::vector<Publication>& answers) {
  for (const auto& p : answers) {
    Status sent = bus_->publish(p.topic, p.payload, false, {});
    if (!sent)
      log::debug("broker.answer_not_sent", {{"topic", p.topic}, {"error", sent.error().message()}});
  }
}

}  // namespace lotmark::node
