// Where values stand in a text that is known to be JSON: without a fault to look for, a quotation mark begins or ends a
// text, and brackets outside of texts come in pairs.
#include "core/base/assert.h"
#include "core/epcis/door/json_text.h"

namespace lotmark::epcis {

namespace {

class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) { skip_space(); }

  char next() const {
    LM_ASSERT(at_ < text_.size());
    return text_[at_];
  }
  // The value that begins here; the place is behind it then, and behind white space.
  std::string_view value() {
    const std::size_t begin = at_;
    if (next() == '"') skip_text();
    else if (next() == '{' || next() == '[') skip_container();
    else at_ = std::min(text_.find_first_of(" \t\r\n,]}", at_), text_.size());
    const auto out = text_.substr(begin, at_ - begin);
    skip_space();
    return out;
  }
  // Past one sign and the white space behind it.
  void step() {
    LM_ASSERT(at_ < text_.size());
    ++at_;
    skip_space();
  }

 private:
  void skip_space() { at_ = std::min(text_.find_first_not_of(" \t\r\n", at_), text_.size()); }
  void skip_text() {
    for (++at_; next() != '"'; ++at_) {
      if (next() == '\\') ++at_;
    }
    ++at_;
  }
  void skip_container() {
    std::size_t open = 0;
    do {
      at_ = text_.find_first_of("\"{}[]", at_);
      const char c = next();
      if (c == '"') {
        skip_text();
        continue;
      }
      ++at_;
      if (c == '{' || c == '[') ++open;
      else --open;
    } while (open > 0);
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

// A name may be spelt with escapes.
bool is_spelt(std::string_view quoted, std::string_view name) {
  if (quoted.find('\\') == std::string_view::npos)
    return quoted.substr(1, quoted.size() - 2) == name;
  const auto value = Json::parse(quoted.begin(), quoted.end(), nullptr, false);
  return value.is_string() && value.get_ref<const std::string&>() == name;
}

// The value of a member; empty if there is none or `text` is no object.
std::string_view member(std::string_view text, std::string_view name) {
  Scanner in(text);
  if (in.next() != '{') return {};
  in.step();
  while (in.next() != '}') {
    const auto quoted = in.value();
    in.step();  // the colon
    const auto value = in.value();
    if (is_spelt(quoted, name)) return value;
    if (in.next() == ',') in.step();
  }
  return {};
}

}  // namespace

std::vector<std::string_view> elements_of(std::string_view text,
                                          const std::vector<std::string_view>& names) {
  text = bare(text);
  for (const auto name : names) {
    text = member(text, name);
    if (text.empty()) return {};
  }
  std::vector<std::string_view> out;
  Scanner in(text);
  if (in.next() != '[') return out;
  in.step();
  while (in.next() != ']') {
    out.push_back(in.value());
    if (in.next() == ',') in.step();
  }
  return out;
}

}  // namespace lotmark::epcis
