#include "core/epcis/hash/event_fields.h"

#include <algorithm>
#include <array>

namespace lotmark::epcis {

namespace {

constexpr std::string_view kSteps = "https://ref.gs1.org/cbv/BizStep-";
constexpr std::string_view kDispositions = "https://ref.gs1.org/cbv/Disp-";
constexpr std::string_view kTransactionTypes = "https://ref.gs1.org/cbv/BTT-";
constexpr std::string_view kPartyTypes = "https://ref.gs1.org/cbv/SDT-";
constexpr std::string_view kComponents = "https://ref.gs1.org/cbv/Comp-";
constexpr std::string_view kGs1Terms = "https://gs1.org/voc/";

constexpr Field object(std::string_view name, std::span<const Field> fields) {
  return {.name = name, .content = Content::kObject, .fields = fields};
}
constexpr Field text_list(std::string_view name) {
  return {.name = name, .count = Count::kList, .item = "epc"};
}
constexpr Field object_list(std::string_view name, std::string_view item,
                            std::span<const Field> fields) {
  return {name, Content::kObject, Count::kList, item, {}, fields};
}
constexpr Field word(std::string_view name, std::string_view space, Count count = Count::kOne) {
  return {.name = name, .content = Content::kWord, .count = count, .space = space};
}
constexpr Field number(std::string_view name) { return {name, Content::kNumber}; }
constexpr Field time(std::string_view name) { return {name, Content::kTime}; }

constexpr std::array kQuantity = {Field{"epcClass"}, number("quantity"), Field{"uom"}};
constexpr std::array kPersistent = {word("set", kDispositions, Count::kSome),
                                    word("unset", kDispositions, Count::kSome)};
constexpr std::array kPlace = {Field{"id"}};
constexpr std::array kTransaction = {word("type", kTransactionTypes), Field{"bizTransaction"}};
constexpr std::array kSource = {word("type", kPartyTypes), Field{"source"}};
constexpr std::array kDestination = {word("type", kPartyTypes), Field{"destination"}};

constexpr std::array kMetadata = {time("time"),
                                  time("startTime"),
                                  time("endTime"),
                                  Field{"deviceID"},
                                  Field{"deviceMetadata"},
                                  Field{"rawData"},
                                  Field{"dataProcessingMethod"},
                                  Field{"bizRules"}};

// The standard's table does not name bizRules of a report, the schema does: it stands as in the metadata.
constexpr std::array kReport = {word("type", kGs1Terms),
                                word("exception", kGs1Terms),
                                Field{"deviceID"},
                                Field{"deviceMetadata"},
                                Field{"rawData"},
                                Field{"dataProcessingMethod"},
                                Field{"bizRules"},
                                time("time"),
                                Field{"microorganism"},
                                Field{"chemicalSubstance"},
                                number("value"),
                                word("component", kComponents),
                                Field{"stringValue"},
                                Field{"booleanValue", Content::kBoolean},
                                Field{"hexBinaryValue", Content::kVerbatim},
                                Field{"uriValue"},
                                number("minValue"),
                                number("maxValue"),
                                number("meanValue"),
                                number("sDev"),
                                number("percRank"),
                                number("percValue"),
                                Field{"uom"},
                                Field{"coordinateReferenceSystem"}};

constexpr std::array kSensor = {
    object("sensorMetadata", kMetadata),
    Field{"sensorReport", Content::kObject, Count::kRepeated, {}, {}, kReport}};

constexpr std::array kEvent = {time("eventTime"),
                               Field{"eventTimeZoneOffset", Content::kVerbatim},
                               Field{"certificationInfo", Content::kText, Count::kSome},
                               Field{"parentID"},
                               text_list("epcList"),
                               text_list("inputEPCList"),
                               text_list("childEPCs"),
                               object_list("quantityList", "quantityElement", kQuantity),
                               object_list("childQuantityList", "quantityElement", kQuantity),
                               object_list("inputQuantityList", "quantityElement", kQuantity),
                               text_list("outputEPCList"),
                               object_list("outputQuantityList", "quantityElement", kQuantity),
                               Field{"action"},
                               Field{"transformationID"},
                               word("bizStep", kSteps),
                               word("disposition", kDispositions),
                               object("persistentDisposition", kPersistent),
                               object("readPoint", kPlace),
                               object("bizLocation", kPlace),
                               object_list("sensorElementList", "sensorElement", kSensor)};

constexpr std::array kEventEnd = {object_list("bizTransactionList", "", kTransaction),
                                  object_list("destinationList", "", kDestination),
                                  object("ilmd", {}), object_list("sourceList", "", kSource)};

constexpr std::array<std::string_view, 5> kLeftOut = {"@context", "errorDeclaration", "eventID",
                                                      "recordTime", "type"};

}  // namespace

std::span<const Field> event_fields() { return kEvent; }
std::span<const Field> event_end_fields() { return kEventEnd; }
bool left_out_of_hash(std::string_view name) {
  return std::ranges::find(kLeftOut, name) != kLeftOut.end();
}

}  // namespace lotmark::epcis
