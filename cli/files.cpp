#include "cli/files.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace lotmark::cli {

namespace {

Error io_error(const std::filesystem::path& file, const char* what) {
  const int reason = errno;
  const Errc code = reason == ENOSPC   ? Errc::kDiskFull
                    : reason == EEXIST ? Errc::kConflict
                                       : Errc::kIo;
  return fail(code, file.string() + ": " + what + ": " + std::strerror(reason));
}

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return fd_; }

 private:
  int fd_;
};

}  // namespace

Result<Bytes> read_file_start(const std::filesystem::path& file, std::size_t max) {
  const Descriptor in(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
  if (in.get() < 0) return io_error(file, "cannot be opened");
  Bytes all;
  std::uint8_t piece[65536];
  while (all.size() < max) {
    const ssize_t n = ::read(in.get(), piece, std::min(sizeof piece, max - all.size()));
    if (n < 0) return io_error(file, "cannot be read");
    if (n == 0) break;
    all.insert(all.end(), piece, piece + n);
  }
  return all;
}

Result<Bytes> read_file(const std::filesystem::path& file, std::size_t max) {
  LM_ASSIGN(Bytes all, read_file_start(file, max + 1));
  if (all.size() > max)
    return fail(Errc::kTooLarge, file.string() + ": above " + std::to_string(max) + " bytes");
  return all;
}

namespace {

Status write_with(const std::filesystem::path& file, ByteView content, int how, ::mode_t mode) {
  const Descriptor out(::open(file.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | how, mode));
  if (out.get() < 0) return io_error(file, "cannot be made");
  while (!content.empty()) {
    const ssize_t n = ::write(out.get(), content.data(), content.size());
    if (n < 0) return io_error(file, "cannot be written");
    content = content.subspan(static_cast<std::size_t>(n));
  }
  if (::fsync(out.get()) != 0) return io_error(file, "cannot be synced");
  return {};
}

}  // namespace

Status write_file(const std::filesystem::path& file, ByteView content, bool replace) {
  return write_with(file, content, replace ? O_TRUNC : O_EXCL, 0644);
}

Status write_private_file(const std::filesystem::path& file, ByteView content) {
  return write_with(file, content, O_EXCL, 0600);
}

}  // namespace lotmark::cli
