// The configuration that an answer to an enrolment brings: its files have names alone until the gateway says where they stand.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "core/base/result.h"

namespace lotmark::agent {

// The configuration with the files of its brokers in `dir`. config: no TOML, or a file that is more than a name.
Result<std::string> place_files(std::string_view config, const std::filesystem::path& dir);

}  // namespace lotmark::agent
