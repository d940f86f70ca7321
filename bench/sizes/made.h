// Chains of a given size: their blocks, made once and read from a file, so that who takes them holds nothing else.
#pragma once

#include <filesystem>
#include <fstream>

#include "tests/scenario/block_maker.h"

namespace lotmark::bench {

// Blocks 1 to `blocks` - 1, every eighth a lot's, and votes of two supervisors on the last.
Status make_blocks(const test::Consortium& c, const std::filesystem::path& file,
                   std::uint64_t blocks);

class BlockFile {
 public:
  explicit BlockFile(const std::filesystem::path& file) : in_(file, std::ios::binary) {}
  // The next `count` objects at most; none at the end.
  std::vector<Bytes> next(std::size_t count);

 private:
  std::ifstream in_;
};

// Of this process, in MiB: what it holds now, and the most it held.
double resident_mib();
double peak_mib();

}  // namespace lotmark::bench
