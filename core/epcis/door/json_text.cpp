#include "core/epcis/door/json_text.h"

#include <cmath>

#include "core/base/utf8.h"

namespace lotmark::epcis {

namespace {

constexpr std::size_t kNameShown = 80;
constexpr std::string_view kMark = "\xEF\xBB\xBF";

// What nlohmann's reader reports becomes a value, until something is wrong.
class Builder final : public nlohmann::json_sax<Json> {
 public:
  explicit Builder(const JsonLimits& limits) : limits_(limits) {}

  Json take() { return std::move(root_); }
  JsonFault fault() && { return std::move(fault_); }

  bool null() override { return add(nullptr) != nullptr; }
  bool boolean(bool value) override { return add(value) != nullptr; }
  bool number_integer(number_integer_t value) override { return add(value) != nullptr; }
  bool number_unsigned(number_unsigned_t value) override { return add(value) != nullptr; }
  bool number_float(number_float_t value, const string_t& as_sent) override {
    if (add(value) == nullptr) return false;
    if (as_sent.find_first_of(".eE") != std::string::npos) return true;
    return refuse(here(), "an integer of more than 64 bits");
  }
  bool string(string_t& value) override {
    const bool has_zero = value.find('\0') != std::string::npos;
    if (add(std::move(value)) == nullptr) return false;
    return !has_zero || refuse(here(), "a text with U+0000");
  }
  bool binary(binary_t&) override { return refuse(here(), "not JSON"); }

  bool start_object(std::size_t) override { return open(Json::object()); }
  bool start_array(std::size_t) override { return open(Json::array()); }
  bool end_object() override { return close(); }
  bool end_array() override { return close(); }

  bool key(string_t& name) override {
    Level& level = levels_.back();
    if (name.find('\0') != std::string::npos) return refuse(here(false), "a name with U+0000");
    const auto [at, fresh] =
        level.value->get_ref<Json::object_t&>().emplace(std::move(name), nullptr);
    level.member = &*at;
    return fresh || refuse(here(), "a name that stands twice in its object");
  }

  bool parse_error(std::size_t position, const std::string&,
                   const nlohmann::detail::exception& e) override {
    constexpr int kNumberOverflow = 406;
    if (e.id == kNumberOverflow) return refuse(here(), "a number too large for a double");
    return refuse(here(), "not JSON at byte " + std::to_string(position));
  }

 private:
  struct Level {
    Json* value;
    Json::object_t::value_type* member = nullptr;  // of an object, the last name
  };

  bool refuse(std::string path, std::string detail, bool limit = false) {
    fault_ = {limit, std::move(path), std::move(detail)};
    return false;
  }

  Json* add(Json value) {
    if (++values_ > limits_.values) {
      refuse(here(), "more than " + std::to_string(limits_.values) + " values", true);
      return nullptr;
    }
    if (levels_.empty()) {
      root_ = std::move(value);
      return &root_;
    }
    const Level& level = levels_.back();
    if (level.member) {
      level.member->second = std::move(value);
      return &level.member->second;
    }
    return &level.value->get_ref<Json::array_t&>().emplace_back(std::move(value));
  }

  bool open(Json container) {
    if (levels_.size() >= limits_.depth)
      return refuse(here(), "nested deeper than " + std::to_string(limits_.depth));
    Json* value = add(std::move(container));
    if (value) levels_.push_back({value});
    return value != nullptr;
  }

  bool close() {
    levels_.pop_back();
    return true;
  }

  // Of the value begun last; without its own name, of the object it stands in.
  std::string here(bool with_last = true) const {
    std::string out;
    for (const Level& level : levels_) {
      if (!with_last && &level == &levels_.back()) break;
      if (level.member) out += '/' + pointer_token(level.member->first);
      else if (level.value->is_array() && !level.value->empty())
        out += '/' + std::to_string(level.value->size() - 1);
    }
    return out;
  }

  const JsonLimits limits_;
  std::size_t values_ = 0;
  Json root_;
  std::vector<Level> levels_;
  JsonFault fault_;
};

std::optional<std::string> text_fault(const std::string& text) {
  if (text.find('\0') != std::string::npos) return "a text with U+0000";
  if (!is_utf8(text)) return "a text that is not UTF-8";
  return std::nullopt;
}

// Depth-first, as deep as `limits` let it; a fault gets its path on the way back.
class MadeCheck {
 public:
  explicit MadeCheck(const JsonLimits& limits) : limits_(limits) {}

  std::optional<JsonFault> check(const Json& value, std::size_t depth) {
    if (++values_ > limits_.values)
      return JsonFault{true, "", "more than " + std::to_string(limits_.values) + " values"};
    if (value.is_structured() && depth >= limits_.depth)
      return JsonFault{false, "", "nested deeper than " + std::to_string(limits_.depth)};
    if (value.is_number_float() && !std::isfinite(value.get<double>()))
      return JsonFault{false, "", "a number that is not finite"};
    if (value.is_binary() || value.is_discarded()) return JsonFault{false, "", "not JSON"};
    if (value.is_string()) {
      if (auto wrong = text_fault(value.get_ref<const std::string&>()))
        return JsonFault{false, "", *std::move(wrong)};
    }
    return value.is_object() ? check_members(value, depth) : check_elements(value, depth);
  }

 private:
  std::optional<JsonFault> check_members(const Json& object, std::size_t depth) {
    for (const auto& [name, part] : object.get_ref<const Json::object_t&>()) {
      if (auto wrong = text_fault(name)) return JsonFault{false, "", *std::move(wrong)};
      if (auto fault = check(part, depth + 1)) {
        fault->path.insert(0, '/' + pointer_token(name));
        return fault;
      }
    }
    return std::nullopt;
  }
  std::optional<JsonFault> check_elements(const Json& array, std::size_t depth) {
    for (std::size_t i = 0; array.is_array() && i < array.size(); ++i) {
      if (auto fault = check(array[i], depth + 1)) {
        fault->path.insert(0, '/' + std::to_string(i));
        return fault;
      }
    }
    return std::nullopt;
  }

  const JsonLimits limits_;
  std::size_t values_ = 0;
};

}  // namespace

std::string_view bare(std::string_view text) {
  if (text.starts_with(kMark)) text.remove_prefix(kMark.size());
  const auto first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

std::string pointer_token(std::string_view name) {
  std::string out;
  for (const char c : name.substr(0, kNameShown)) {
    if (c == '~') out += "~0";
    else if (c == '/') out += "~1";
    else out += c;
  }
  if (name.size() > kNameShown) {
    while (!is_utf8(out)) out.pop_back();
    out += "...";
  }
  return out;
}

std::variant<Json, JsonFault> read_json(std::string_view text, const JsonLimits& limits) {
  text = bare(text);
  if (!is_utf8(text)) return JsonFault{false, "", "not UTF-8"};
  // The reader takes it for the end of what it reads.
  if (text.find('\0') != std::string_view::npos) return JsonFault{false, "", "not JSON: a byte 0"};
  // It would read over a second mark, which is not where elements_of looks for one.
  if (text.starts_with(kMark)) return JsonFault{false, "", "not JSON at byte 1"};
  Builder builder(limits);
  if (!Json::sax_parse(text.begin(), text.end(), &builder)) return std::move(builder).fault();
  return builder.take();
}

std::optional<JsonFault> check_json(const Json& made, const JsonLimits& limits) {
  return MadeCheck(limits).check(made, 0);
}

}  // namespace lotmark::epcis
