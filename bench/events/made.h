// Events of a wholesaler of vaccines, made by a counter: lots of a hundred packs, each commissioned, packed into cases,
// shipped and received.
#pragma once

#include <string>

namespace lotmark::bench {

inline constexpr int kPerDocument = 1000;

// The n-th document of so many events.
std::string document(std::uint64_t n, int events = kPerDocument);
// The EPC, and the lot's class, that event `n` is about; its time, ISO 8601.
std::string epc_of(std::uint64_t n);
std::string lot_of(std::uint64_t n);
std::string time_of(std::uint64_t n);

}  // namespace lotmark::bench
