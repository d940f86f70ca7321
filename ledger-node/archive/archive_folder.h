// The files of cuts that a node holds (docs/format/cut.md, archive file): data_dir/archive/archive-FIRST-LAST.lma, and
// beside each the disclosures of its lots, disclosures-FIRST-LAST.lmd. A file has its name once it is whole and on the
// disk; what was being written when a node ended is removed at the next start.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <memory>

#include "core/base/result.h"
#include "core/crypto/sha256.h"

namespace lotmark::node {

struct BlockRange {
  std::uint64_t first = 0;
  std::uint64_t last = 0;
  auto operator<=>(const BlockRange&) const = default;
};
// "FIRST-LAST", as in a name or a route.
std::string to_text(const BlockRange& range);
std::optional<BlockRange> to_range(std::string_view text);

// A file on its way: bytes in order, then commit. Removed if it is not committed.
class NewFile {
 public:
  static Result<NewFile> create(const std::filesystem::path& file);
  NewFile(NewFile&& other) noexcept;
  NewFile& operator=(NewFile&&) = delete;
  ~NewFile();

  Status write(ByteView bytes);
  std::uint64_t size() const { return size_; }
  // Of all that was written.
  Digest hash() { return hash_->finish(); }
  // Synced, and under its name, which is synced too.
  Status commit();

 private:
  NewFile(std::filesystem::path file, std::filesystem::path part, int fd)
      : file_(std::move(file)), part_(std::move(part)), fd_(fd) {}
  std::filesystem::path file_;
  std::filesystem::path part_;
  int fd_;
  std::uint64_t size_ = 0;
  std::unique_ptr<Sha256> hash_ = std::make_unique<Sha256>();
};

// What a range has: the blocks, or what was disclosed of its lots.
enum class ArchivePart : std::uint8_t { kBlocks, kDisclosures };

class ArchiveFolder {
 public:
  // Makes the folder and looks what is in it.
  static Result<ArchiveFolder> open(const std::filesystem::path& folder);

  // Ranges held, with the archive file's bytes.
  const std::map<BlockRange, std::uint64_t>& held() const { return held_; }
  bool has(const BlockRange& range) const { return held_.contains(range); }
  std::filesystem::path path(const BlockRange& range, ArchivePart part) const;

  Result<NewFile> create(const BlockRange& range, ArchivePart part) const;
  // Commits the blocks' file, after which has() is true.
  Status keep(const BlockRange& range, NewFile file);
  // Up to `max` bytes from `offset` on; empty at the end. not-found if there is no such file.
  Result<Bytes> read(const BlockRange& range, ArchivePart part, std::uint64_t offset,
                     std::size_t max) const;

 private:
  explicit ArchiveFolder(std::filesystem::path folder) : folder_(std::move(folder)) {}
  std::filesystem::path folder_;
  std::map<BlockRange, std::uint64_t> held_;
};

}  // namespace lotmark::node
