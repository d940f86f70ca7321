#include "core/epcis/query/terms.h"

#include <algorithm>
#include <array>
#include <bit>

#include "core/crypto/sha256.h"
#include "core/epcis/query/units.h"

namespace lotmark::epcis {

namespace {

// Never renumber: stored indexes hold terms made of these.
enum class TermKind : std::uint8_t {
  kText = 1,              // TextFact, text
  kInstance = 2,          // canonical identity or its class, of whichever list
  kClass = 3,             // canonical identity of a quantity's class
  kKey = 4,               // key of an identity of an instance or class
  kPartner = 5,           // PartnerList, type, 0, value
  kQuantity = 6,          // dimension; empty: any quantity
  kSensorNumber = 7,      // SensorFact, dimension; without dimension: any
  kErrorDeclaration = 8,  // empty
  kSensorElements = 9,    // empty
  kSensorTime = 10,       // TimeFact
  kField = 11,            // area, inner, W or F, name
  kFieldText = 12,        // the same, 0, text
  kFieldNumber = 13,      // the same, 0, bits of the number
  kFieldTime = 14,        // the same, 0, milliseconds
  kNothing = 15,          // no event has it
};

Term term(TermKind kind, std::string_view text) {
  const auto byte = static_cast<std::uint8_t>(kind);
  const Digest digest = sha256({ByteView(&byte, 1), as_bytes(text)});
  Term out = 0;
  for (std::size_t i = 0; i < sizeof out; ++i) out = out << 8 | digest.bytes[i];
  return out;
}

std::string number_bytes(std::uint64_t number) {
  std::string out(8, '\0');
  for (std::size_t i = 8; i-- > 0; number >>= 8) out[i] = static_cast<char>(number & 0xff);
  return out;
}

char digit(auto enumerator) { return static_cast<char>('A' + static_cast<int>(enumerator)); }

Term text_term(TextFact fact, std::string_view text) {
  return term(TermKind::kText, std::string(1, digit(fact)).append(text));
}

Term partner_term(PartnerList list, std::string_view type, std::string_view value) {
  std::string text(1, digit(list));
  text.append(type).push_back('\0');
  return term(TermKind::kPartner, text.append(value));
}

Term sensor_term(SensorFact fact, std::string_view dimension) {
  return term(TermKind::kSensorNumber, std::string(1, digit(fact)).append(dimension));
}

// A field's name in terms: by what it is asked for.
std::string field_key(FieldArea area, bool inner, bool full, std::string_view name) {
  return std::string{digit(area), inner ? '1' : '0', full ? 'F' : 'W'}.append(name);
}

Term value_term(TermKind kind, const std::string& key, std::string_view value) {
  std::string text = key;
  text.push_back('\0');
  return term(kind, text.append(value));
}

Term number_term(const std::string& key, double number) {
  const double one_zero = number == 0 ? 0 : number;  // and not -0
  return value_term(TermKind::kFieldNumber, key,
                    number_bytes(std::bit_cast<std::uint64_t>(one_zero)));
}

Term time_term(const std::string& key, std::int64_t ms) {
  return value_term(TermKind::kFieldTime, key, number_bytes(static_cast<std::uint64_t>(ms)));
}

void add_field_terms(const std::string& key, const Field& field, std::vector<Term>& out) {
  out.push_back(term(TermKind::kField, key));
  for (const auto& value : field.values) {
    if (!value.typed) out.push_back(value_term(TermKind::kFieldText, key, value.text));
    if (value.number) out.push_back(number_term(key, *value.number));
    if (value.time_ms) out.push_back(time_term(key, *value.time_ms));
  }
}

void add_number_terms(const EventFacts& facts, std::vector<Term>& out) {
  for (const auto& quantity : facts.quantities) {
    out.push_back(term(TermKind::kQuantity, ""));
    if (!quantity.uom.empty()) out.push_back(term(TermKind::kQuantity, dimension_of(quantity.uom)));
  }
  for (const auto& number : facts.sensor_numbers) {
    out.push_back(sensor_term(number.fact, ""));
    if (!number.uom.empty()) out.push_back(sensor_term(number.fact, dimension_of(number.uom)));
  }
}

void add_identity_terms(const EventFacts& facts, std::vector<Term>& out) {
  for (std::size_t i = 0; i < kIdentityLists; ++i) {
    const bool classes = is_class_list(static_cast<IdentityList>(i));
    for (const auto& identity : facts.identities[i]) {
      out.push_back(term(classes ? TermKind::kClass : TermKind::kInstance, identity.canonical));
      if (!classes && !identity.of_class.empty())
        out.push_back(term(TermKind::kInstance, identity.of_class));
      if (!identity.key().empty()) out.push_back(term(TermKind::kKey, identity.key()));
    }
  }
}

std::vector<Term> needed(const TextCondition& condition) {
  std::vector<Term> out;
  for (const auto& value : condition.values) out.push_back(text_term(condition.fact, value));
  return out;
}

std::vector<Term> needed(const TimeCondition& condition) {
  switch (condition.fact) {
    case TimeFact::kEventTime:
    case TimeFact::kRecordTime: return {};
    case TimeFact::kErrorDeclarationTime: return {term(TermKind::kErrorDeclaration, "")};
    case TimeFact::kSensorTime:
    case TimeFact::kSensorStart:
    case TimeFact::kSensorEnd: break;
  }
  return {term(TermKind::kSensorTime, std::string(1, digit(condition.fact)))};
}

std::vector<Term> needed(const IdentityCondition& condition) {
  const auto kind = is_class_list(condition.lists.front()) ? TermKind::kClass : TermKind::kInstance;
  std::vector<Term> out;
  for (const auto& identity : condition.patterns.exact()) out.push_back(term(kind, identity));
  for (const auto& wide : condition.patterns.wide())
    out.push_back(term(TermKind::kKey, key_of_identity(wide.start)));
  return out;
}

std::vector<Term> needed(const PartnerCondition& condition) {
  std::vector<Term> out;
  for (const auto& value : condition.values)
    out.push_back(partner_term(condition.list, condition.type, value));
  return out;
}

std::vector<Term> needed(const QuantityCondition& condition) {
  return {term(TermKind::kQuantity, condition.uom.empty() ? "" : dimension_of(condition.uom))};
}

std::vector<Term> needed(const SensorCondition& condition) {
  return {sensor_term(condition.fact, condition.uom.empty() ? "" : dimension_of(condition.uom))};
}

void add_asked(const FieldCondition& condition, const std::string& key, std::vector<Term>& out) {
  if (condition.comparison != Comparison::kEq) {
    out.push_back(term(TermKind::kField, key));
    return;
  }
  for (const auto& value : condition.values) {
    if (!value.typed) out.push_back(value_term(TermKind::kFieldText, key, value.text));
    if (value.number) out.push_back(number_term(key, *value.number));
    if (value.time_ms) out.push_back(time_term(key, *value.time_ms));
  }
}

std::vector<Term> needed(const FieldCondition& condition) {
  std::vector<Term> out;
  const auto& name = condition.name;
  if (!name.full.empty())
    add_asked(condition, field_key(condition.area, condition.inner, true, name.full), out);
  if (!name.written.empty())
    add_asked(condition, field_key(condition.area, condition.inner, false, name.written), out);
  return out;
}

void sort_each_once(std::vector<Term>& terms) {
  std::ranges::sort(terms);
  const auto twice = std::ranges::unique(terms);
  terms.erase(twice.begin(), twice.end());
}

}  // namespace

std::vector<Term> terms_of(const EventFacts& facts) {
  std::vector<Term> out;
  for (std::size_t i = 0; i < kTextFacts; ++i)
    for (const auto& text : facts.texts[i])
      out.push_back(text_term(static_cast<TextFact>(i), text));
  for (const auto fact : {TimeFact::kSensorTime, TimeFact::kSensorStart, TimeFact::kSensorEnd})
    if (!facts.of(fact).empty())
      out.push_back(term(TermKind::kSensorTime, std::string(1, digit(fact))));
  add_identity_terms(facts, out);
  for (const auto& partner : facts.partners)
    for (const auto& type : partner.types)
      out.push_back(partner_term(partner.list, type, partner.value));
  add_number_terms(facts, out);
  if (facts.has_error_declaration) out.push_back(term(TermKind::kErrorDeclaration, ""));
  if (facts.has_sensor_elements) out.push_back(term(TermKind::kSensorElements, ""));
  for (const auto& field : facts.fields) {
    add_field_terms(field_key(field.area, field.inner, false, field.name.written), field, out);
    if (!field.name.full.empty())
      add_field_terms(field_key(field.area, field.inner, true, field.name.full), field, out);
  }
  sort_each_once(out);
  return out;
}

std::vector<std::vector<Term>> needed_terms(const SimpleQuery& query) {
  std::vector<std::vector<Term>> out;
  const auto add = [&out](std::vector<Term> terms) {
    sort_each_once(terms);
    if (!terms.empty()) out.push_back(std::move(terms));
  };
  if (query.asks_master_data) add({term(TermKind::kNothing, "")});
  if (query.has_error_declaration) add({term(TermKind::kErrorDeclaration, "")});
  if (query.has_sensor_elements) add({term(TermKind::kSensorElements, "")});
  for (const auto& condition : query.texts) add(needed(condition));
  for (const auto& condition : query.times) add(needed(condition));
  for (const auto& condition : query.identities) add(needed(condition));
  for (const auto& condition : query.partners) add(needed(condition));
  for (const auto& condition : query.quantities) add(needed(condition));
  for (const auto& condition : query.sensors) add(needed(condition));
  for (const auto& condition : query.fields) add(needed(condition));
  std::ranges::sort(out, {}, [](const std::vector<Term>& terms) { return terms.size(); });
  return out;
}

}  // namespace lotmark::epcis
