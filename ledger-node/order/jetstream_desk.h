// Where the node's calls, the line's messages and the session's thread meet: queues under one mutex, each bounded.
// The mutex is a leaf and is held for no I/O.
#pragma once

#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>

#include "ledger-node/order/jetstream_line.h"

namespace lotmark::node::js {

struct Asked {
  enum Kind { kAppend, kPutLease } kind = kAppend;
  std::uint64_t request = 0;
  std::uint64_t behind = 0;  // the sequence it must come behind
  Bytes payload;
};

// What the session has to do; `asked` by the number under which it is answered.
struct Work {
  std::vector<Incoming> came;
  std::vector<std::pair<std::uint64_t, Asked>> asked;
};

class Desk {
 public:
  // `notify` is called, without the mutex, when the session or the line gave the node something; empty: nobody is.
  explicit Desk(std::function<void()> notify = {}) : notify_(std::move(notify)) {}

  // The node's side.
  std::vector<OrderEvent> poll();
  void ask(Asked a);

  // The line's side. Dropped when the queue is full: whoever misses it asks again.
  void came(Incoming in);

  // The session's side. Waits until there is work or room for entries, at most `most`.
  Work wait(Millis most);
  // The pause before another try; ends with stop().
  void pause(Millis most);
  void stop();
  bool stopped() const;

  // Messages up to `payload_max` bytes, headers and all, will pass.
  void found(const LogFound& log, std::size_t payload_max);
  // Answers all that is asked, and forgets what was seen and not yet polled. Nothing if nothing was found.
  void lost();
  void lease(const LeaseSeen& seen);
  void entries(std::vector<EntrySeen> seen);
  // Entries that still find room.
  std::uint64_t room() const;
  // Nothing if that number was answered already.
  void answer(std::uint64_t number, Result<std::uint64_t> place);

 private:
  using Moment = std::chrono::steady_clock::time_point;
  struct Waiting {
    std::uint64_t request;
    Moment until;
    std::size_t bytes;
  };
  void answer_late();
  void answer_locked(std::map<std::uint64_t, Waiting>::iterator at, Result<std::uint64_t> place);

  void notify() const {
    if (notify_) notify_();
  }

  const std::function<void()> notify_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  bool stop_ = false;
  bool found_ = false;
  bool room_again_ = false;
  std::size_t payload_max_ = 0;
  std::deque<OrderEvent> events_;
  std::size_t entries_ = 0;  // of events_
  std::size_t entry_bytes_ = 0;
  std::vector<Incoming> came_;
  std::size_t came_bytes_ = 0;
  std::vector<std::pair<std::uint64_t, Asked>> asked_;  // not yet taken by the session
  std::map<std::uint64_t, Waiting> waiting_;            // not yet answered, oldest first
  std::size_t waiting_bytes_ = 0;
  std::uint64_t next_number_ = 1;
};

}  // namespace lotmark::node::js
