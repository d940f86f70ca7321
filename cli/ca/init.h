// `lotmark ca init`: everything a consortium needs to begin, in one folder.
#pragma once

#include "cli/ca/layout.h"
#include "cli/output.h"

namespace lotmark::cli {

// Makes DIR whole or not at all: it is built beside, and renamed when it is complete. conflict if
// DIR exists.
Result<Founded> found_consortium(const std::filesystem::path& description,
                                 const std::filesystem::path& dir, Time now);

struct CaInitOptions {
  std::string description;
  std::string dir;
};
Exit run_ca_init(const CaInitOptions& options, Output& out);

}  // namespace lotmark::cli
