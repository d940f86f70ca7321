// Whether intake takes anything at this moment, and of which devices. What is not taken is not acked: devices keep
// it and send it again. Any thread.
#pragma once

#include <map>
#include <mutex>
#include <set>
#include <string>
#include <vector>

namespace lotmark::node {

class IntakeGate {
 public:
  // `whole`: why nothing is taken; empty: it is. `topics`: .../bundle topics that are not taken, and why.
  void set(const std::string& whole, const std::map<std::string, std::string>& topics);
  // Counts what it does not admit.
  bool admits(const std::string& topic);
  std::string stopped() const;
  std::vector<std::pair<std::string, double>> metrics() const;

 private:
  mutable std::mutex lock_;
  std::string whole_;
  std::map<std::string, std::string> topics_;
  std::uint64_t left_ = 0;
};

}  // namespace lotmark::node
