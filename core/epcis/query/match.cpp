#include <algorithm>

#include "core/epcis/query/query.h"
#include "core/epcis/query/units.h"

namespace lotmark::epcis {

namespace {

bool holds_for_any(Comparison comparison, const std::vector<double>& asked,
                   const auto& ordering_to) {
  return std::ranges::any_of(asked,
                             [&](double number) { return holds(comparison, ordering_to(number)); });
}

bool meets(const TextCondition& condition, const EventFacts& facts) {
  return std::ranges::any_of(facts.of(condition.fact), [&](const std::string& text) {
    return condition.values.contains(text);
  });
}

bool meets(const TimeCondition& condition, const EventFacts& facts) {
  return std::ranges::any_of(facts.of(condition.fact), [&](std::int64_t held) {
    return std::ranges::any_of(condition.times_ms, [&](std::int64_t asked) {
      return holds(condition.comparison, held <=> asked);
    });
  });
}

bool meets(const IdentityCondition& condition, const EventFacts& facts) {
  return std::ranges::any_of(condition.lists, [&](IdentityList list) {
    return std::ranges::any_of(facts.of(list), [&](const Identity& identity) {
      return is_class_list(list) ? condition.patterns.cover_class(identity)
                                 : condition.patterns.cover_instance(identity);
    });
  });
}

bool meets(const QuantityCondition& condition, const EventFacts& facts) {
  return std::ranges::any_of(facts.quantities, [&](const Quantity& held) {
    return holds_for_any(condition.comparison, condition.numbers, [&](double asked) {
      const std::string& uom = condition.uom.empty() ? held.uom : condition.uom;
      return compare_amounts({held.number, held.uom}, {asked, uom}, AmountKind::kPoint);
    });
  });
}

bool meets(const SensorCondition& condition, const EventFacts& facts) {
  const auto kind =
      condition.fact == SensorFact::kDeviation ? AmountKind::kDifference : AmountKind::kPoint;
  return std::ranges::any_of(facts.sensor_numbers, [&](const SensorNumber& held) {
    if (held.fact != condition.fact) return false;
    return holds_for_any(condition.comparison, condition.numbers, [&](double asked) {
      const std::string& uom = condition.uom.empty() ? held.uom : condition.uom;
      return compare_amounts({held.number, held.uom}, {asked, uom}, kind);
    });
  });
}

bool meets(const PartnerCondition& condition, const EventFacts& facts) {
  return std::ranges::any_of(facts.partners, [&](const Partner& partner) {
    return partner.list == condition.list && condition.values.contains(partner.value) &&
           std::ranges::find(partner.types, condition.type) != partner.types.end();
  });
}

bool meets(const FieldCondition& condition, const Field& field) {
  if (field.area != condition.area || field.inner != condition.inner ||
      !condition.name.asks_for(field.name))
    return false;
  if (!condition.comparison) return true;
  return std::ranges::any_of(field.values, [&](const FieldValue& held) {
    return std::ranges::any_of(condition.values, [&](const FieldValue& asked) {
      return *condition.comparison == Comparison::kEq
                 ? equal(asked, held)
                 : holds(*condition.comparison, compare(held, asked));
    });
  });
}

bool meets(const FieldCondition& condition, const EventFacts& facts) {
  return std::ranges::any_of(facts.fields,
                             [&](const Field& field) { return meets(condition, field); });
}

bool meets_all(const auto& conditions, const EventFacts& facts) {
  return std::ranges::all_of(conditions,
                             [&](const auto& condition) { return meets(condition, facts); });
}

}  // namespace

bool matches(const SimpleQuery& query, const EventFacts& facts) {
  if (query.asks_master_data || (query.has_error_declaration && !facts.has_error_declaration) ||
      (query.has_sensor_elements && !facts.has_sensor_elements))
    return false;
  return meets_all(query.times, facts) && meets_all(query.texts, facts) &&
         meets_all(query.identities, facts) && meets_all(query.partners, facts) &&
         meets_all(query.quantities, facts) && meets_all(query.sensors, facts) &&
         meets_all(query.fields, facts);
}

}  // namespace lotmark::epcis
