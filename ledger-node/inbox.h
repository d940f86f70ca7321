#pragma once

#include <condition_variable>
#include <thread>

#include "ledger-node/node_core.h"

namespace lotmark::node {

// Messages from the broker, taken in groups: whatever came while the last group was committed.
class Inbox {
 public:
  Inbox(NodeCore& core, const Clock& clock) : core_(core), clock_(clock) {}
  ~Inbox();
  // Waits while the queue is full, so that the broker keeps what we cannot hold.
  void push(bus::Message message);
  void start(bus::Bus& bus);
  void stop();

 private:
  void run();
  void publish(const std::vector<Publication>& answers);
  NodeCore& core_;
  const Clock& clock_;
  bus::Bus* bus_ = nullptr;
  std::mutex lock_;
  std::condition_variable wake_;
  std::condition_variable room_;
  std::vector<bus::Message> queue_;
  bool stop_ = false;
  std::thread thread_;
};

}  // namespace lotmark::node
