#include "core/epcis/query/given.h"

#include <cmath>
#include <set>

#include "core/base/utf8.h"
#include "core/epcis/hash/event_time.h"
#include "core/epcis/query/field_value.h"
#include "core/epcis/query/query.h"

namespace lotmark::epcis {

namespace {

Error too_large(const Given& given, const std::string& what) {
  return fail(Errc::kTooLarge, "query parameter " + given.name.substr(0, 80) + " " + what);
}

Status check_name(const std::string& name) {
  if (name.size() > kQueryTextMax)
    return fail(Errc::kTooLarge, "a query parameter's name is longer than 2048 bytes");
  if (!is_utf8(name)) return fail(Errc::kUsage, "a query parameter's name is no UTF-8");
  return {};
}

Status add_text(Given& given, std::string_view text) {
  if (text.size() > kQueryTextMax) return too_large(given, "has a value of more than 2048 bytes");
  if (!is_utf8(text)) return given.bad("is no UTF-8");
  given.values.push_back({GivenValue::Type::kText, std::string(text)});
  return {};
}

Status add_json(Given& given, const Json& value) {
  if (value.is_string()) return add_text(given, value.get_ref<const std::string&>());
  GivenValue out;
  if (value.is_number()) {
    out.type = GivenValue::Type::kNumber;
    out.number = value.get<double>();
    if (!std::isfinite(out.number)) return given.bad("is no finite number");
  } else if (value.is_boolean()) {
    out.type = GivenValue::Type::kTruth;
    out.truth = value.get<bool>();
  } else if (value.is_null()) {
    out.type = GivenValue::Type::kNull;
  } else {
    return given.bad("is a text, a number, true, false or null, or a list of these");
  }
  given.values.push_back(std::move(out));
  return {};
}

}  // namespace

Error Given::bad(const std::string& why) const {
  return fail(Errc::kUsage, "query parameter " + name.substr(0, 80) + " " + why);
}

Result<GivenValue> Given::single() const {
  if (values.size() != 1) return bad("takes one value");
  return values[0];
}

Result<double> Given::number(const GivenValue& value) const {
  if (value.type == GivenValue::Type::kNumber) return value.number;
  if (value.type == GivenValue::Type::kText && !typed) {
    if (const auto number = number_in(value.text)) return *number;
  }
  return bad("takes a number");
}

Result<std::int64_t> Given::time_ms(const GivenValue& value) const {
  if (value.type == GivenValue::Type::kText) {
    if (const auto ms = event_time_ms(value.text)) return *ms;
  }
  return bad("takes a point in time as 2026-03-04T11:00:30.000+01:00");
}

Result<std::uint64_t> Given::count() const {
  LM_ASSIGN(const auto value, single());
  LM_ASSIGN(const auto number, this->number(value));
  if (number < 1 || number > static_cast<double>(kEventCountMax) || number != std::floor(number))
    return bad("takes a whole number from 1 to 1000000000");
  return static_cast<std::uint64_t>(number);
}

Result<bool> Given::presence() const {
  LM_ASSIGN(const auto value, single());
  switch (value.type) {
    case GivenValue::Type::kNull: return true;
    case GivenValue::Type::kTruth: return value.truth;
    case GivenValue::Type::kNumber:
      if (value.number == 0 || value.number == 1) return value.number == 1;
      break;
    case GivenValue::Type::kText:
      if (value.text.empty() || value.text == "true" || value.text == "1") return true;
      if (value.text == "false" || value.text == "0") return false;
      break;
  }
  return bad("takes true or false");
}

Result<std::string> Given::text(const GivenValue& value) const {
  if (value.type != GivenValue::Type::kText) return bad("takes texts");
  return value.text;
}

Result<std::vector<Given>> given_in(
    const std::vector<std::pair<std::string, std::string>>& parameters) {
  if (parameters.size() > kQueryParametersMax)
    return fail(Errc::kTooLarge, "more than 64 query parameters");
  std::vector<Given> out;
  std::set<std::string_view> names;
  for (const auto& [name, value] : parameters) {
    LM_TRY(check_name(name));
    Given given{name, {}, false};
    if (!names.insert(name).second) return given.bad("is given twice: a list is joined by '|'");
    std::string_view rest = value;
    for (;;) {
      const auto bar = rest.find('|');
      LM_TRY(add_text(given, rest.substr(0, bar)));
      if (bar == std::string_view::npos) break;
      if (given.values.size() == kQueryValuesMax)
        return too_large(given, "has more than 1000 values");
      rest.remove_prefix(bar + 1);
    }
    out.push_back(std::move(given));
  }
  return out;
}

Result<std::vector<Given>> given_in(const Json& query) {
  if (!query.is_object()) return fail(Errc::kUsage, "a query is an object of its parameters");
  if (query.size() > kQueryParametersMax + 1)
    return fail(Errc::kTooLarge, "more than 64 query parameters");
  std::vector<Given> out;
  for (const auto& [name, value] : query.items()) {
    if (name == "@context") continue;
    LM_TRY(check_name(name));
    Given given{name, {}, true};
    if (!value.is_array()) {
      LM_TRY(add_json(given, value));
    } else {
      if (value.empty()) return given.bad("is an empty list");
      if (value.size() > kQueryValuesMax) return too_large(given, "has more than 1000 values");
      for (const auto& one : value) LM_TRY(add_json(given, one));
    }
    out.push_back(std::move(given));
  }
  if (out.size() > kQueryParametersMax)
    return fail(Errc::kTooLarge, "more than 64 query parameters");
  return out;
}

}  // namespace lotmark::epcis
