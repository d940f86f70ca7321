// The entry point libFuzzer calls, over the one target linked into this program.
#include "tests/fuzz/target.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const lotmark::fuzz::Body body = lotmark::fuzz::targets().front().body;
  body({data, size});
  return 0;
}
