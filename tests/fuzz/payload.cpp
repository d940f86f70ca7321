// Each type that travels: what its decoder accepts, its encoder writes again, byte for byte. The first byte
// picks the type by its place in LM_WIRE_TYPES.
#include "core/wire/codec.h"

#include <nlohmann/json.hpp>

#include "core/wire/schema.h"
#include "tests/fuzz/target.h"

namespace lotmark {
namespace {

template <class T>
void decode_and_encode(ByteView in) {
  const auto value = decode<T>(in);
  if (!value) return;
  LM_ASSERT(std::ranges::equal(encode(*value), in));
  LM_ASSERT(!to_json(*value).dump().empty());
}

constexpr fuzz::Body kBodies[] = {
#define LM_BODY(T) decode_and_encode<T>,
    LM_WIRE_TYPES(LM_BODY)
#undef LM_BODY
};

// The readers of whole files accept exactly what their type's decoder does, within their limit.
void read_files(ByteView in) {
  if (const auto r = read_receipt(in)) LM_ASSERT(std::ranges::equal(encode(*r), in));
  if (const auto a = read_anchor(in)) LM_ASSERT(std::ranges::equal(encode(*a), in));
  if (const auto e = read_evidence(in)) LM_ASSERT(std::ranges::equal(encode(*e), in));
  if (const auto l = read_line_file(in)) LM_ASSERT(std::ranges::equal(encode(*l), in));
}

void fuzz_payload(ByteView in) {
  const std::size_t type = fuzz::take_byte(in) % (std::size(kBodies) + 1);
  if (type == std::size(kBodies)) return read_files(in);
  kBodies[type](in);
}

}  // namespace
LM_FUZZ_TARGET(payload, fuzz_payload);
}  // namespace lotmark
