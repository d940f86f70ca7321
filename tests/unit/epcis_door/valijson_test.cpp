// What valijson 1.0 itself does with the words of a schema that core/epcis/door/schema.cpp does not leave to it. Should
// one of these fail with a later valijson, the reason given there is gone.
#define VALIJSON_USE_EXCEPTIONS 1
#include <gtest/gtest.h>

#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validator.hpp>

namespace lotmark::epcis {
namespace {

using nlohmann::json;

bool accepts(const json& rules, const json& value, valijson::ValidationResults* results = nullptr) {
  valijson::Schema schema;
  valijson::SchemaParser parser;
  parser.populateSchema(valijson::adapters::NlohmannJsonAdapter(rules), schema);
  return valijson::Validator().validate(schema, valijson::adapters::NlohmannJsonAdapter(value),
                                        results);
}

TEST(Valijson, ChecksNoFormatOfUris) {
  EXPECT_TRUE(accepts({{"format", "uri"}}, "no uri at all"));
  EXPECT_FALSE(accepts({{"format", "date-time"}}, "no time at all"));
}

TEST(Valijson, HasDaysThatNoCalendarHas) {
  EXPECT_TRUE(accepts({{"format", "date-time"}}, "2026-02-29T00:00:00Z"));
}

// JSON Schema leaves these to `type`.
TEST(Valijson, RefusesByFormatWhatIsNoText) {
  EXPECT_FALSE(accepts({{"format", "date-time"}}, 7));
  EXPECT_FALSE(accepts({{"format", "date-time"}}, json::object()));
}

TEST(Valijson, DoesNotSayWhichNameWasWrong) {
  valijson::ValidationResults results;
  EXPECT_FALSE(accepts({{"propertyNames", {{"enum", {"a"}}}}}, {{"b", 1}}, &results));
  EXPECT_EQ(results.numErrors(), 0u);
}

TEST(Valijson, TakesAFalseSchemaAndTypesStrictly) {
  EXPECT_FALSE(accepts({{"type", "number"}}, "7"));
  EXPECT_FALSE(accepts({{"type", "boolean"}}, "true"));
  EXPECT_FALSE(accepts({{"type", "object"}}, json::array()));
  EXPECT_TRUE(accepts({{"type", "number"}}, 18446744073709551615u));
}

}  // namespace
}  // namespace lotmark::epcis
