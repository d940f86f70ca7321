#include "core/base/whole_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

namespace lotmark {

namespace {

namespace fs = std::filesystem;

Error io_error(const fs::path& file, int reason = errno) {
  const Errc code = reason == ENOSPC || reason == EDQUOT ? Errc::kDiskFull
                    : reason == EEXIST                   ? Errc::kConflict
                                                         : Errc::kIo;
  return fail(code, file.string() + ": " + std::strerror(reason));
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

// O_EXCL after the unlink: a link that somebody laid under the part's name is not followed, and what an earlier crash
// left there keeps neither its rights nor its other names.
Status write_part(const fs::path& part, ByteView bytes, unsigned mode) {
  ::unlink(part.c_str());
  const int fd = ::open(part.c_str(), O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC | O_NOFOLLOW, mode);
  if (fd < 0) return io_error(part);
  Status done = write_all(fd, bytes, part);
  if (::close(fd) != 0 && done) done = io_error(part);
  return done;
}

bool name_new(const fs::path& part, const fs::path& file) {
  if (::renameat2(AT_FDCWD, part.c_str(), AT_FDCWD, file.c_str(), RENAME_NOREPLACE) == 0)
    return true;
  if (errno != EINVAL && errno != ENOSYS) return false;
  // A file system that cannot: a link is refused too where a name is taken.
  return ::link(part.c_str(), file.c_str()) == 0 && ::unlink(part.c_str()) == 0;
}

enum class Over { kReplace, kNew };

Status write(const fs::path& file, ByteView bytes, unsigned mode, Over over) {
  fs::path part = file;
  part += ".part";
  Status done = write_part(part, bytes, mode);
  if (done) {
    const bool named =
        over == Over::kNew ? name_new(part, file) : ::rename(part.c_str(), file.c_str()) == 0;
    if (!named) done = io_error(file);
  }
  if (!done) {
    ::unlink(part.c_str());
    return done;
  }
  return sync_folder(file.parent_path());
}

}  // namespace

Status write_whole(const fs::path& file, ByteView bytes, unsigned mode) {
  return write(file, bytes, mode, Over::kReplace);
}

Status write_new(const fs::path& file, ByteView bytes, unsigned mode) {
  return write(file, bytes, mode, Over::kNew);
}

Status sync_folder(const fs::path& folder) {
  const fs::path named = folder.empty() ? fs::path(".") : folder;
  const int fd = ::open(named.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return io_error(named);
  const Status done = ::fsync(fd) == 0 ? Status() : io_error(named);
  ::close(fd);
  return done;
}

}  // namespace lotmark
