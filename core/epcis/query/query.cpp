#include "core/epcis/query/query.h"

#include <algorithm>
#include <array>

#include "core/epcis/query/given.h"
#include "core/epcis/query/parameter.h"

namespace lotmark::epcis {

namespace {

constexpr auto kEventTypes =
    std::to_array<std::string_view>({"ObjectEvent", "AggregationEvent", "TransactionEvent",
                                     "TransformationEvent", "AssociationEvent"});
constexpr auto kActions = std::to_array<std::string_view>({"ADD", "OBSERVE", "DELETE"});

// Whether a text can be a value of that fact at all.
bool is_value_of(TextFact fact, std::string_view text) {
  switch (fact) {
    case TextFact::kAction: return std::ranges::find(kActions, text) != kActions.end();
    case TextFact::kBooleanValue: return text == "true" || text == "false";
    case TextFact::kStringValue: return true;
    case TextFact::kHexBinaryValue:
      return text.size() % 2 == 0 &&
             text.find_first_not_of("0123456789abcdefABCDEF") == std::string_view::npos;
    case TextFact::kEventType:
      return std::ranges::find(kEventTypes, text) != kEventTypes.end() || is_uri_like(text);
    default: break;
  }
  const Spelling spelling = spelling_of(fact);
  if (spelling == Spelling::kPlain || spelling == Spelling::kIdentity)
    return fact == TextFact::kTransformationId ? !text.empty() : is_uri_like(text);
  return is_bare_word(text) || is_uri_like(text);
}

class QueryBuilder {
 public:
  explicit QueryBuilder(const Context& context) : context_(context) {}

  Status add(const Given& given) {
    const auto parameter = parameter_of(given.name);
    if (!parameter) return given.bad("is unknown");
    switch (parameter->kind) {
      case ParameterKind::kText: return add_text(given, static_cast<TextFact>(parameter->fact));
      case ParameterKind::kTime: return add_time(given, *parameter);
      case ParameterKind::kIdentity: return add_identities(given, *parameter);
      case ParameterKind::kQuantity:
      case ParameterKind::kSensor: return add_numbers(given, *parameter);
      case ParameterKind::kPartner: return add_partner(given, *parameter);
      case ParameterKind::kField:
      case ParameterKind::kFieldExists: return add_field(given, *parameter);
      case ParameterKind::kMasterData: out_.asks_master_data = true; return {};
      case ParameterKind::kErrorDeclarationExists:
        return add_presence(given, out_.has_error_declaration);
      case ParameterKind::kSensorElementsExist:
        return add_presence(given, out_.has_sensor_elements);
      case ParameterKind::kOrderBy: return add_order(given);
      case ParameterKind::kOrderDirection: return add_direction(given);
      case ParameterKind::kEventCountLimit: return add_count(given, out_.event_count_limit);
      case ParameterKind::kMaxEventCount: return add_count(given, out_.max_event_count);
      case ParameterKind::kPassedOver: return {};
    }
    return given.bad("is unknown");
  }

  Result<SimpleQuery> finish() {
    if (out_.event_count_limit && out_.max_event_count)
      return fail(Errc::kUsage, "eventCountLimit and maxEventCount exclude each other");
    if (out_.event_count_limit && !out_.order_by)
      return fail(Errc::kUsage, "eventCountLimit needs orderBy");
    return std::move(out_);
  }

 private:
  Status add_text(const Given& given, TextFact fact) {
    TextCondition condition{fact, {}};
    for (const auto& value : given.values) {
      std::string text;
      if (fact == TextFact::kBooleanValue && value.type == GivenValue::Type::kTruth) {
        text = value.truth ? "true" : "false";
      } else {
        LM_ASSIGN(text, given.text(value));
      }
      if (!is_value_of(fact, text)) return given.bad("cannot be \"" + text.substr(0, 80) + "\"");
      condition.values.insert(spelled(text, spelling_of(fact), context_));
    }
    out_.texts.push_back(std::move(condition));
    return {};
  }

  Status add_time(const Given& given, const Parameter& parameter) {
    TimeCondition condition{static_cast<TimeFact>(parameter.fact), parameter.comparison, {}};
    if (parameter.comparison != Comparison::kEq) LM_TRY(given.single());
    for (const auto& value : given.values) {
      LM_ASSIGN(const auto ms, given.time_ms(value));
      condition.times_ms.push_back(ms);
    }
    out_.times.push_back(std::move(condition));
    return {};
  }

  Status add_identities(const Given& given, const Parameter& parameter) {
    IdentityCondition condition{parameter.lists, {}};
    for (const auto& value : given.values) {
      LM_ASSIGN(const auto text, given.text(value));
      if (auto added = condition.patterns.add(text); !added)
        return given.bad("has a bad value: " + added.error().text);
    }
    out_.identities.push_back(std::move(condition));
    return {};
  }

