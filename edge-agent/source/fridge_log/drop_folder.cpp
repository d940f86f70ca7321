#include "edge-agent/source/fridge_log/drop_folder.h"

#include <fcntl.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <cstdio>

namespace lotmark::agent::fridge {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t kFilesMax = 10000;
constexpr std::string_view kAside = ".read";

bool is_text(const fs::path& name) {
  std::string ending = name.extension().string();
  std::ranges::transform(ending, ending.begin(), [](unsigned char c) { return std::tolower(c); });
  return ending == ".txt" && name.string().front() != '.';
}

bool is_plain(const fs::directory_entry& entry) {
  std::error_code ignored;
  return !entry.is_symlink(ignored) && entry.is_regular_file(ignored);
}

// ".a.txt.read" is a.txt on its way out; nothing if it is no such name.
fs::path name_of_aside(const std::string& name) {
  if (!name.starts_with('.') || !name.ends_with(kAside) || name.size() <= 1 + kAside.size())
    return {};
  const fs::path was = name.substr(1, name.size() - 1 - kAside.size());
  return is_text(was) ? was : fs::path();
}

// Never over another file. Some file systems of sticks and of other machines lack the flag, some of them links too.
Status move_if_free(const fs::path& from, const fs::path& to) {
  if (::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) == 0) return {};
  if (errno != EINVAL && errno != ENOSYS) return system_error(from.string());
  if (::link(from.c_str(), to.c_str()) == 0)
    return ::unlink(from.c_str()) == 0 ? Status() : system_error(from.string());
  struct stat there {};
  if (errno == EEXIST || ::lstat(to.c_str(), &there) == 0)
    return fail(Errc::kConflict, to.string() + " is there");
  return ::rename(from.c_str(), to.c_str()) == 0 ? Status() : system_error(from.string());
}

}  // namespace

Result<std::vector<DropFolder::File>> DropFolder::settled(Tick now) {
  std::error_code error;
  std::map<std::string, Look> seen;
  std::vector<File> out;
  std::vector<std::string> aside;
  waiting_ = false;
  fs::directory_iterator entries(folder_, error);
  for (; !error && entries != fs::directory_iterator(); entries.increment(error)) {
    const std::string name = entries->path().filename().string();
    if (!is_plain(*entries)) continue;
    if (!name_of_aside(name).empty()) aside.push_back(name);
    if (!is_text(name) || seen.size() == kFilesMax) continue;
    std::error_code gone;
    Look look{entries->file_size(gone), {}, now, false, {}};
    if (!gone) look.written = entries->last_write_time(gone);
    if (gone) continue;
    const auto before = looks_.find(name);
    if (before != looks_.end() && before->second.size == look.size &&
        before->second.written == look.written)
      look = before->second;
    seen.emplace(name, look);
    if (look.done) continue;
    const auto quiet = std::chrono::duration_cast<Millis>(now - look.since);
    waiting_ = true;
    if (quiet >= kSettled) out.push_back({entries->path(), look.size, look.written, quiet});
  }
  if (error) return fail(Errc::kIo, folder_.string() + ": " + error.message());
  for (const auto& name : aside) {
    if (move_if_free(folder_ / name, folder_ / name_of_aside(name))) waiting_ = true;
  }
  looks_ = std::move(seen);
  std::ranges::sort(out, {}, &File::path);
  return out;
}

// Under another name nobody overwrites it between the look and the end. Where it cannot get its own back at once,
// settled() gives it later.
Status DropFolder::remove(const File& file) const {
  const fs::path aside = folder_ / ("." + file.path.filename().string() + std::string(kAside));
  std::error_code error;
  if (!fs::exists(file.path, error)) return {};
  LM_TRY(move_if_free(file.path, aside));
  const bool same =
      fs::file_size(aside, error) == file.size && fs::last_write_time(aside, error) == file.written;
  const Status gone = same
                          ? (::unlink(aside.c_str()) == 0 ? Status() : system_error(aside.string()))
                          : fail(Errc::kConflict, "another file was put in its place");
  if (!gone) (void)move_if_free(aside, file.path);
  return gone;
}

void DropFolder::done(const File& file) {
  const auto at = looks_.find(file.path.filename().string());
  if (at != looks_.end()) at->second.done = true;
}

bool DropFolder::is_news(const File& file, std::string_view word) {
  const auto at = looks_.find(file.path.filename().string());
  if (at == looks_.end() || at->second.word == word) return false;
  at->second.word = word;
  return true;
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
