// The parameters of a simple event query by name (EPCIS 2.0 section 8.2.7.1; GS1's openapi.json and query-schema.json):
// what each asks for. Their values are read elsewhere.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/epcis/query/facts.h"

namespace lotmark::epcis {

enum class ParameterKind : std::uint8_t {
  kText,
  kTime,
  kIdentity,
  kQuantity,
  kSensor,
  kPartner,
  kField,
  kFieldExists,
  kMasterData,
  kErrorDeclarationExists,
  kSensorElementsExist,
  kOrderBy,
  kOrderDirection,
  kEventCountLimit,
  kMaxEventCount,
  kPassedOver,
};

struct Parameter {
  ParameterKind kind;
  std::uint8_t fact = 0;  // the TextFact, TimeFact, SensorFact or PartnerList, by the kind
  Comparison comparison = Comparison::kEq;
  std::vector<IdentityList> lists = {};  // of kIdentity
  FieldArea area = FieldArea::kEvent;    // of kField and kFieldExists
  bool inner = false;
  std::string rest = {};  // unit, type, or name of the field, as written
};

// Nothing for a name the standard does not have. Of families (EQ_quantity_KGM, EQ_INNER_ILMD_example:x) the rest is
// taken apart but its field name not yet looked at.
std::optional<Parameter> parameter_of(std::string_view name);

}  // namespace lotmark::epcis
