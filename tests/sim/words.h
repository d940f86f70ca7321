// A line of a scenario as words, taken from left to right; what is missing or too much is said in words.
#pragma once

#include <string>
#include <vector>

#include "core/base/clock.h"
#include "core/base/result.h"

namespace lotmark::sim {

// "300ms", "5s", "2min"; with a sign where one is allowed ("+20s", "-300ms").
std::optional<Millis> duration_from(std::string_view word);

class Words {
 public:
  // Up to a '#', which begins a comment.
  explicit Words(std::string_view line);

  bool empty() const { return at_ == words_.size(); }
  // The next one is this: it is taken.
  bool take(std::string_view word);
  // All of these are the next ones.
  bool take_all(std::string_view words);
  const std::string& peek() const { return words_[at_]; }
  // `what` names it in the error if there is none.
  Result<std::string> word(const std::string& what);
  Result<std::uint64_t> number(const std::string& what);
  Result<Millis> duration(const std::string& what);
  // What is left, up to one of these words or the end.
  std::vector<std::string> until(std::string_view end);
  // usage if something is left.
  Status end() const;

 private:
  std::vector<std::string> words_;
  std::size_t at_ = 0;
};

}  // namespace lotmark::sim
