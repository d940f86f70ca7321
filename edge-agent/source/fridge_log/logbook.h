// The files of one logger that were read, with their bytes, in the order in which they were: NUMBER-SHA256.txt. They are the
// queue of what is still to be told as well: a file is here, on the disk, before it leaves the folder it came to. And the
// files that were refused, the last 64 of them, each with the reason beside it.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <utility>

#include "core/base/bytes.h"
#include "core/base/result.h"

namespace lotmark::agent::fridge {

class Logbook {
 public:
  // `kept` and `rejected` are made where they are missing. `next` is the least number of a new file. io
  static Result<Logbook> open(std::filesystem::path kept, std::filesystem::path rejected,
                              std::uint64_t next);

  // False once its folder went or another lies in its place: a stick was pulled, or came.
  bool is_there() const;
  bool has(const Digest& sha256) const;
  // Of the file that is kept next.
  std::uint64_t next() const { return next_; }
  // From `number` on, in order.
  std::vector<std::uint64_t> from(std::uint64_t number) const;
  // The last one before `number`.
  std::optional<std::uint64_t> before(std::uint64_t number) const;
  // On the disk once it returns. Its number.
  Result<std::uint64_t> keep(const Digest& sha256, ByteView bytes);
  // The bytes as they were kept; corrupt if they are no longer those.
  Result<Bytes> read(std::uint64_t number) const;
  // Keeps the bytes as SHA256.txt and SHA256.reason, which names the file as it was called.
  Status reject(const std::string& name, ByteView bytes, const std::string& reason);
  // Moves a file that is too large to be read as it is; it is not copied.
  Status reject_large(const std::filesystem::path& file, const std::string& reason);

 private:
  Logbook(std::filesystem::path kept, std::filesystem::path rejected)
      : kept_(std::move(kept)), rejected_(std::move(rejected)) {}
  std::filesystem::path path(std::uint64_t number, const Digest& sha256) const;
  void make_room();

  // Which folder it is, under whatever name; nothing if it is not there.
  using Folder = std::pair<std::uint64_t, std::uint64_t>;
  std::optional<Folder> folder() const;

  std::filesystem::path kept_;
  std::filesystem::path rejected_;
  std::map<std::uint64_t, Digest> files_;
  std::uint64_t next_ = 1;
  std::optional<Folder> opened_;
};

// A regular file, no link. too-large: it has more than `most` bytes.
Result<Bytes> read_file(const std::filesystem::path& file, std::size_t most);

}  // namespace lotmark::agent::fridge
