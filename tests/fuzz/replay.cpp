// Runs every seed through its target, and 32 copies of each with one byte changed, always the same ones.
#include <cstdio>

#include "tests/fuzz/seeds.h"
#include "tests/fuzz/target.h"

namespace {

using namespace lotmark;

// Steele and Vigna's splitmix64: the changes must be the same in every run.
std::uint64_t next(std::uint64_t& state) {
  std::uint64_t z = (state += 0x9e3779b97f4a7c15);
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  return z ^ (z >> 31);
}

void run_changed(fuzz::Body body, Bytes bytes, std::uint64_t& state) {
  for (int i = 0; i < 32 && !bytes.empty(); ++i) {
    const std::size_t at = next(state) % bytes.size();
    const std::uint8_t before = bytes[at];
    bytes[at] = static_cast<std::uint8_t>(next(state));
    body(bytes);
    bytes[at] = before;
  }
}

}  // namespace

int main() {
  const auto seeds = fuzz::make_seeds();
  std::uint64_t state = 1;
  bool complete = true;
  for (const auto& target : fuzz::targets()) {
    std::size_t count = 0;
    for (const auto& seed : seeds) {
      if (seed.target != target.name) continue;
      target.body(seed.bytes);
      run_changed(target.body, seed.bytes, state);
      ++count;
    }
    std::printf("%-14s %zu seeds\n", target.name.c_str(), count);
    if (count == 0) complete = false;
  }
  if (!complete) std::fprintf(stderr, "a target has no seed: add some in tests/fuzz/seeds.cpp\n");
  return complete ? 0 : 1;
}
