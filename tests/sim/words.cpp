#include "tests/sim/words.h"

#include <charconv>
#include <sstream>

namespace lotmark::sim {

namespace {

template <class N>
bool to_number(std::string_view text, N& out) {
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), out);
  return !text.empty() && ec == std::errc() && end == text.data() + text.size();
}

}  // namespace

std::optional<Millis> duration_from(std::string_view word) {
  if (word.starts_with('+')) word.remove_prefix(1);
  const auto unit = word.find_first_not_of("-0123456789");
  if (unit == std::string_view::npos) return std::nullopt;
  std::int64_t n = 0;
  if (!to_number(word.substr(0, unit), n) || n > 86'400'000 || n < -86'400'000) return std::nullopt;
  const std::string_view name = word.substr(unit);
  if (name == "ms") return Millis{n};
  if (name == "s") return Millis{n * 1000};
  if (name == "min") return Millis{n * 60'000};
  return std::nullopt;
}

Words::Words(std::string_view line) {
  std::istringstream in{std::string(line.substr(0, line.find('#')))};
  for (std::string w; in >> w;) words_.push_back(w);
}

bool Words::take(std::string_view word) {
  if (empty() || words_[at_] != word) return false;
  ++at_;
  return true;
}

bool Words::take_all(std::string_view words) {
  const std::size_t before = at_;
  std::istringstream in{std::string(words)};
  for (std::string w; in >> w;) {
    if (take(w)) continue;
    at_ = before;
    return false;
  }
  return true;
}

Result<std::string> Words::word(const std::string& what) {
  if (empty()) return fail(Errc::kUsage, what + " is missing at the end");
  return words_[at_++];
}

Result<std::uint64_t> Words::number(const std::string& what) {
  LM_ASSIGN(auto text, word(what));
  std::uint64_t n = 0;
  if (to_number(std::string_view(text), n)) return n;
  return fail(Errc::kUsage, "\"" + text + "\" stands where " + what + " belongs: a number");
}

Result<Millis> Words::duration(const std::string& what) {
  LM_ASSIGN(auto text, word(what));
  if (const auto d = duration_from(text)) return *d;
  return fail(Errc::kUsage, "\"" + text + "\" stands where " + what + " belongs: 300ms, 5s, 2min");
}

std::vector<std::string> Words::until(std::string_view end) {
  std::vector<std::string> out;
  while (!empty() && words_[at_] != end) out.push_back(words_[at_++]);
  return out;
}

Status Words::end() const {
  if (empty()) return {};
  return fail(Errc::kUsage, "\"" + words_[at_] + "\" is too much");
}

}  // namespace lotmark::sim