  Status add_numbers(const Given& given, const Parameter& parameter) {
    std::vector<double> numbers;
    if (parameter.comparison != Comparison::kEq) LM_TRY(given.single());
    for (const auto& value : given.values) {
      LM_ASSIGN(const auto number, given.number(value));
      numbers.push_back(number);
    }
    if (parameter.kind == ParameterKind::kQuantity) {
      out_.quantities.push_back({parameter.comparison, std::move(numbers), parameter.rest});
    } else {
      out_.sensors.push_back({static_cast<SensorFact>(parameter.fact), parameter.comparison,
                              std::move(numbers), parameter.rest});
    }
    return {};
  }

  Status add_partner(const Given& given, const Parameter& parameter) {
    const auto list = static_cast<PartnerList>(parameter.fact);
    const auto spelling =
        list == PartnerList::kTransactions ? Spelling::kTransactionType : Spelling::kPartyType;
    PartnerCondition condition{list, spelled(parameter.rest, spelling, context_), {}};
    for (const auto& value : given.values) {
      LM_ASSIGN(const auto text, given.text(value));
      if (text.empty()) return given.bad("takes texts that are not empty");
      condition.values.insert(spelled(text, Spelling::kIdentity, context_));
    }
    out_.partners.push_back(std::move(condition));
    return {};
  }

  Status add_field(const Given& given, const Parameter& parameter) {
    const auto name = query_field_name(parameter.rest, context_);
    if (!name) return given.bad("names no field: prefix:name or a URI does");
    FieldCondition condition{parameter.area, parameter.inner, *name, std::nullopt, {}};
    if (parameter.kind == ParameterKind::kFieldExists) {
      LM_ASSIGN(const bool wanted, given.presence());
      if (wanted) out_.fields.push_back(std::move(condition));
      return {};
    }
    condition.comparison = parameter.comparison;
    const bool equality = parameter.comparison == Comparison::kEq;
    if (!equality) LM_TRY(given.single());
    for (const auto& value : given.values) {
      const auto field = field_value(value);
      if (!field) return given.bad("takes no null");
      if (!equality && !(given.typed ? field->typed : field->number.has_value()) && !field->time_ms)
        return given.bad("takes a number or a point in time");
      condition.values.push_back(*field);
    }
    out_.fields.push_back(std::move(condition));
    return {};
  }

  static std::optional<FieldValue> field_value(const GivenValue& value) {
    switch (value.type) {
      case GivenValue::Type::kText: return FieldValue::of(std::string_view(value.text));
      case GivenValue::Type::kNumber: return FieldValue::of(value.number);
      case GivenValue::Type::kTruth: return FieldValue::of(value.truth);
      case GivenValue::Type::kNull: break;
    }
    return std::nullopt;
  }

  static Status add_presence(const Given& given, bool& presence) {
    LM_ASSIGN(const bool wanted, given.presence());
    presence = presence || wanted;  // the list of sensor elements has two names
    return {};
  }

  static Status add_count(const Given& given, std::optional<std::uint64_t>& count) {
    LM_ASSIGN(count, given.count());
    return {};
  }

  Status add_order(const Given& given) {
    LM_ASSIGN(const auto value, given.single());
    LM_ASSIGN(const auto text, given.text(value));
    if (text == "eventTime") out_.order_by = OrderBy::kEventTime;
    else if (text == "recordTime") out_.order_by = OrderBy::kRecordTime;
    else return given.bad("is eventTime or recordTime here: other fields are not ordered by");
    return {};
  }

  Status add_direction(const Given& given) {
    LM_ASSIGN(const auto value, given.single());
    LM_ASSIGN(const auto text, given.text(value));
    if (text != "ASC" && text != "DESC") return given.bad("is ASC or DESC");
    out_.descending = text == "DESC";
    return {};
  }

  const Context& context_;
  SimpleQuery out_;
};

Result<SimpleQuery> build(const std::vector<Given>& all, const Context& context) {
  QueryBuilder builder(context);
  for (const auto& given : all) LM_TRY(builder.add(given));
  return builder.finish();
}

}  // namespace

Result<SimpleQuery> parse_query(
    const std::vector<std::pair<std::string, std::string>>& parameters) {
  LM_ASSIGN(const auto all, given_in(parameters));
  return build(all, Context());
}

Result<SimpleQuery> parse_query(const Json& query) {
  LM_ASSIGN(const auto all, given_in(query));
  Context context;
  if (const auto found = query.find("@context"); found != query.end()) {
    LM_ASSIGN(context, Context::read(*found));
  }
  return build(all, context);
}

}  // namespace lotmark::epcis
