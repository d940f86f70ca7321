#include "edge-agent/source/fridge_log/drop_folder.h"

#include <fcntl.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <cstdio>
#include <system_error>

namespace lotmark::agent::fridge {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t kFilesMax = 10000;
constexpr std::string_view kAside = ".read";

bool counts(const fs::directory_entry& entry) {
  std::error_code ignored;
  std::string ending = entry.path().extension().string();
  std::ranges::transform(ending, ending.begin(), [](unsigned char c) { return std::tolower(c); });
  return ending == ".txt" && entry.path().filename().string().front() != '.' &&
         !entry.is_symlink(ignored) && entry.is_regular_file(ignored);
}

}  // namespace

DropFolder::DropFolder(fs::path folder) : folder_(std::move(folder)) {
  std::error_code none;
  std::vector<std::string> aside;
  for (const auto& entry : fs::directory_iterator(folder_, none)) {
    const std::string name = entry.path().filename().string();
    if (name.starts_with(".") && name.ends_with(kAside)) aside.push_back(name);
  }
  for (const auto& name : aside) {
    const fs::path back = folder_ / name.substr(1, name.size() - 1 - kAside.size());
    (void)::renameat2(AT_FDCWD, (folder_ / name).c_str(), AT_FDCWD, back.c_str(), RENAME_NOREPLACE);
  }
}

Result<std::vector<DropFolder::File>> DropFolder::settled(Tick now) {
  std::error_code error;
  fs::directory_iterator entries(folder_, error);
  if (error) return fail(Errc::kIo, folder_.string() + ": " + error.message());
  std::map<std::string, Look> seen;
  std::vector<File> out;
  waiting_ = false;
  for (const auto& entry : entries) {
    if (seen.size() == kFilesMax || !counts(entry)) continue;
    const std::string name = entry.path().filename().string();
    Look look{entry.file_size(error), {}, now, false};
    if (!error) look.written = entry.last_write_time(error);
    if (error) continue;  // gone meanwhile
    const auto before = looks_.find(name);
    if (before != looks_.end() && before->second.size == look.size &&
        before->second.written == look.written)
      look = before->second;
    seen.emplace(name, look);
    if (look.done) continue;
    const auto quiet = std::chrono::duration_cast<Millis>(now - look.since);
    waiting_ = true;
    if (quiet >= kSettled) out.push_back({entry.path(), look.size, look.written, quiet});
  }
  looks_ = std::move(seen);
  std::ranges::sort(out, {}, &File::path);
  return out;
}

// Under another name nobody overwrites it between the look and the end.
Status DropFolder::remove(const File& file) const {
  const fs::path aside = folder_ / ("." + file.path.filename().string() + std::string(kAside));
  std::error_code error;
  fs::rename(file.path, aside, error);
  if (error == std::errc::no_such_file_or_directory) return {};
  if (error) return fail(Errc::kIo, error.message());
  const bool same =
      fs::file_size(aside, error) == file.size && fs::last_write_time(aside, error) == file.written;
  if (same && ::unlink(aside.c_str()) == 0) return {};
  const int failed = errno;
  if (::renameat2(AT_FDCWD, aside.c_str(), AT_FDCWD, file.path.c_str(), RENAME_NOREPLACE) != 0)
    return system_error(aside.string());
  return same ? fail(Errc::kIo, std::generic_category().message(failed))
              : fail(Errc::kConflict, "another file was put in its place");
}

void DropFolder::done(const File& file) {
  const auto at = looks_.find(file.path.filename().string());
  if (at != looks_.end()) at->second.done = true;
}

FolderWatch::FolderWatch(const fs::path& folder) : fd_(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC)) {
  if (fd_ < 0) return;
  if (::inotify_add_watch(fd_, folder.c_str(), IN_CLOSE_WRITE | IN_MOVED_TO | IN_CREATE) >= 0)
    return;
  ::close(fd_);
  fd_ = -1;
}

FolderWatch::~FolderWatch() {
  if (fd_ >= 0) ::close(fd_);
}

void FolderWatch::drain() const {
  char buffer[4096];
  while (::read(fd_, buffer, sizeof buffer) > 0) continue;
}

}  // namespace lotmark::agent::fridge
