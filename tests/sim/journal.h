// What happened in a run, in words: the newest events are kept for whoever reads a violation, all of them go into a
// digest, so that two runs of one seed can be compared.
//
// A program that links this library has its own `lotmark::log::event` too (as in random.h): the nodes' log lines stand
// among the events.
#pragma once

#include <deque>
#include <optional>
#include <string>

#include "core/base/clock.h"

namespace lotmark::sim {

class Timeline;

class Journal {
 public:
  // `timeline` must outlive it. The newest journal of the process takes the nodes' log lines.
  explicit Journal(const Timeline& timeline);
  ~Journal();
  Journal(const Journal&) = delete;
  Journal& operator=(const Journal&) = delete;

  // Something happened.
  void say(std::string_view what);
  // Something happened that is told elsewhere or that happens all the time: in the digest alone.
  void count(std::string_view what);
  // A log line of a node; not in the digest.
  void note(std::string_view line);
  Time now() const;
  // A guarantee is broken. The first one counts.
  void violation(std::string what);
  const std::optional<std::string>& broken() const { return broken_; }

  // Who is running, for log lines; empty: nobody.
  void running(std::string who) { who_ = std::move(who); }
  // Prints each event as it comes.
  void be_loud() { loud_ = true; }

  std::uint64_t digest() const { return digest_; }
  // The newest events, oldest first, one a line.
  std::string tail() const;

 private:
  void keep(std::string line);
  const Timeline& timeline_;
  Time begin_;
  std::deque<std::string> tail_;
  std::optional<std::string> broken_;
  std::string who_;
  bool loud_ = false;
  std::uint64_t digest_ = 0xcbf29ce484222325u;  // FNV-1a
};

}  // namespace lotmark::sim
