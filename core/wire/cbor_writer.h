// The embedded writer with C++ hands: measures once, writes once, never guesses a size.
#pragma once

#include "core/base/assert.h"
#include "core/base/bytes.h"
#include "core/embedded/cbor.h"

namespace lotmark {

class CborWriter {
 public:
  explicit CborWriter(lm_cbor& w) : w_(w) {}
  void uint(std::uint64_t v) { lm_cbor_uint(&w_, v); }
  void integer(std::int64_t v) { lm_cbor_int(&w_, v); }
  void bytes(ByteView v) { lm_cbor_bytes(&w_, v.data(), v.size()); }
  void text(std::string_view v) { lm_cbor_text(&w_, v.data(), v.size()); }
  void array(std::size_t n) { lm_cbor_array(&w_, n); }
  void map(std::size_t n) { lm_cbor_map(&w_, n); }
  void boolean(bool v) { lm_cbor_bool(&w_, v); }
  void null() { lm_cbor_null(&w_); }
  void raw(ByteView v) { lm_cbor_raw(&w_, v.data(), v.size()); }

 private:
  lm_cbor& w_;
};

// Runs `write(CborWriter&)` twice: to measure, then into a buffer of that size. An integer beyond the
// profile's range is our bug, not input: it aborts.
template <class Write>
Bytes cbor_bytes(Write&& write) {
  lm_cbor measure;
  lm_cbor_init(&measure, nullptr, 0);
  CborWriter first(measure);
  write(first);
  LM_ASSERT(lm_cbor_ok(&measure));
  Bytes out(measure.len);
  lm_cbor w;
  lm_cbor_init(&w, out.data(), out.size());
  CborWriter second(w);
  write(second);
  LM_ASSERT(lm_cbor_ok(&w) && w.len == out.size());
  return out;
}

}  // namespace lotmark
