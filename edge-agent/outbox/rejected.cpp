#include "edge-agent/outbox/rejected.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <vector>

#include "core/base/hex.h"
#include "core/base/log.h"

namespace lotmark::agent {

namespace {

namespace fs = std::filesystem;

Error io_error(const fs::path& file) {
  return fail(errno == ENOSPC ? Errc::kDiskFull : Errc::kIo,
              file.string() + ": " + std::strerror(errno));
}

Status write_all(int fd, ByteView bytes, const fs::path& file) {
  while (!bytes.empty()) {
    const ssize_t n = ::write(fd, bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return io_error(file);
    bytes = bytes.subspan(static_cast<std::size_t>(n));
  }
  return ::fsync(fd) == 0 ? Status() : io_error(file);
}

// Whole or not at all: written under another name first.
Status write_whole(const fs::path& file, ByteView bytes) {
  const fs::path part = file.string() + ".part";
  const int fd = ::open(part.c_str(), O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd < 0) return io_error(part);
  Status done = write_all(fd, bytes, part);
  ::close(fd);
  if (done && ::rename(part.c_str(), file.c_str()) != 0) done = io_error(file);
  if (!done) ::unlink(part.c_str());
  return done;
}

Status sync_folder(const fs::path& folder) {
  const int fd = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return io_error(folder);
  const bool synced = ::fsync(fd) == 0;
  ::close(fd);
  return synced ? Status() : io_error(folder);
}

}  // namespace

Status Rejected::keep(const LifeId& life, std::uint64_t seq, ByteView wire, ByteView ack) {
  std::error_code failed;
  fs::create_directory(folder_, failed);
  if (failed) return fail(Errc::kIo, folder_.string() + ": " + failed.message());
  // Sixteen digits hold every seq, and names sort as numbers do.
  const fs::path base = folder_ / fmt::format("{}-{:016}", to_hex(life), seq);
  make_room();
  LM_TRY(write_whole(base.string() + ".ack", ack));
  LM_TRY(write_whole(base.string() + ".bundle", wire));
  LM_TRY(sync_folder(folder_));
  ++kept_;
  return {};
}

// By the time they were written: lives have no order.
void Rejected::make_room() {
  std::error_code ignored;
  std::vector<std::pair<fs::file_time_type, fs::path>> bundles;
  for (const auto& entry : fs::directory_iterator(folder_, ignored)) {
    if (entry.path().extension() == ".bundle")
      bundles.emplace_back(entry.last_write_time(ignored), entry.path());
  }
  if (bundles.size() < kMost) return;
  std::ranges::sort(bundles);
  for (std::size_t i = 0; i + kMost <= bundles.size(); ++i) {
    fs::path file = bundles[i].second;
    log::warn("rejected.dropped", {{"file", file.filename().string()}});
    fs::remove(file, ignored);
    fs::remove(file.replace_extension(".ack"), ignored);
    ++dropped_;
  }
}

}  // namespace lotmark::agent
