#include "edge-agent/source/senml.h"

#include <nlohmann/json.hpp>

#include "core/wire/limits.h"
#include "edge-agent/source/decimal.h"

namespace lotmark::agent {

namespace {

using Json = nlohmann::json;

// Section 4.5.3: a smaller time is relative to now.
constexpr std::int64_t kAbsoluteFromMs = (std::int64_t{1} << 28) * 1000;

struct Record {
  std::optional<std::string> bn, n, bu, u, vs;
  // Numbers, as their text; empty for what is of another kind, which then reads as no number.
  std::optional<std::string> bt, bv, t, v;
};

// Keeps numbers as text: a double would not be exact. One level of array, one of objects; what lies deeper is
// an extension's value and passed over.
class Sax final : public Json::json_sax_t {
 public:
  std::vector<Record> records;

  bool key(string_t& k) override {
    if (depth_ == 1) key_ = k;
    // Section 4.4: a name that ends in _ must be understood; none is.
    return depth_ != 1 || !k.ends_with('_');
  }
  bool number_integer(number_integer_t v) override { return number(std::to_string(v)); }
  bool number_unsigned(number_unsigned_t v) override { return number(std::to_string(v)); }
  bool number_float(number_float_t, const string_t& text) override { return number(text); }
  bool string(string_t& s) override {
    if (depth_ != 1) return depth_ > 1;
    auto* place = text_of(records.back());
    if (place == nullptr) return other();
    *place = s;
    return true;
  }
  bool start_object(std::size_t) override {
    if (depth_++ > 0) return depth_ > 2 || other();
    records.emplace_back();
    return true;
  }
  bool end_object() override {
    --depth_;
    return true;
  }
  bool start_array(std::size_t) override {
    if (depth_ == 0) return !std::exchange(array_, true);
    return ++depth_ > 2 || other();
  }
  bool end_array() override {
    if (depth_ > 0) --depth_;
    return true;
  }
  bool null() override { return depth_ > 1 || (depth_ == 1 && other()); }
  bool boolean(bool) override { return null(); }
  bool binary(binary_t&) override { return false; }
  bool parse_error(std::size_t, const std::string&, const nlohmann::detail::exception&) override {
    return false;
  }

 private:
  bool number(std::string text) {
    if (depth_ != 1) return depth_ > 1;
    auto* place = number_of(records.back());
    if (place == nullptr) return other();
    *place = std::move(text);
    return true;
  }
  // A value of a kind that the key of a record does not have. Without its name or unit a reading is none; a
  // value that is no number, or no text, becomes a gap; keys that are not ours are passed over.
  bool other() {
    auto& r = records.back();
    if (auto* place = number_of(r)) *place = "";
    if (key_ == "vs") r.v = "";
    return key_ == "vs" || text_of(r) == nullptr;
  }
  std::optional<std::string>* number_of(Record& r) const {
    if (key_ == "bt") return &r.bt;
    if (key_ == "bv") return &r.bv;
    if (key_ == "t") return &r.t;
    return key_ == "v" ? &r.v : nullptr;
  }
  std::optional<std::string>* text_of(Record& r) const {
    if (key_ == "bn") return &r.bn;
    if (key_ == "n") return &r.n;
    if (key_ == "bu") return &r.bu;
    if (key_ == "u") return &r.u;
    return key_ == "vs" ? &r.vs : nullptr;
  }
  std::string key_;
  int depth_ = 0;
  bool array_ = false;
};

// Carries what one record hands to the next within a line.
struct Base {
  std::string name, unit;
  std::optional<std::string> time, value;
};

std::optional<std::int64_t> ms_of(const Base& base, const Record& r, std::optional<Time> now) {
  std::int64_t sum = 0;
  for (const auto& part : {base.time, r.t}) {
    std::int64_t ms = 0;
    if (part && !read_decimal(*part, -3, true, ms)) return std::nullopt;
    sum += ms;
  }
  if (sum >= kAbsoluteFromMs) return sum;
  if (!now) return std::nullopt;
  return to_ms(*now) + sum;
}

std::variant<std::int64_t, std::string, GapReason> value_of(const Base& base, const Record& r,
                                                            std::int64_t exp, bool round) {
  if (r.vs) return *r.vs;
  std::int64_t sum = 0;
  for (const auto& part : {base.value, r.v}) {
    std::int64_t v = 0;
    if (part && !read_decimal(*part, exp, round, v)) return GapReason::kNotANumber;
    sum += v;
  }
  if (sum > limits::kIntMax || sum < -limits::kIntMax) return GapReason::kNotANumber;
  return sum;
}

void take_base(const Record& r, Base& base) {
  if (r.bn) base.name = *r.bn;
  if (r.bu) base.unit = *r.bu;
  if (r.bt) base.time = r.bt;
  if (r.bv) base.value = r.bv;
}

// Where the reading belongs; false if its name is not one of the columns.
bool name_reading(const SenmlOptions& options, const std::string& name, Reading& out) {
  if (options.columns.empty()) {
    out.channel = name;
    out.exp = options.exp;
    return true;
  }
  for (const auto& c : options.columns) {
    if (c.column != name) continue;
    out.channel = c.channel.empty() ? c.column : c.channel;
    if (!c.unit.empty()) out.unit = c.unit;
    out.exp = c.exp;
    return true;
  }
  return false;
}

}  // namespace

Result<std::vector<Reading>> read_senml(std::string_view line, const SenmlOptions& options,
                                        std::optional<Time> now) {
  Sax sax;
  if (!Json::sax_parse(line.begin(), line.end(), &sax)) return fail(Errc::kFieldRange, "no SenML");
  std::vector<Reading> out;
  Base base;
  for (const auto& r : sax.records) {
    take_base(r, base);
    if (!r.v && !r.vs) continue;
    const auto t = ms_of(base, r, now);
    if (!t || *t < 0 || *t > limits::kIntMax) return fail(Errc::kFieldRange, "no time");
    Reading reading;
    reading.unit = r.u.value_or(base.unit);
    reading.t = *t;
    if (!name_reading(options, base.name + r.n.value_or(""), reading)) continue;
    reading.value = value_of(base, r, reading.exp, options.round);
    out.push_back(std::move(reading));
  }
  return out;
}

}  // namespace lotmark::agent
