#include "edge-agent/inbox.h"

#include <algorithm>
#include <limits>

namespace lotmark::agent {

namespace {
constexpr std::size_t kReadingsMax = 1024;
constexpr std::size_t kNewsMax = 10000;
constexpr std::size_t kItemsMax = 10000;
}  // namespace

std::size_t Inbox::add() {
  std::lock_guard lock(mutex_);
  queues_.emplace_back();
  return queues_.size() - 1;
}

bool Inbox::put(std::size_t source, std::vector<Reading> readings) {
  std::unique_lock lock(mutex_);
  Queue& q = queues_[source];
  space_.wait(lock, [&] { return closed_ || q.readings < kReadingsMax; });
  if (closed_) return false;
  q.readings += readings.size();
  q.items.emplace_back(std::move(readings));
  wake_.notify_one();
  return true;
}

Sink::Offer Inbox::offer(std::size_t source, std::vector<Reading>& readings,
                         std::chrono::milliseconds patience) {
  std::unique_lock lock(mutex_);
  Queue& q = queues_[source];
  space_.wait_for(lock, patience, [&] { return closed_ || q.readings < kReadingsMax; });
  if (closed_) return Sink::Offer::kClosed;
  if (q.readings >= kReadingsMax) return Sink::Offer::kFull;
  q.readings += readings.size();
  q.items.emplace_back(std::move(readings));
  wake_.notify_one();
  return Sink::Offer::kTaken;
}

void Inbox::put_last(std::size_t source, std::vector<Reading> readings) {
  std::lock_guard lock(mutex_);
  Queue& q = queues_[source];
  q.readings += readings.size();
  q.items.emplace_back(std::move(readings));
  wake_.notify_one();
}

bool Inbox::put(std::size_t source, Paused paused) {
  std::lock_guard lock(mutex_);
  if (closed_) return false;
  queues_[source].items.emplace_back(paused);
  wake_.notify_one();
  return true;
}

void Inbox::put(std::size_t source, Ended ended) {
  std::lock_guard lock(mutex_);
  queues_[source].items.emplace_back(std::move(ended));
  wake_.notify_one();
}

// An alarm never waits: beyond a queue that is full many times over it is in the log alone.
void Inbox::put(std::size_t source, SignedAlarm alarm) {
  std::lock_guard lock(mutex_);
  if (queues_[source].items.size() >= kItemsMax) return;
  queues_[source].items.emplace_back(std::move(alarm));
  wake_.notify_one();
}

void Inbox::put(News news) {
  std::lock_guard lock(mutex_);
  const bool from_outside = std::holds_alternative<AnswerNews>(news) ||
                            std::holds_alternative<CommandNews>(news) ||
                            std::holds_alternative<ObjectNews>(news);
  if (news_.size() >= kNewsMax && from_outside) return;
  news_.push_back(std::move(news));
  wake_.notify_one();
}

void Inbox::wake() {
  std::lock_guard lock(mutex_);
  woken_ = true;
  wake_.notify_one();
}

void Inbox::close() {
  std::lock_guard lock(mutex_);
  closed_ = true;
  space_.notify_all();
}

bool Inbox::any_readings(const std::vector<std::size_t>& most) const {
  for (std::size_t i = 0; i < queues_.size(); ++i) {
    if (most[i] > 0 && !queues_[i].items.empty()) return true;
  }
  return false;
}

Taken Inbox::take(std::chrono::steady_clock::time_point until,
                  const std::vector<std::size_t>& most) {
  std::unique_lock lock(mutex_);
  wake_.wait_until(lock, until, [&] { return woken_ || !news_.empty() || any_readings(most); });
  return take_locked(most);
}

Taken Inbox::take_all() {
  std::unique_lock lock(mutex_);
  return take_locked(
      std::vector<std::size_t>(queues_.size(), std::numeric_limits<std::size_t>::max()));
}

Taken Inbox::take_locked(const std::vector<std::size_t>& most) {
  woken_ = false;
  Taken out;
  out.news.assign(std::make_move_iterator(news_.begin()), std::make_move_iterator(news_.end()));
  news_.clear();
  for (std::size_t i = 0; i < queues_.size(); ++i) {
    Queue& q = queues_[i];
    std::size_t left = most[i];
    while (left > 0 && !q.items.empty()) {
      const auto* readings = std::get_if<std::vector<Reading>>(&q.items.front());
      const std::size_t count = readings != nullptr ? readings->size() : 0;
      q.readings -= count;
      left -= std::min(left, std::max<std::size_t>(count, 1));
      out.readings.emplace_back(i, std::move(q.items.front()));
      q.items.pop_front();
    }
  }
  space_.notify_all();
  return out;
}

}  // namespace lotmark::agent
