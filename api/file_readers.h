// Readers of one file that a node writes, one for each request that needs one at the same time. A file that was put in its
// place, as a restore does, is seen at the next request: readers of the one before are let go.
#pragma once

#include <filesystem>
#include <memory>
#include <mutex>
#include <vector>

#include "core/base/file_id.h"
#include "core/base/result.h"

namespace lotmark::api {

// Any thread. Reader::open(path) gives a Result of a Reader, or of a unique_ptr to one.
template <class Reader>
class FileReaders {
 public:
  explicit FileReaders(std::filesystem::path file) : file_(std::move(file)) {}

  // Calls use(reader) with a reader that nobody else has meanwhile. Errors of opening one, and of `use`.
  template <class Use>
  auto with(const Use& use) -> decltype(use(std::declval<Reader&>())) {
    auto lent = take();
    if (!lent) return lent.error();
    auto result = use(*lent->reader);
    const std::lock_guard guard(lock_);
    idle_.push_back(*std::move(lent));
    return result;
  }

 private:
  // An idle reader has its file open, so that its number is no other file's meanwhile.
  struct Lent {
    FileId file;
    std::unique_ptr<Reader> reader;
  };

  static std::unique_ptr<Reader> owned(std::unique_ptr<Reader> reader) { return reader; }
  static std::unique_ptr<Reader> owned(Reader reader) {
    return std::make_unique<Reader>(std::move(reader));
  }

  Result<Lent> take() {
    const FileId now = file_id(file_);
    std::vector<Lent> of_another;  // closed without the lock
    {
      const std::lock_guard guard(lock_);
      while (!idle_.empty()) {
        Lent one = std::move(idle_.back());
        idle_.pop_back();
        if (one.file == now) return one;
        of_another.push_back(std::move(one));
      }
    }
    LM_ASSIGN(auto reader, Reader::open(file_));
    return Lent{now, owned(std::move(reader))};
  }

  std::filesystem::path file_;
  std::mutex lock_;
  std::vector<Lent> idle_;
};

}  // namespace lotmark::api
