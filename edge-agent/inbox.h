// Everything that reaches the agent's one working thread: readings from the sources, each in a bounded queue of
// its own, and news from buses and devices.
#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>

#include "edge-agent/alarm/desk.h"
#include "edge-agent/source/source.h"

namespace lotmark::agent {

// The last thing a source says.
struct Ended {
  std::optional<Position> at;  // nothing if it was stopped
  std::optional<Error> error;
};
// A recorded input has nothing more for now.
struct Paused {
  Position at;
};
using FromSource = std::variant<std::vector<Reading>, SignedAlarm, Paused, Ended>;

struct BusNews {
  std::size_t bus = 0;
  bool connected = false;
};
struct AnswerNews {
  std::string device;  // of the topic
  Bytes object;
};
struct ObjectNews {
  std::size_t source = 0;
  DeviceObject object;
};
struct SilenceNews {
  SignedAlarm alarm;
};
struct CommandNews {
  Bytes object;
};
using News = std::variant<BusNews, AnswerNews, ObjectNews, SilenceNews, CommandNews>;

struct Taken {
  std::vector<News> news;
  std::vector<std::pair<std::size_t, FromSource>> readings;
};

class Inbox {
 public:
  // One source more; its place. From the working thread.
  std::size_t add();
  // Waits while the source's queue is full. False once closed.
  bool put(std::size_t source, std::vector<Reading> readings);
  // The same with so much patience: what finds no room is left where it is.
  Sink::Offer offer(std::size_t source, std::vector<Reading>& readings,
                    std::chrono::milliseconds patience);
  // The last of a source: taken also where it is full, or closed.
  void put_last(std::size_t source, std::vector<Reading> readings);
  bool put(std::size_t source, Paused paused);
  void put(std::size_t source, Ended ended);
  void put(std::size_t source, SignedAlarm alarm);
  // Answers, commands and objects of devices beyond ten thousand are dropped: nodes, people and devices repeat them.
  void put(News news);
  void wake();
  // No more readings are taken in; who waits gets false.
  void close();

  // Waits until there is something, or woken, or `until`. `most`: so many readings of each source, and what begins
  // within them whole; where it is 0 they are left where they are.
  Taken take(std::chrono::steady_clock::time_point until, const std::vector<std::size_t>& most);
  // All there is, at once.
  Taken take_all();

 private:
  struct Queue {
    std::deque<FromSource> items;
    std::size_t readings = 0;
  };
  bool any_readings(const std::vector<std::size_t>& most) const;
  Taken take_locked(const std::vector<std::size_t>& most);

  std::mutex mutex_;
  std::condition_variable wake_;   // of take()
  std::condition_variable space_;  // of put()
  std::deque<Queue> queues_;       // who waits in one keeps it while others come
  std::deque<News> news_;
  bool woken_ = false;
  bool closed_ = false;
};

}  // namespace lotmark::agent
