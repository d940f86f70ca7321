#include "edge-agent/inbox.h"

#include <algorithm>

namespace lotmark::agent {

namespace {
constexpr std::size_t kReadingsMax = 1024;
constexpr std::size_t kNewsMax = 10000;
constexpr std::size_t kItemsMax = 10000;
}  // namespace

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
  if (news_.size() >= kNewsMax && std::holds_alternative<AnswerNews>(news)) return;
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

bool Inbox::any_readings() const {
  return std::ranges::any_of(queues_, [](const Queue& q) { return !q.items.empty(); });
}

Taken Inbox::take(std::chrono::steady_clock::time_point until, bool readings) {
  std::unique_lock lock(mutex_);
  wake_.wait_until(lock, until,
                   [&] { return woken_ || !news_.empty() || (readings && any_readings()); });
  woken_ = false;
  Taken out;
  out.news.assign(std::make_move_iterator(news_.begin()), std::make_move_iterator(news_.end()));
  news_.clear();
  if (!readings) return out;
  for (std::size_t i = 0; i < queues_.size(); ++i) {
    for (auto& item : queues_[i].items) out.readings.emplace_back(i, std::move(item));
    queues_[i].items.clear();
    queues_[i].readings = 0;
  }
  space_.notify_all();
  return out;
}

}  // namespace lotmark::agent
