// A file for support: what is configured, what check finds, what the outbox holds, the newest log lines. No key, no
// certificate, no reading.
#pragma once

#include <filesystem>
#include <string>

#include "edge-agent/check/check.h"

namespace lotmark::agent {

// What may be shown of a configuration: without PINs, user names and queries of addresses, and arguments of programs.
std::string without_secrets(const std::string& toml);

// Writes a tar.gz, mode 0600. conflict if it is there. A configuration that does not load is in it with its faults.
Status write_diag(const std::filesystem::path& config, const std::filesystem::path& out,
                  const Clock& clock);

}  // namespace lotmark::agent
