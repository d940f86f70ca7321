#include "edge-agent/source/serial/pattern.h"

#include <algorithm>

#include "edge-agent/source/decimal.h"

namespace lotmark::agent {

namespace {

constexpr std::size_t kPatternLengthMax = 256;

bool is_blank(char c) { return c == ' ' || c == '\t'; }

void skip_blanks(std::string_view& text) {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
}

void trim_in_place(std::string_view& text) {
  skip_blanks(text);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
}

std::size_t digits_at(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::find_if_not(text, is_digit) - text.begin());
}

// "e-3", if digits follow.
std::string_view exponent_at(std::string_view text) {
  if (text.empty() || (text[0] != 'e' && text[0] != 'E')) return {};
  const std::size_t sign = text.size() > 1 && (text[1] == '+' || text[1] == '-') ? 1 : 0;
  const auto digits = digits_at(text.substr(1 + sign));
  return digits == 0 ? std::string_view() : text.substr(0, 1 + sign + digits);
}

}  // namespace

Result<LinePattern> LinePattern::read(std::string_view text, bool comma) {
  LinePattern out;
  out.comma_ = comma;
  trim_in_place(text);
  if (text.empty() || text.size() > kPatternLengthMax)
    return fail(Errc::kConfig, "must have 1 to 256 bytes");
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '*') {
      out.parts_.push_back({Kind::kAny, 0, 0});
    } else if (is_blank(c)) {
      out.parts_.push_back({Kind::kBlanks, 0, 0});
    } else if (c == '{') {
      const auto end = text.find('}', i);
      if (end == std::string_view::npos) return fail(Errc::kConfig, "{ without }");
      std::string name(text.substr(i + 1, end - i - 1));
      if (std::ranges::count(out.names_, name) > 0)
        return fail(Errc::kConfig, name + " stands twice");
      out.parts_.push_back(
          {Kind::kNumber, 0, name.empty() ? kPatternLengthMax : out.names_.size()});
      if (!name.empty()) out.names_.push_back(std::move(name));
      i = end;
    } else if (c == '\\' && ++i == text.size()) {
      return fail(Errc::kConfig, "\\ at the end");
    } else {
      out.parts_.push_back({Kind::kChar, text[i], 0});
    }
  }
  return out;
}

bool LinePattern::take_number(std::string_view& line, Exact& out) const {
  std::string text;
  skip_blanks(line);
  if (!line.empty() && (line[0] == '+' || line[0] == '-')) {
    text = line.substr(0, 1);
    line.remove_prefix(1);
    skip_blanks(line);
  }
  const auto take = [&](std::size_t size) {
    text += line.substr(0, size);
    line.remove_prefix(size);
  };
  take(digits_at(line));
  if (!line.empty() && line[0] == (comma_ ? ',' : '.') &&
      (line.size() == 1 || !text.empty() || is_digit(line[1]))) {
    line.remove_prefix(1);
    text += '.';
    take(digits_at(line));
  }
  take(exponent_at(line).size());
  const auto value = Exact::read(text);
  if (value) out = *value;
  return value.has_value();
}

bool LinePattern::take(const Part& part, std::string_view& line, std::vector<Exact>& values) const {
  if (part.kind == Kind::kNumber) {
    Exact passed_over;
    return take_number(line, part.name < values.size() ? values[part.name] : passed_over);
  }
  if (line.empty()) return false;
  if (part.kind == Kind::kBlanks) {
    const bool blank = is_blank(line[0]);
    skip_blanks(line);
    return blank;
  }
  const bool same = line[0] == part.c;
  line.remove_prefix(1);
  return same;
}

// So that the rest of 1.2.3 or of 5-12 is not taken for a number.
bool LinePattern::cut_number(std::size_t part, std::string_view before) const {
  if (parts_[part].kind != Kind::kNumber || part == 0 || parts_[part - 1].kind != Kind::kAny)
    return false;
  if (before.empty()) return false;
  const char c = before.back();
  const bool point = c == '.' || c == ',';
  return is_digit(c) || c == '+' || c == '-' ||
         (point && before.size() > 1 && is_digit(before[before.size() - 2]));
}

// Where the rest does not match, the last * takes one more character: an earlier one need not, since what is between
// them was found at its first place.
std::optional<std::vector<LinePattern::Number>> LinePattern::match(std::string_view line) const {
  trim_in_place(line);
  const std::string_view whole = line;
  std::vector<Exact> values(names_.size());
  std::size_t part = 0;
  std::size_t any = parts_.size();  // the last * passed
  std::string_view any_from;
  while (part < parts_.size() || !line.empty()) {
    if (part < parts_.size() && parts_[part].kind == Kind::kAny) {
      any = part++;
      any_from = line;
    } else if (part < parts_.size() &&
               !cut_number(part, whole.substr(0, whole.size() - line.size())) &&
               take(parts_[part], line, values)) {
      ++part;
    } else if (any < parts_.size() && !any_from.empty()) {
      any_from.remove_prefix(1);
      line = any_from;
      part = any + 1;
    } else {
      return std::nullopt;
    }
  }
  std::vector<Number> out;
  for (std::size_t i = 0; i < names_.size(); ++i) out.push_back({names_[i], std::move(values[i])});
  return out;
}

}  // namespace lotmark::agent
