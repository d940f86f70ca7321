// RAND_METHOD is the one way to hand OpenSSL a generator without writing a provider; deprecated since 3.0.
#define OPENSSL_SUPPRESS_DEPRECATED
#include "tests/sim/random.h"

#include <openssl/rand.h>
#include <sqlite3.h>
#include <unistd.h>

#include "core/base/random.h"

namespace lotmark::sim {

namespace {

Draw& process_stream() {
  static Draw stream(static_cast<std::uint64_t>(::getpid()));  // until it is seeded
  return stream;
}

int openssl_bytes(unsigned char* out, int size) {
  fill_random(out, static_cast<std::size_t>(size));
  return 1;
}
int openssl_status() { return 1; }

const RAND_METHOD kFromTheSeed{nullptr, openssl_bytes, nullptr,
                               nullptr, openssl_bytes, openssl_status};

}  // namespace

std::uint64_t Draw::next() {
  state_ += 0x9e3779b97f4a7c15u;
  std::uint64_t z = state_;
  z = (z ^ (z >> 30u)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27u)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31u);
}

std::int64_t Draw::between(std::int64_t a, std::int64_t b) {
  return a + static_cast<std::int64_t>(below(static_cast<std::uint64_t>(b - a) + 1));
}

void seed_process(std::uint64_t seed) {
  process_stream() = Draw(seed);
  RAND_set_rand_method(&kFromTheSeed);
  sqlite3_randomness(0, nullptr);  // its generator begins anew, with the disk's xRandomness
}

}  // namespace lotmark::sim

namespace lotmark {

void fill_random(std::uint8_t* out, std::size_t size) {
  std::uint64_t bits = 0;
  for (std::size_t i = 0; i < size; ++i) {
    if (i % 8 == 0) bits = sim::process_stream().next();
    out[i] = static_cast<std::uint8_t>(bits >> (8 * (i % 8)));
  }
}

}  // namespace lotmark
