// How a subcommand ends: 0 done, 1 failed, 2 usage or configuration, 3 data corrupt or tampered
// with.
#pragma once

#include "core/base/result.h"

namespace lotmark::cli {

enum class Exit : int { kDone = 0, kFailed = 1, kUsage = 2, kTampered = 3 };

// config and usage are the caller's to mend (2), corrupt is 3, everything else failed (1).
inline Exit exit_of(Errc code) {
  switch (code) {
    case Errc::kOk: return Exit::kDone;
    case Errc::kConfig:
    case Errc::kUsage: return Exit::kUsage;
    case Errc::kCorrupt: return Exit::kTampered;
    default: return Exit::kFailed;
  }
}

}  // namespace lotmark::cli
