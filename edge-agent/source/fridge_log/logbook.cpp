#include "edge-agent/source/fridge_log/logbook.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "core/base/hex.h"
#include "core/base/whole_file.h"
#include "core/crypto/sha256.h"

namespace lotmark::agent::fridge {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t kRejectedMax = 64;
constexpr std::size_t kBytesMax = 4u
                                  << 20;  // of a file that is kept: the most a configuration allows
constexpr std::size_t kNumberDigits = 8;

Error io_error(const fs::path& file) {
  return fail(errno == ENOSPC ? Errc::kDiskFull : Errc::kIo,
              file.string() + ": " + std::strerror(errno));
}

// "00000012-<64 hex>.txt"
std::optional<std::pair<std::uint64_t, Digest>> parse_name(const std::string& name) {
  if (name.size() != kNumberDigits + 1 + 64 + 4 || name[kNumberDigits] != '-' ||
      !name.ends_with(".txt"))
    return std::nullopt;
  const auto number = name.substr(0, kNumberDigits);
  const auto digest = fixed_from_hex<Digest>(name.substr(kNumberDigits + 1, 64));
  if (number.find_first_not_of("0123456789") != std::string::npos || !digest) return std::nullopt;
  return std::pair(std::stoull(number), *digest);
}

}  // namespace

Result<Logbook> Logbook::open(fs::path kept, fs::path rejected, std::uint64_t next) {
  Logbook book(std::move(kept), std::move(rejected));
  std::error_code error;
  for (const auto& folder : {book.kept_, book.rejected_}) {
    fs::create_directories(folder, error);
    if (error) return fail(Errc::kIo, folder.string() + ": " + error.message());
  }
  book.opened_ = book.folder();
  fs::directory_iterator entries(book.kept_, error);
  for (; !error && entries != fs::directory_iterator(); entries.increment(error)) {
    if (const auto file = parse_name(entries->path().filename().string()))
      book.files_.insert(*file);
  }
  if (error) return fail(Errc::kIo, book.kept_.string() + ": " + error.message());
  book.next_ = std::max<std::uint64_t>(1, next);
  if (!book.files_.empty()) book.next_ = std::max(book.next_, book.files_.rbegin()->first + 1);
  return book;
}

std::optional<Logbook::Folder> Logbook::folder() const {
  struct stat is {};
  if (::stat(kept_.c_str(), &is) != 0) return std::nullopt;
  return Folder(is.st_dev, is.st_ino);
}

bool Logbook::is_there() const {
  const auto now = folder();
  return now && now == opened_;
}

fs::path Logbook::path(std::uint64_t number, const Digest& sha256) const {
  return kept_ / fmt::format("{:08}-{}.txt", number, to_hex(sha256));
}

bool Logbook::has(const Digest& sha256) const {
  return std::ranges::any_of(files_, [&](const auto& f) { return f.second == sha256; });
}

std::vector<std::uint64_t> Logbook::from(std::uint64_t number) const {
  std::vector<std::uint64_t> out;
  for (auto at = files_.lower_bound(number); at != files_.end(); ++at) out.push_back(at->first);
  return out;
}

std::optional<std::uint64_t> Logbook::before(std::uint64_t number) const {
  const auto at = files_.lower_bound(number);
  return at == files_.begin() ? std::nullopt : std::optional(std::prev(at)->first);
}

Result<std::uint64_t> Logbook::keep(const Digest& sha256, ByteView bytes) {
  LM_TRY(write_whole(path(next_, sha256), bytes));
  files_.emplace(next_, sha256);
  return next_++;
}

Result<Bytes> Logbook::read(std::uint64_t number) const {
  const auto at = files_.find(number);
  LM_ASSERT(at != files_.end());
  const auto file = path(number, at->second);
  LM_ASSIGN(auto bytes, read_file(file, kBytesMax));
  if (sha256(bytes) != at->second)
    return fail(Errc::kCorrupt, file.string() + " is not what was kept under this name");
  return bytes;
}

Status Logbook::reject(const std::string& name, ByteView bytes, const std::string& reason) {
  make_room();
  const fs::path base = rejected_ / to_hex(sha256(bytes));
  LM_TRY(write_whole(base.string() + ".txt", bytes));
  return write_whole(base.string() + ".reason", as_bytes(name + ": " + reason + "\n"));
}

Status Logbook::reject_large(const fs::path& file, const std::string& reason) {
  make_room();
  const std::string name = file.filename().string();
  const fs::path base = rejected_ / to_hex(sha256(as_bytes(name)));
  if (::rename(file.c_str(), (base.string() + ".txt").c_str()) != 0) return io_error(file);
  return write_whole(base.string() + ".reason", as_bytes(name + ": " + reason + "\n"));
}

void Logbook::make_room() {
  std::error_code ignored;
  std::error_code end;
  std::vector<std::pair<fs::file_time_type, fs::path>> files;
  fs::directory_iterator entries(rejected_, end);
  for (; !end && entries != fs::directory_iterator(); entries.increment(end)) {
    if (entries->path().extension() == ".reason")
      files.emplace_back(entries->last_write_time(ignored), entries->path());
  }
  if (files.size() < kRejectedMax) return;
  std::ranges::sort(files);
  for (std::size_t i = 0; i + kRejectedMax <= files.size(); ++i) {
    fs::path file = files[i].second;
    fs::remove(file, ignored);
    fs::remove(file.replace_extension(".txt"), ignored);
  }
}

Result<Bytes> read_file(const fs::path& file, std::size_t most) {
  const int fd = ::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
  if (fd < 0) return io_error(file);
  struct stat is {};
  Bytes bytes(most + 1);
  std::size_t size = 0;
  Status done = ::fstat(fd, &is) == 0 && S_ISREG(is.st_mode)
                    ? Status()
                    : Status(fail(Errc::kIo, file.string() + " is no file"));
  while (done && size < bytes.size()) {
    const ssize_t got = ::read(fd, bytes.data() + size, bytes.size() - size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) done = io_error(file);
    if (got <= 0) break;
    size += static_cast<std::size_t>(got);
  }
  ::close(fd);
  if (!done) return done.error();
  if (size > most) return fail(Errc::kTooLarge, file.string() + " has too many bytes");
  bytes.resize(size);
  return bytes;
}

}  // namespace lotmark::agent::fridge
