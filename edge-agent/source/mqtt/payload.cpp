#include "edge-agent/source/mqtt/payload.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/wire/limits.h"
#include "edge-agent/source/decimal.h"

namespace lotmark::agent {

namespace {

using Json = nlohmann::json;

// Keeps numbers as text: a double would not be exact.
class PointerSax final : public Json::json_sax_t {
 public:
  explicit PointerSax(const std::vector<JsonPointer>& pointers)
      : pointers_(pointers), found_(pointers.size()) {}
  std::vector<std::optional<Leaf>> take() { return std::move(found_); }

  bool null() override { return leaf({Leaf::Kind::kOther, ""}); }
  bool boolean(bool v) override { return leaf({Leaf::Kind::kFlag, v ? "1" : "0"}); }
  bool number_integer(number_integer_t v) override {
    return leaf({Leaf::Kind::kNumber, std::to_string(v)});
  }
  bool number_unsigned(number_unsigned_t v) override {
    return leaf({Leaf::Kind::kNumber, std::to_string(v)});
  }
  bool number_float(number_float_t, const string_t& text) override {
    return leaf({Leaf::Kind::kNumber, text});
  }
  bool string(string_t& s) override { return leaf({Leaf::Kind::kText, s}); }
  bool binary(binary_t&) override { return false; }
  bool key(string_t& k) override {
    path_.back().token = k;
    return true;
  }
  bool start_object(std::size_t) override { return begin(false); }
  bool start_array(std::size_t) override { return begin(true); }
  bool end_object() override { return end(); }
  bool end_array() override { return end(); }
  bool parse_error(std::size_t, const std::string&, const nlohmann::detail::exception&) override {
    return false;
  }

 private:
  struct Step {
    bool array = false;
    std::size_t index = 0;
    std::string token;
  };
  bool begin(bool array) {
    if (path_.size() == kJsonDepthMax || !note({Leaf::Kind::kOther, ""})) return false;
    path_.push_back({array, 0, array ? "0" : ""});
    return true;
  }
  bool end() {
    path_.pop_back();
    return next();
  }
  bool leaf(Leaf l) { return note(std::move(l)) && next(); }
  // The next element of an array has the next number.
  bool next() {
    if (!path_.empty() && path_.back().array)
      path_.back().token = std::to_string(++path_.back().index);
    return true;
  }
  bool note(Leaf l) {
    for (std::size_t i = 0; i < pointers_.size(); ++i) {
      const auto& tokens = pointers_[i].tokens();
      const bool here = std::ranges::equal(tokens, path_, {}, {}, &Step::token);
      if (!here) continue;
      if (found_[i]) return false;
      found_[i] = l;
    }
    return true;
  }

  const std::vector<JsonPointer>& pointers_;
  std::vector<std::optional<Leaf>> found_;
  std::vector<Step> path_;
};

}  // namespace

Result<JsonPointer> JsonPointer::read(std::string_view text) {
  JsonPointer out;
  if (text.empty()) return out;
  if (text.front() != '/' || text.size() > limits::kText)
    return fail(Errc::kUsage, "must be empty or begin with /, and have at most 256 bytes");
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '/') {
      out.tokens_.emplace_back();
    } else if (text[i] != '~') {
      out.tokens_.back() += text[i];
    } else if (++i < text.size() && (text[i] == '0' || text[i] == '1')) {
      out.tokens_.back() += text[i] == '0' ? '~' : '/';
    } else {
      return fail(Errc::kUsage, "~ must be ~0 or ~1");
    }
  }
  if (out.tokens_.size() > kJsonDepthMax) return fail(Errc::kUsage, "is deeper than 32");
  return out;
}

Result<std::vector<std::optional<Leaf>>> read_json(std::string_view payload,
                                                   const std::vector<JsonPointer>& pointers) {
  PointerSax sax(pointers);
  if (!Json::sax_parse(payload.begin(), payload.end(), &sax))
    return fail(Errc::kFieldRange, "no JSON");
  return sax.take();
}

std::variant<std::int64_t, std::string, GapReason> value_of(const Leaf& leaf,
                                                            const PayloadValue& value) {
  if (leaf.kind == Leaf::Kind::kOther) return GapReason::kNotANumber;
  if (value.text) {
    const bool fits = !leaf.text.empty() && leaf.text.size() <= limits::kText;
    if (fits) return leaf.text;
    return GapReason::kNotANumber;
  }
  std::int64_t v = 0;
  if (read_decimal(leaf.text, value.exp, value.round, v)) return v;
  return GapReason::kNotANumber;
}

Leaf plain_leaf(std::string_view payload) {
  constexpr const char* kBlanks = " \t\r\n";
  const auto begin = std::min(payload.find_first_not_of(kBlanks), payload.size());
  payload.remove_prefix(begin);
  payload = payload.substr(0, payload.find_last_not_of(kBlanks) + 1);
  return {Leaf::Kind::kText, std::string(payload)};
}

}  // namespace lotmark::agent
