// Brings the access log's entries to whoever keeps it (docs/format/access.md), a batch at a time. A read is answered once
// its entry is kept; refusals are noted without making anybody wait.
#pragma once

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <thread>

#include "api/access/access_record.h"
#include "api/access/rate_limit.h"

namespace lotmark::api::access {

// Of one run of a program: entries of one are numbered without holes.
using RunId = Fixed<8, struct RunTag>;

struct JournalEntry {
  std::uint64_t number = 0;  // from 1
  std::uint64_t count =
      1;  // requests it stands for: of those that were too many it has the number alone
  AccessRecord record;
};

// One thread calls it.
class AccessSink {
 public:
  virtual ~AccessSink() = default;
  // On disk when it returns. An entry that came before, by its run and number, is no harm. Blocks a few seconds at most.
  virtual Status keep(const RunId& run, const std::vector<JournalEntry>& batch) = 0;
};

struct JournalOptions {
  Millis linger{1000};  // for what nobody waits for
  std::size_t batch_max = 256;
  std::size_t queue_max = 4096;  // entries; above, requests are counted alone
  Millis wait_max{5000};         // of one commit
  Millis pause{1000};            // after a failure, where nobody waits
  // Entries of refusals: whoever is refused often must not fill the log.
  RateLimits refusals{.per_second = 10, .burst = 256, .clients_max = 1};
};

// Safe to share between threads.
class Journal {
 public:
  // config: a rate out of its range. `sink` outlives it.
  static Result<std::unique_ptr<Journal>> start(AccessSink& sink, const JournalOptions& options);
  ~Journal();  // tries once more to bring what is left

  // Returns when the entry is kept. unavailable if it is not within wait_max, or the sink says so; not-ready, in the sink's
  // words, where that keeps no log (a standby). Then nothing may be answered, and the entry, if it comes to be kept later,
  // says 503. Once a batch failed or took too long, one commit at a time tries again and others are refused at once: a node
  // that hangs must not hold all threads of the API.
  Status commit(AccessRecord record);
  // These do not wait. Refusals that are too many are counted alone.
  void note(AccessRecord record);
  void note_refusal(AccessRecord record, RateLimiter::Instant now);

  struct Counts {
    std::uint64_t kept = 0;
    std::uint64_t left_out = 0;  // requests that are counted alone
    std::uint64_t failed = 0;    // batches
    std::size_t waiting = 0;
  };
  Counts counts() const;

 private:
  // Of who waits for an entry.
  struct Wait {
    bool over = false;
    bool given_up = false;
    Status result;
  };
  struct Queued {
    JournalEntry entry;
    std::shared_ptr<Wait> wait;
    RateLimiter::Instant since;
  };
  Journal(AccessSink& sink, const JournalOptions& options, RateLimiter refusals);
  void loop();
  bool is_due(RateLimiter::Instant now) const;
  void add(AccessRecord record, std::uint64_t count, std::shared_ptr<Wait> wait);
  void add_left_out();
  Error why_not() const;
  std::vector<Queued> take_batch();
  void settle(std::vector<Queued> batch, const Status& kept);

  AccessSink& sink_;
  const JournalOptions options_;
  const RunId run_;
  RateLimiter refusals_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;  // the thread
  std::condition_variable done_;  // who waits
  std::deque<Queued> queue_;
  std::uint64_t last_number_ = 0;
  std::size_t waited_for_ = 0;  // entries of the queue
  std::uint64_t left_out_ = 0;  // and not in the queue yet
  Counts counts_;
  bool failing_ = false;  // the last batch was not kept
  bool slow_ = false;     // or is not yet, after wait_max
  bool under_way_ = false;
  std::string keeps_none_;  // why the sink keeps no log; empty: it does, or nobody knows
  bool stop_ = false;
  RateLimiter::Instant not_before_{};  // the next try that nobody waits for
  std::thread thread_;
};

}  // namespace lotmark::api::access
