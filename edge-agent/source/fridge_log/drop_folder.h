// The folder that files are put into: which of them are there whole. A file counts once it has not changed for a while; what
// a copy that stands still left half is told apart by what is in it.
#pragma once

#include <chrono>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/clock.h"
#include "core/base/result.h"

namespace lotmark::agent::fridge {

inline constexpr Millis kSettled{1000};

class DropFolder {
 public:
  using Tick = std::chrono::steady_clock::time_point;
  explicit DropFolder(std::filesystem::path folder) : folder_(std::move(folder)) {}

  struct File {
    std::filesystem::path path;
    std::uint64_t size = 0;
    std::filesystem::file_time_type written;
    Millis quiet{0};  // for how long it has not changed
  };
  // Files that end with .txt, in the order of their names; no links, nothing hidden, none that done() was said of. Where a
  // remove() was interrupted, the file gets its name back, if that is free. io
  Result<std::vector<File>> settled(Tick now);
  // Takes it out of the folder. conflict, and it stays, if it has changed since: another file was put in its place. io
  Status remove(const File& file) const;
  // It is not given again unless it changes.
  void done(const File& file);
  // Is `word` said of the file for the first time since it changed, or since another word was?
  bool is_news(const File& file, std::string_view word);
  // Something waits for its time.
  bool waiting() const { return waiting_; }

 private:
  struct Look {
    std::uint64_t size = 0;
    std::filesystem::file_time_type written;
    Tick since;
    bool done = false;
    std::string word;  // the last that was said of it
  };
  std::filesystem::path folder_;
  std::map<std::string, Look> looks_;
  bool waiting_ = false;
};

// Becomes readable when something is put into a folder; without it (no inotify) one looks in from time to time.
class FolderWatch {
 public:
  explicit FolderWatch(const std::filesystem::path& folder);
  ~FolderWatch();
  FolderWatch(const FolderWatch&) = delete;
  FolderWatch& operator=(const FolderWatch&) = delete;
  int fd() const { return fd_; }  // -1: there is none
  void drain() const;

 private:
  int fd_ = -1;
};

}  // namespace lotmark::agent::fridge
