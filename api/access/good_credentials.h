// Credentials that held a while ago, known again without being checked: by their SHA-256 alone, in bounded memory.
#pragma once

#include <memory>
#include <mutex>
#include <string_view>
#include <unordered_set>

#include "core/base/bytes.h"

namespace lotmark::api::access {

// Told the token alone: a header has thousands of spellings of the same one, and each would take a place here. Safe to
// share between threads. Being known says nothing of whether they still hold.
class GoodCredentials {
 public:
  // Of so many that were noted last, and at most twice as many.
  explicit GoodCredentials(std::size_t count) : state_(std::make_unique<State>()), count_(count) {}

  void note(std::string_view token);
  void forget(std::string_view token);
  bool knows(std::string_view token) const;

 private:
  // Two generations: when the young are `count`, they are the old, and the old are forgotten.
  struct State {
    mutable std::mutex mutex;
    std::unordered_set<Digest> young, old;
  };
  std::unique_ptr<State> state_;
  std::size_t count_;
};

}  // namespace lotmark::api::access
