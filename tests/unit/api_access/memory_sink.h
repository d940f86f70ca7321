// A node's access log in memory: it can be away, slow, or lose its answers.
#pragma once

#include <condition_variable>
#include <map>
#include <mutex>
#include <vector>

#include "api/access/journal.h"

namespace lotmark::api::access::test {

class MemorySink final : public AccessSink {
 public:
  enum class Mood { kKeeps, kAway, kLosesAnswers, kHangs, kKeepsNone };

  Status keep(const RunId& run, const std::vector<JournalEntry>& batch) override {
    std::unique_lock lock(mutex_);
    ++calls_;
    largest_ = std::max(largest_, batch.size());
    changed_.wait(lock, [this] { return mood_ != Mood::kHangs; });
    if (mood_ == Mood::kAway) return fail(Errc::kNetwork, "nobody there");
    if (mood_ == Mood::kKeepsNone) return fail(Errc::kNotReady, "this is a standby");
    for (const auto& e : batch) {
      if (held_.emplace(std::pair(run, e.number), kept_.size()).second) kept_.push_back(e);
    }
    if (mood_ == Mood::kLosesAnswers) return fail(Errc::kNetwork, "cut off");
    return {};
  }
  void set(Mood mood) {
    const std::lock_guard lock(mutex_);
    mood_ = mood;
    changed_.notify_all();
  }
  std::vector<JournalEntry> kept() const {
    const std::lock_guard lock(mutex_);
    return kept_;
  }
  std::size_t calls() const {
    const std::lock_guard lock(mutex_);
    return calls_;
  }
  std::size_t largest() const {
    const std::lock_guard lock(mutex_);
    return largest_;
  }

 private:
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  Mood mood_ = Mood::kKeeps;
  std::vector<JournalEntry> kept_;
  std::map<std::pair<RunId, std::uint64_t>, std::size_t> held_;
  std::size_t calls_ = 0;
  std::size_t largest_ = 0;
};

}  // namespace lotmark::api::access::test
