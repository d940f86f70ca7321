// What one process measures of a stored tree, or of the same tree in memory, which is the yardstick.
#pragma once

#include <filesystem>

#include "core/store/stored_tree.h"

namespace lotmark::bench {

// Leaf n of the tree that is measured.
Digest leaf_no(std::uint64_t n);

// Opens a tree and takes paths of it; prints one line and gives the ms that opening took. `cold`: the system's
// cache of the file is dropped first.
Result<double> measure_stored(const std::filesystem::path& file, bool cold);
// Fills a MemoryTree of that many leaves, as a start does that reads all blocks, but without reading them; ms.
double measure_memory(std::uint64_t leaves);

}  // namespace lotmark::bench
