#include "core/epcis/query/field_value.h"

#include <charconv>
#include <cmath>

#include "core/epcis/hash/event_time.h"

namespace lotmark::epcis {

bool holds(Comparison comparison, std::partial_ordering ordering) {
  switch (comparison) {
    case Comparison::kEq: return ordering == 0;
    case Comparison::kGt: return ordering > 0;
    case Comparison::kGe: return ordering >= 0;
    case Comparison::kLt: return ordering < 0;
    case Comparison::kLe: return ordering <= 0;
  }
  return false;
}

std::optional<double> number_in(std::string_view text) {
  if (text.empty() || text.size() > 64) return std::nullopt;
  const char first = text.front() == '-' && text.size() > 1 ? text[1] : text.front();
  if (first < '0' || first > '9') return std::nullopt;  // no "inf", no ".5"
  double number = 0;
  const auto end = text.data() + text.size();
  const auto [at, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc() || at != end || !std::isfinite(number)) return std::nullopt;
  return number;
}

FieldValue FieldValue::of(std::string_view text) {
  return {std::string(text), false, number_in(text), event_time_ms(text)};
}

FieldValue FieldValue::of(double number) {
  char digits[32];
  const auto end = std::to_chars(digits, digits + sizeof digits, number).ptr;
  return {std::string(digits, end), true, number, std::nullopt};
}

FieldValue FieldValue::of(bool truth) {
  return {truth ? "true" : "false", false, std::nullopt, std::nullopt};
}

std::optional<FieldValue> FieldValue::of(const Json& scalar) {
  if (scalar.is_string()) return of(std::string_view(scalar.get_ref<const std::string&>()));
  if (scalar.is_boolean()) return of(scalar.get<bool>());
  if (scalar.is_number()) return of(scalar.get<double>());
  return std::nullopt;
}

bool equal(const FieldValue& asked, const FieldValue& held) {
  if (asked.typed || held.typed)
    return asked.number && held.number && *asked.number == *held.number;
  if (asked.text == held.text) return true;
  return asked.time_ms && held.time_ms && *asked.time_ms == *held.time_ms;
}

std::partial_ordering compare(const FieldValue& held, const FieldValue& asked) {
  if (asked.number)
    return held.number ? *held.number <=> *asked.number : std::partial_ordering::unordered;
  if (asked.time_ms && held.time_ms) return *held.time_ms <=> *asked.time_ms;
  return std::partial_ordering::unordered;
}

}  // namespace lotmark::epcis
