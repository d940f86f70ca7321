// Which lot numbers an address can carry.
#pragma once

#include <string>

#include "core/base/result.h"

namespace lotmark::cli {

// usage for "." and "..": the formats allow them, but a browser takes them out of a path, percent
// or not, so that no scan would ever ask for such a lot.
inline Status check_lot_in_address(const std::string& lot) {
  if (lot != "." && lot != "..") return {};
  return fail(Errc::kUsage, "lot \"" + lot +
                                "\": browsers take . and .. out of an address, so nobody could "
                                "scan it; give the lot another number");
}

}  // namespace lotmark::cli
