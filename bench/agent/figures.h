// What the agent's outbox costs its flash and its start, and how fast a broker passes the agent's bytes.
#pragma once

#include <filesystem>

#include "core/bus/bus.h"

namespace lotmark::bench {

// Bytes written to the disk over bytes of bundles, deletes and checkpoints included, for each way that an outbox is used.
Status write_figures(const std::filesystem::path& folder, std::uint64_t commits);
// Fills an outbox with so many bytes of bundles.
Status fill_outbox(const std::filesystem::path& file, std::uint64_t bytes);
// Opens it, in this process alone: milliseconds and peak memory.
Status open_figures(const std::filesystem::path& file);

// Publishes the wires of a node's private.db once more, as fast as the broker takes them, to a subscriber of our own: seconds.
Result<double> pass_seconds(const std::filesystem::path& private_db, const bus::PahoOptions& from,
                            const bus::PahoOptions& to, const std::string& topic);

}  // namespace lotmark::bench
