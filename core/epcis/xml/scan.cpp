#include "core/epcis/xml/scan.h"

#include <algorithm>
#include <charconv>
#include <vector>

namespace lotmark::epcis::xml {

namespace {

constexpr std::size_t kAttributesMax = 256;  // of one element
constexpr std::size_t kNameMax = 256;        // bytes
constexpr std::string_view kSpace = " \t\r\n";
constexpr auto kNowhere = std::string_view::npos;

bool is_character(std::uint32_t c) {
  return c == 0x9 || c == 0xA || c == 0xD || (c >= 0x20 && c < 0xD800) ||
         (c >= 0xE000 && c < 0xFFFE) || (c >= 0x10000 && c < 0x110000);
}

// What stands between '&' and ';'.
bool is_reference(std::string_view name) {
  constexpr std::string_view kPredefined[] = {"amp", "lt", "gt", "quot", "apos"};
  if (!name.starts_with('#')) return std::ranges::find(kPredefined, name) != std::end(kPredefined);
  name.remove_prefix(1);
  const bool hex = name.starts_with('x');
  if (hex) name.remove_prefix(1);
  std::uint32_t c = 0;
  const auto end = name.data() + name.size();
  const auto [stop, error] = std::from_chars(name.data(), end, c, hex ? 16 : 10);
  return error == std::errc{} && stop == end && is_character(c);
}

class Scan {
 public:
  Scan(std::string_view text, const XmlLimits& limits) : text_(text), limits_(limits) {}

  Status run() {
    while (at_ < text_.size()) {
      const std::size_t open = std::min(text_.find('<', at_), text_.size());
      const auto between = text_.substr(at_, open - at_);
      if (depth_ == 0 && !is_blank(between))
        return fault("there is text outside of the root element");
      LM_TRY(check_references(between));
      at_ = open;
      if (at_ == text_.size()) break;
      if (!starts("</")) LM_TRY(count_node());
      LM_TRY(markup());
    }
    if (depth_ != 0) return fault("the text ends inside of an element");
    if (!root_) return fault("there is no element");
    return {};
  }

 private:
  Error fault(const std::string& what) const {
    return fail(Errc::kUsage, "XML line " + std::to_string(line_of(text_, at_)) + ": " + what);
  }
  Error too_large(const std::string& what) const {
    return fail(Errc::kTooLarge, "XML line " + std::to_string(line_of(text_, at_)) + ": " + what);
  }
  bool starts(std::string_view with) const { return text_.substr(at_).starts_with(with); }

  Status count_node() {
    if (++nodes_ <= limits_.nodes) return {};
    return too_large("more than " + std::to_string(limits_.nodes) + " elements and attributes");
  }

  Status check_references(std::string_view part) const {
    for (auto at = part.find('&'); at != kNowhere; at = part.find('&', at + 1)) {
      const auto end = part.substr(0, at + 16).find(';', at);
      if (end == kNowhere || !is_reference(part.substr(at + 1, end - at - 1)))
        return fault("'&' begins no reference that XML itself defines");
    }
    return {};
  }

  // At a '<'; behind the whole of it afterwards.
  Status markup() {
    if (starts("<!--")) return skip("<!--", "-->", "a comment");
    if (starts("<![CDATA[")) {
      if (depth_ == 0) return fault("there is text outside of the root element");
      return skip("<![CDATA[", "]]>", "a CDATA section");
    }
    if (starts("<!")) return fault("DOCTYPE and declarations of entities are not accepted");
    if (starts("<?xml ") && at_ != 0) return fault("the XML declaration is not at the start");
    if (starts("<?")) return skip("<?", "?>", "a processing instruction");
    if (!starts("</")) return element();
    if (depth_ == 0) return fault("an end tag has no element");
    --depth_;
    return skip("</", ">", "an end tag");
  }

  Status skip(std::string_view open, std::string_view close, const std::string& what) {
    const auto end = text_.find(close, at_ + open.size());
    if (end == kNowhere) return fault("the text ends inside of " + what);
    at_ = end + close.size();
    return {};
  }

  Result<std::string_view> take_name() {
    const auto end = std::min(text_.find_first_of(" \t\r\n/>=<\"'&", at_), text_.size());
    const auto name = text_.substr(at_, end - at_);
    if (name.empty()) return fault("a name is missing");
    if (name.size() > kNameMax) return too_large("a name is longer than 256 bytes");
    at_ = end;
    return name;
  }

  void take_space() { at_ = std::min(text_.find_first_not_of(kSpace, at_), text_.size()); }

  Status element() {
    if (depth_ == 0 && root_) return fault("there is a second root element");
    root_ = true;
    if (depth_ + 1 > limits_.depth)
      return too_large("elements are nested deeper than " + std::to_string(limits_.depth));
    ++at_;
    LM_TRY(take_name());
    std::vector<std::string_view> names;
    for (;;) {
      take_space();
      if (starts(">")) {
        ++at_;
        ++depth_;
        return {};
      }
      if (starts("/>")) {
        at_ += 2;
        return {};
      }
      LM_TRY(attribute(names));
    }
  }

  Status attribute(std::vector<std::string_view>& names) {
    LM_ASSIGN(const auto name, take_name());
    if (std::ranges::find(names, name) != names.end())
      return fault("an element has an attribute twice");
    names.push_back(name);
    if (names.size() > kAttributesMax) return too_large("an element has more than 256 attributes");
    LM_TRY(count_node());
    take_space();
    if (!starts("=")) return fault("an attribute has no value");
    ++at_;
    take_space();
    if (!starts("\"") && !starts("'")) return fault("an attribute's value is not in quotes");
    const auto end = text_.find(text_[at_], at_ + 1);
    if (end == kNowhere) return fault("the text ends inside of an attribute");
    const auto value = text_.substr(at_ + 1, end - at_ - 1);
    if (value.find('<') != kNowhere) return fault("an attribute's value has a '<'");
    LM_TRY(check_references(value));
    at_ = end + 1;
    return {};
  }

  std::string_view text_;
  const XmlLimits& limits_;
  std::size_t at_ = 0;
  std::size_t depth_ = 0;
  std::size_t nodes_ = 0;
  bool root_ = false;
};

}  // namespace

Status scan_xml(std::string_view text, const XmlLimits& limits) { return Scan(text, limits).run(); }

std::size_t line_of(std::string_view text, std::size_t offset) {
  const auto before = text.substr(0, offset);
  return 1 + static_cast<std::size_t>(std::ranges::count(before, '\n'));
}

bool is_blank(std::string_view text) { return text.find_first_not_of(kSpace) == kNowhere; }

}  // namespace lotmark::epcis::xml
