// A sink for tests of sources: keeps what came, from whatever thread.
#pragma once

#include <algorithm>
#include <condition_variable>
#include <mutex>

#include "edge-agent/source/source.h"

namespace lotmark::agent::test {

class Heard final : public Sink {
 public:
  bool put(std::vector<Reading> readings) override {
    std::unique_lock lock(mutex_);
    ++waiting_;
    room_.wait(lock, [&] { return !full_; });
    --waiting_;
    for (auto& r : readings) readings_.push_back(std::move(r));
    return true;
  }
  bool put(DeviceObject) override { return true; }
  bool pause(Position at) override {
    std::lock_guard lock(mutex_);
    at_ = at;
    return true;
  }
  // A full outbox: who hands something on waits, until it is full no longer.
  void set_full(bool full) {
    std::lock_guard lock(mutex_);
    full_ = full;
    room_.notify_all();
  }
  bool holds_back() {
    std::lock_guard lock(mutex_);
    return waiting_ > 0;
  }
  std::vector<Reading> readings() {
    std::lock_guard lock(mutex_);
    return readings_;
  }
  Position at() {
    std::lock_guard lock(mutex_);
    return at_;
  }
  // Of a channel: numbers, texts, and "gap N" of a reason.
  std::vector<std::string> of(const std::string& channel) {
    std::vector<std::string> out;
    for (const auto& r : readings()) {
      if (r.channel != channel) continue;
      if (const auto* v = std::get_if<std::int64_t>(&r.value)) out.push_back(std::to_string(*v));
      if (const auto* v = std::get_if<std::string>(&r.value)) out.push_back(*v);
      if (const auto* v = std::get_if<GapReason>(&r.value))
        out.push_back("gap " + std::to_string(static_cast<int>(*v)));
    }
    return out;
  }
  bool has(const std::string& channel, const std::string& what) {
    const auto all = of(channel);
    return std::ranges::count(all, what) > 0;
  }
  // Numbers, or gaps, of a channel.
  std::size_t count(const std::string& channel, bool gaps) {
    const auto all = of(channel);
    return static_cast<std::size_t>(std::ranges::count_if(
        all, [&](const std::string& v) { return v.starts_with("gap ") == gaps; }));
  }

 private:
  std::mutex mutex_;
  std::condition_variable room_;
  bool full_ = false;
  int waiting_ = 0;
  std::vector<Reading> readings_;
  Position at_;
};

}  // namespace lotmark::agent::test
