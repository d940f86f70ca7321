// Reads an archive file block by block, in constant memory (docs/format/cut.md). Nothing in it is believed before it
// was checked: by its hash against a cut block, or block by block against leaves.
#pragma once

#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>

#include "core/crypto/sha256.h"
#include "core/wire/sign1.h"

namespace lotmark::node {

// A file that is a sequence of CBOR items, one after the other.
class ItemFile {
 public:
  static Result<ItemFile> open(const std::filesystem::path& file);
  // The item at the front, of at most `max` bytes.
  Result<Bytes> item(std::size_t max);
  // The content of the bstr at the front, of at most `max` bytes (block-too-large); nothing at the end.
  Result<std::optional<Bytes>> bstr(std::size_t max);
  // Of the whole file, after bstr() gave nothing.
  Digest hash() { return hash_->finish(); }

 private:
  ItemFile() = default;
  Status fill(std::size_t bytes);
  void take(std::size_t bytes);

  std::ifstream in_;
  Bytes ahead_;  // read and not taken yet
  std::unique_ptr<Sha256> hash_ = std::make_unique<Sha256>();
};

// What stands in an archive file that holds together: blocks of that chain, in order, within its range, of the kinds
// whose bodies go, and the tombstones its header names. Who signed them is not asked.
struct ArchiveSummary {
  ArchiveHeader header;
  Digest hash;
  std::uint64_t blocks = 0;
  std::uint64_t lots = 0;
};
using ArchiveVisitor = std::function<Status(const Signed<Block>& block)>;
// cose-chain for another chain's, cut-content where it does not hold together; `visit` sees each block in turn.
Result<ArchiveSummary> read_archive(const std::filesystem::path& file, const Digest& chain,
                                    const ArchiveVisitor& visit);

}  // namespace lotmark::node
