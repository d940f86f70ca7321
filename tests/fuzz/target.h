// A fuzz target: one decoder, and what must hold of whatever it is fed. A body breaks by LM_ASSERT, a
// sanitizer or an exception; it never looks at how often it ran.
//
// The same bodies are linked two ways: one libFuzzer program each (LOTMARK_FUZZ, clang), and all of them
// in fuzz_seeds, which runs the seeds once under any compiler so that no target can rot.
#pragma once

#include <string>
#include <vector>

#include "core/base/assert.h"
#include "core/base/bytes.h"

namespace lotmark::fuzz {

using Body = void (*)(ByteView input);

struct Target {
  std::string name;
  Body body;
};

// In order of registration; one in a libFuzzer program.
std::vector<Target>& targets();

struct Registered {
  Registered(const char* name, Body body) { targets().push_back({name, body}); }
};

#define LM_FUZZ_TARGET(NAME, BODY) \
  static const ::lotmark::fuzz::Registered registered_##NAME(#NAME, BODY)

// The chain of tests/vectors/contract; every signed seed names it.
const Digest& contract_chain();
Bytes contract_receipt();
Bytes contract_anchor();

// Takes one byte off the front; 0 when there is none.
inline std::uint8_t take_byte(ByteView& in) {
  if (in.empty()) return 0;
  const std::uint8_t b = in.front();
  in = in.subspan(1);
  return b;
}

}  // namespace lotmark::fuzz
