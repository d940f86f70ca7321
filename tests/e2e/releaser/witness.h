// Looks at one node again and again, and tells each block when any node shows it first, and when any calls it final,
// and how far each node's own chain is final.
// A node that shows another block where one was called final is told as event "fork". A thread each.
#pragma once

#include <atomic>
#include <functional>
#include <mutex>
#include <thread>

#include "cli/node/control.h"

namespace lotmark::e2e {

// What all witnesses saw together.
class Seen {
 public:
  using OnFinal = std::function<void(const nlohmann::json& block)>;
  using OnBlock = std::function<void(const nlohmann::json& block)>;
  Seen(OnBlock on_block, OnFinal on_final)
      : on_block_(std::move(on_block)), on_final_(std::move(on_final)) {}
  void block(const std::string& node, const nlohmann::json& b);

 private:
  std::mutex mutex_;
  OnBlock on_block_;
  OnFinal on_final_;
  std::map<std::string, std::uint64_t> shown_;  // by id
  std::map<std::uint64_t, std::string> final_;  // ids by number
};

class Witness {
 public:
  Witness(std::string node, cli::Control control, Seen& seen);
  ~Witness();

 private:
  void run();
  void look();
  const std::string node_;
  const cli::Control control_;
  Seen& seen_;
  std::uint64_t from_ = 0;  // the newest block this node called final
  std::atomic<bool> stop_ = false;
  std::thread thread_;
};

}  // namespace lotmark::e2e
