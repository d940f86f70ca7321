// Many seeds over several processes: a seed that aborts takes only its own process along, and is named.
#pragma once

#include "tests/sim/seed_run.h"

namespace lotmark::sim {

// A folder in memory where there is one, gone with the object.
class RunFolder {
 public:
  RunFolder();
  ~RunFolder();
  RunFolder(const RunFolder&) = delete;
  RunFolder& operator=(const RunFolder&) = delete;
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

// In words, on standard output.
void print_report(const RunReport& report);

// Runs seeds first to first + count - 1; progress on standard error if it is a terminal. Stops at the first violation,
// prints it with its seed and gives 1; else the last line says how many there were, and 0.
int run_many(std::uint64_t first, std::uint64_t count, std::uint64_t jobs);

}  // namespace lotmark::sim
