// For what a test's own scene needs and cannot go wrong there: the value, or the test ends with the error.
#pragma once

#include <cstdio>

#include "core/base/result.h"

namespace lotmark::test {

template <class T>
T must(Result<T> r) {
  if (!r) std::fprintf(stderr, "%s\n", r.error().message().c_str());
  LM_ASSERT(r);
  return *std::move(r);
}
inline void must(const Status& s) {
  if (!s) std::fprintf(stderr, "%s\n", s.error().message().c_str());
  LM_ASSERT(s);
}

}  // namespace lotmark::test
