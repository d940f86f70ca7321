#include "ledger-node/archive/archive_folder.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstring>

#include "core/base/whole_file.h"

namespace lotmark::node {

namespace {

constexpr std::string_view kBlocksPrefix = "archive-";
constexpr std::string_view kBlocksEnd = ".lma";
constexpr std::string_view kPart = ".part";

Status io_error(const std::filesystem::path& file, const char* what) {
  const int why = errno;
  return fail(why == ENOSPC ? Errc::kDiskFull : Errc::kIo,
              file.string() + " " + what + ": " + std::strerror(why));
}

bool number(std::string_view text, std::uint64_t& out) {
  const auto [at, ec] = std::from_chars(text.data(), text.data() + text.size(), out);
  return ec == std::errc{} && at == text.data() + text.size() && std::to_string(out) == text;
}

}  // namespace

std::string to_text(const BlockRange& range) {
  return std::to_string(range.first) + "-" + std::to_string(range.last);
}

std::optional<BlockRange> to_range(std::string_view text) {
  const auto dash = text.find('-');
  BlockRange r;
  if (dash == std::string_view::npos || !number(text.substr(0, dash), r.first) ||
      !number(text.substr(dash + 1), r.last) || r.last < r.first)
    return std::nullopt;
  return r;
}

Result<NewFile> NewFile::create(const std::filesystem::path& file) {
  std::filesystem::path part = file;
  part += kPart;
  const int fd = ::open(part.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (fd < 0) return io_error(part, "cannot be made").error();
  return NewFile(file, std::move(part), fd);
}

NewFile::NewFile(NewFile&& o) noexcept
    : file_(std::move(o.file_)),
      part_(std::move(o.part_)),
      fd_(o.fd_),
      size_(o.size_),
      hash_(std::move(o.hash_)) {
  o.fd_ = -1;
}

NewFile::~NewFile() {
  if (fd_ < 0) return;
  ::close(fd_);
  std::error_code none;
  std::filesystem::remove(part_, none);
}

Status NewFile::write(ByteView bytes) {
  hash_->update(bytes);
  size_ += bytes.size();
  while (!bytes.empty()) {
    const ssize_t n = ::write(fd_, bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return io_error(part_, "cannot be written");
    bytes = bytes.subspan(static_cast<std::size_t>(n));
  }
  return {};
}

Status NewFile::commit() {
  if (::fsync(fd_) != 0) return io_error(part_, "cannot be synced");
  if (::rename(part_.c_str(), file_.c_str()) != 0) return io_error(file_, "cannot be named");
  ::close(fd_);
  fd_ = -1;
  return sync_folder(file_.parent_path());
}

Result<ArchiveFolder> ArchiveFolder::open(const std::filesystem::path& folder) {
  std::error_code ec;
  std::filesystem::create_directories(folder, ec);
  if (ec) return fail(Errc::kIo, "cannot make " + folder.string() + ": " + ec.message());
  ArchiveFolder out(folder);
  std::vector<std::filesystem::path> parts;
  for (const auto& entry : std::filesystem::directory_iterator(folder, ec)) {
    const std::string name = entry.path().filename().string();
    if (name.ends_with(kPart)) parts.push_back(entry.path());
    if (!name.starts_with(kBlocksPrefix) || !name.ends_with(kBlocksEnd)) continue;
    const std::size_t digits = name.size() - kBlocksPrefix.size() - kBlocksEnd.size();
    const auto range = to_range(std::string_view(name).substr(kBlocksPrefix.size(), digits));
    std::error_code none;
    if (range) out.held_[*range] = entry.file_size(none);
  }
  if (ec) return fail(Errc::kIo, "cannot read " + folder.string() + ": " + ec.message());
  for (const auto& part : parts) std::filesystem::remove(part, ec);
  return out;
}

std::filesystem::path ArchiveFolder::path(const BlockRange& range, ArchivePart part) const {
  const bool blocks = part == ArchivePart::kBlocks;
  return folder_ /
         ((blocks ? "archive-" : "disclosures-") + to_text(range) + (blocks ? ".lma" : ".lmd"));
}

Result<NewFile> ArchiveFolder::create(const BlockRange& range, ArchivePart part) const {
  return NewFile::create(path(range, part));
}

Status ArchiveFolder::keep(const BlockRange& range, NewFile file) {
  LM_TRY(file.commit());
  held_[range] = file.size();
  return {};
}

Result<Bytes> ArchiveFolder::read(const BlockRange& range, ArchivePart part, std::uint64_t offset,
                                  std::size_t max) const {
  const auto file = path(range, part);
  const int fd = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0 && errno == ENOENT)
    return fail(Errc::kNotFound, "no archive of blocks " + to_text(range) + " is held here");
  if (fd < 0) return io_error(file, "cannot be opened").error();
  Bytes out(max);
  const ssize_t n = ::pread(fd, out.data(), max, static_cast<off_t>(offset));
  const Status read = n < 0 ? io_error(file, "cannot be read") : Status();
  ::close(fd);
  if (!read) return read.error();
  out.resize(static_cast<std::size_t>(n));
  return out;
}

}  // namespace lotmark::node
