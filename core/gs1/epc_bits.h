// Fields of an EPC binary encoding, front to back. No field reaches beyond the bits there are: such a read gives
// zero and marks the whole as bad, which is asked once at the end.
#pragma once

#include <cstdint>
#include <string>

#include "core/gs1/epc.h"

namespace lotmark::gs1 {

class EpcBits {
 public:
  explicit EpcBits(const EpcMemory& memory) : memory_(memory) {}

  bool ok() const { return ok_; }
  void refuse() { ok_ = false; }
  std::size_t left() const { return memory_.bits - at_; }

  // At most 64 bits, the first the highest.
  std::uint64_t number(std::size_t bits);
  // An integer of so many decimal digits, zeros in front (TDS 14.4.1); none for zero digits, which must be 0.
  std::string digits(std::size_t bits, std::size_t count);
  // So many decimal digits of four bits each.
  std::string nibbles(std::size_t count);
  // Characters of seven bits, filled with zeros behind the last; at least one (TDS 14.4.2).
  std::string string(std::size_t bits);
  // "Variable-length alphanumeric" of at most 20 characters (TDS 14.5.6): three bits say how, five how many.
  std::string variable();
  // All that is left is zero.
  void only_zeros();

 private:
  std::string seven_bit(std::size_t count);
  std::string code40(std::size_t count);
  std::string from_alphabet(std::size_t count, std::size_t bits, const char* alphabet);
  std::string integer(std::size_t count);

  EpcMemory memory_;
  std::size_t at_ = 0;
  bool ok_ = true;
};

}  // namespace lotmark::gs1
