#include "edge-agent/source/fridge_log/drop_folder.h"

#include <sys/inotify.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>

namespace lotmark::agent::fridge {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t kFilesMax = 10000;

bool counts(const fs::directory_entry& entry) {
  std::error_code ignored;
  std::string ending = entry.path().extension().string();
  std::ranges::transform(ending, ending.begin(), [](unsigned char c) { return std::tolower(c); });
  return ending == ".txt" && entry.path().filename().string().front() != '.' &&
         !entry.is_symlink(ignored) && entry.is_regular_file(ignored);
}

}  // namespace

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
    if (quiet >= kSettled) out.push_back({entry.path(), look.size, quiet});
  }
  looks_ = std::move(seen);
  std::ranges::sort(out, {}, &File::path);
  return out;
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
