// What the agent tells who watches it: Prometheus' text format 0.0.4 and a word on its health. docs/operate/gateway.md
// lists every metric; a test compares.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <vector>

namespace lotmark::agent {

struct SourceFigures {
  std::string name;
  std::uint64_t records = 0;
  std::uint64_t bad = 0;
};

// As of the working thread's last look.
struct Figures {
  std::map<std::string, std::uint64_t> counters;  // by the metric's middle: "readings"
  std::map<std::string, double> gauges;           // "outbox_bytes"
  std::map<std::string, double> certificates;     // seconds left, by broker
  std::map<std::string, double> calibration_age;  // days, by channel
  std::map<std::string, double>
      calibration_due;  // days left, where the configuration says how long one holds
  std::string clock;    // its state
  std::vector<SourceFigures> sources;
  std::uint64_t signatures = 0;
  double sign_seconds = 0;  // of all of them
  bool stalled = false;     // objects wait and nothing was acked for [outbox] alarm_s
  bool conflict = false;    // the node holds other bundles of this life
  bool dropping = false;  // live readings: some of theirs were sealed under a clock that was ahead
  bool no_key = false;    // the record key does not sign
  bool closed = false;    // the node says that this life is over
  bool commits_fail = false;
};

std::string figures_text(const Figures& figures);

// Handed from the working thread to who asks.
class FigureBoard {
 public:
  using Monotonic = std::chrono::steady_clock::time_point;
  void set(Figures figures);
  // The loop went round.
  void turned(Monotonic now);
  std::string text() const;
  // Empty: well. Else why not: the loop stands for half a minute, commits or signatures fail, readings
  // are dropped, or nothing is acked.
  std::string trouble(Monotonic now) const;

 private:
  mutable std::mutex mutex_;
  Figures figures_;
  Monotonic turned_ = std::chrono::steady_clock::now();
};

}  // namespace lotmark::agent
