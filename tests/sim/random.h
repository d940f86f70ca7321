// Chance in a simulated world: everything comes from one seed, so that a number repeats a whole run.
//
// A program that links this library has its own `lotmark::fill_random`: the linker takes the one of random.cpp before
// the member of core/base's archive, and the product needs no way to exchange its generator. OpenSSL's nonces come
// from the same stream (seed_process). Before seed_process the stream depends on the process's number. One thread.
#pragma once

#include <cstdint>

namespace lotmark::sim {

// A stream of numbers of its own (splitmix64): what one part draws does not shift what another one gets.
class Draw {
 public:
  explicit Draw(std::uint64_t seed) : state_(seed) {}
  std::uint64_t next();
  // 0 to n - 1; n > 0.
  std::uint64_t below(std::uint64_t n) { return next() % n; }
  // From a to b, both included.
  std::int64_t between(std::int64_t a, std::int64_t b);
  // In so many of a thousand cases.
  bool permille(unsigned n) { return below(1000) < n; }
  // A stream for a part of it.
  Draw fork() { return Draw(next()); }

 private:
  std::uint64_t state_;
};

// Starts this process's randomness anew: fill_random, OpenSSL's nonces and SQLite's salts.
void seed_process(std::uint64_t seed);

}  // namespace lotmark::sim
