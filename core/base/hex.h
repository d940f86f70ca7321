// Lower-case hexadecimal.
#pragma once

#include "core/base/bytes.h"

namespace lotmark {

std::string to_hex(ByteView bytes);
// Nothing if the length is odd or a character is not a hex digit. Both cases are read.
std::optional<Bytes> from_hex(std::string_view text);

template <class F>
std::string to_hex(const F& fixed)
  requires requires { fixed.view(); }
{
  return to_hex(fixed.view());
}
// First four bytes: enough for a log line, never for a decision.
template <class F>
std::string short_hex(const F& fixed) {
  return to_hex(fixed.view().first(4));
}
template <class F>
std::optional<F> fixed_from_hex(std::string_view text) {
  auto b = from_hex(text);
  return b ? F::from(*b) : std::nullopt;
}

}  // namespace lotmark
