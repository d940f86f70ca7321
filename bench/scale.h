// How far a measurement of growing sizes goes, and where it writes.
#pragma once

#include <CLI/CLI.hpp>

#include <cstdint>
#include <filesystem>
#include <string>

namespace lotmark::bench {

struct Scale {
  std::filesystem::path folder = std::filesystem::temp_directory_path();
  std::uint64_t most;
};

// --dir, and the largest size under the name that the measurement has for it. `scale` outlives the app's reading.
inline void add_scale(CLI::App& app, Scale& scale, const std::string& most) {
  app.add_option("--dir", scale.folder, "on the disk that is meant")->capture_default_str();
  app.add_option(most, scale.most, "the largest that is measured")->capture_default_str();
}

}  // namespace lotmark::bench
