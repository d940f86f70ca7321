// Values of EPCIS as XML and as JSON write them.
#pragma once

#include <optional>
#include <string_view>

#include "core/epcis/context.h"

namespace lotmark::epcis::xml {

// The vocabularies of CBV that events draw on (CBV 2.0 section 7), and of the sensors' reports.
enum class Vocabulary {
  kBizStep,
  kDisposition,
  kTransaction,
  kParty,
  kErrorReason,
  kComponent,
  kSensor
};

// The bare word that the JSON of EPCIS 2.0 writes for a value of CBV: "shipping" for
// urn:epcglobal:cbv:bizstep:shipping, for https://ref.gs1.org/cbv/BizStep-shipping and for cbv:BizStep-shipping; of
// sensors "Temperature" for gs1:Temperature and https://gs1.org/voc/Temperature. Anything else stays as it is. Whether
// CBV has the word is left to the schema.
std::string bare_word(Vocabulary vocabulary, std::string_view value);

// A number of XML Schema (decimal; with `exponent` double). A whole number becomes an integer, so that 26.0 is 26, and
// others the nearest double. Nothing for anything else; INF and NaN are no JSON.
std::optional<Json> number(std::string_view text, bool exponent);
// true, false, 1 and 0.
std::optional<Json> boolean(std::string_view text);

}  // namespace lotmark::epcis::xml
