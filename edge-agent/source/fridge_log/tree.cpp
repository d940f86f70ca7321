#include "edge-agent/source/fridge_log/tree.h"

#include <algorithm>
#include <set>

namespace lotmark::agent::fridge {

namespace {

Error at_line(std::size_t line, const std::string& what) {
  return fail(Errc::kFieldRange, "line " + std::to_string(line) + ": " + what);
}

bool printable(char c) { return c >= ' ' && c <= '~'; }

class Reader {
 public:
  Status line(std::string_view text) {
    ++line_;
    if (!std::ranges::all_of(text, printable)) return at_line(line_, "not printable ASCII");
    const std::size_t depth = std::min(text.find_first_not_of(' '), text.size());
    text.remove_prefix(depth);
    if (text.empty()) return at_line(line_, "an empty line");
    if (depth > open_.size()) return at_line(line_, "deeper than what it stands in");
    open_.resize(depth);
    const std::size_t first = entries_.size();
    for (;;) {
      const auto end = text.find(", ");
      LM_TRY(entry(text.substr(0, end), depth));
      if (end == std::string_view::npos) break;
      text.remove_prefix(end + 2);
    }
    if (entries_.size() == first + 1 && entries_[first].value.empty()) open_.push_back(first);
    return {};
  }
  std::vector<Entry> take() { return std::move(entries_); }

 private:
  Status entry(std::string_view text, std::size_t depth) {
    const auto colon = text.find(':');
    if (colon == std::string_view::npos || colon == 0) return at_line(line_, "no \"key: value\"");
    std::string_view value = text.substr(colon + 1);
    if (!value.empty() && value.front() != ' ') return at_line(line_, "no blank behind the colon");
    value.remove_prefix(std::min<std::size_t>(1, value.size()));
    const std::size_t parent = depth == 0 ? kNone : open_[depth - 1];
    const auto key = text.substr(0, colon);
    if (!keys_.emplace(parent, key).second)
      return at_line(line_, "\"" + std::string(key) + "\" stands there twice");
    entries_.push_back({line_, parent, key, value});
    return {};
  }

  std::vector<Entry> entries_;
  std::vector<std::size_t> open_;  // the place of the entry that holds what is deeper, a level each
  std::set<std::pair<std::size_t, std::string_view>> keys_;  // with what holds them
  std::size_t line_ = 0;
};

}  // namespace

Result<std::vector<Entry>> read_tree(std::string_view text, std::size_t lines_max) {
  Reader reader;
  const bool crlf = text.find("\r\n") != std::string_view::npos;
  const std::string_view end_of_line = crlf ? "\r\n" : "\n";
  for (std::size_t lines = 0; !text.empty(); ++lines) {
    if (lines == lines_max) return fail(Errc::kFieldRange, "too many lines");
    const auto end = text.find(end_of_line);
    if (end == std::string_view::npos) return at_line(lines + 1, "without an end");
    LM_TRY(reader.line(text.substr(0, end)));
    text.remove_prefix(end + end_of_line.size());
  }
  return reader.take();
}

}  // namespace lotmark::agent::fridge
