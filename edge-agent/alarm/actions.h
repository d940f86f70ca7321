// What is done when an alarm is raised or ends: a program, a webhook, a message to a local broker. All run beside the
// agent's work, with limits on time and number: a siren that hangs holds up no reading. Programs have a thread and a queue
// apart from webhooks and messages: a siren waits for no network.
#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "core/bus/bus.h"
#include "edge-agent/source/run_child.h"

namespace lotmark::agent {

struct AlarmActions {
  std::vector<std::string>
      run;              // a program and its arguments; the alarm is in its environment and input
  std::string webhook;  // https://..., or http:// to 127.0.0.1: gets a POST of the alarm as JSON
  std::string mqtt;     // a topic of the alarms' broker
};

// One alarm, ready to be told.
struct AlarmNotice {
  std::vector<std::pair<std::string, std::string>> environment;
  std::string json;
};

class ActionRunner {
 public:
  struct Options {
    std::string webhook_program;               // lotmark-edge-webhook
    std::string webhook_ca;                    // a CA file for webhooks; empty: the system's
    std::chrono::milliseconds timeout{30000};  // of a program
    std::chrono::milliseconds retry{2000};     // doubled up to five minutes
    std::size_t attempts = 8;                  // of webhooks and messages; a program runs once
    std::size_t waiting_max = 256;  // of each queue; beyond, one of the rule with most is dropped
  };
  // `bus` may be null: then there is no broker for alarms.
  ActionRunner(Options options, std::unique_ptr<bus::Bus> bus);
  ~ActionRunner();  // ends what runs

  // From now on, also for what waits already. A null `bus` leaves the one there is: alarms that it told of may still
  // have to end. From any thread.
  void use(std::string webhook_ca, std::unique_ptr<bus::Bus> bus);
  // From any thread; returns at once.
  void tell(const std::string& rule, const AlarmActions& actions,
            std::shared_ptr<const AlarmNotice> notice);
  std::uint64_t done() const { return done_; }
  std::uint64_t failed() const { return failed_; }  // given up

 private:
  using Clock = std::chrono::steady_clock;
  struct Job {
    std::string rule;
    std::string_view kind;             // run, webhook or mqtt
    std::vector<std::string> command;  // of run and webhook, without its CA
    std::string topic;                 // of mqtt
    std::shared_ptr<const AlarmNotice> notice;
    std::size_t attempt = 0;
    Clock::time_point due;
  };
  // What waits for one another, on a thread of its own.
  struct Queue {
    std::condition_variable wake;
    std::deque<Job> jobs;  // under the mutex
    std::thread thread;
  };
  void add(Queue& queue, Job job);
  void work(Queue& queue);
  std::optional<Job> next(Queue& queue);
  static std::deque<Job>::iterator oldest_of_most(std::deque<Job>& jobs);
  static std::deque<Job>::iterator first_due(std::deque<Job>& jobs);
  Status attempt(const Job& job);
  Status publish(const Job& job);

  const Options options_;
  StopEvent stopped_;
  std::mutex mutex_;  // of what follows
  std::string webhook_ca_;
  std::shared_ptr<bus::Bus> bus_;  // a message on its way keeps it
  bool stop_ = false;
  std::atomic<std::uint64_t> done_ = 0;
  std::atomic<std::uint64_t> failed_ = 0;
  Queue programs_;  // run
  Queue sent_;      // webhooks and messages
};

}  // namespace lotmark::agent
