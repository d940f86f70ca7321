// LM_ASSERT: for our own bugs, always on, never for input. It names the place and aborts.
#pragma once

#include <cstdio>
#include <cstdlib>

#define LM_ASSERT(cond)                                                                  \
  do {                                                                                   \
    if (!(cond)) {                                                                       \
      std::fprintf(stderr, "%s:%d: broken assumption: %s\n", __FILE__, __LINE__, #cond); \
      std::abort();                                                                      \
    }                                                                                    \
  } while (false)
