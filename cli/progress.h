// How far a long command is, on the error stream.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace lotmark::cli {

// One line that is written over on a terminal; elsewhere a line every ten seconds: "audit: blocks 7 of 9".
class Progress {
 public:
  explicit Progress(std::string of);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;
  void operator()(std::string_view what, std::uint64_t done, std::uint64_t total);

 private:
  std::string of_;
  bool terminal_;
  bool drawn_ = false;
  std::chrono::steady_clock::time_point last_ = std::chrono::steady_clock::now();
};

}  // namespace lotmark::cli
