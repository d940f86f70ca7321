#include "core/epcis/query/words.h"

#include <gtest/gtest.h>

#include "tests/must.h"

namespace lotmark::epcis {
namespace {

using test::must;

FieldName value(const std::optional<FieldName>& name) { return name.value_or(FieldName{}); }

Context farm() {
  return must(Context::read(Json::parse(R"({"farm": "https://ns.farm.example/epcis/"})")));
}

TEST(Words, AStandardValueHasOneSpelling) {
  for (const auto* text : {"shipping", "urn:epcglobal:cbv:bizstep:shipping",
                           "https://ref.gs1.org/cbv/BizStep-shipping",
                           "http://ns.gs1.org/cbv/BizStep-shipping", "cbv:BizStep-shipping"})
    EXPECT_EQ(spelled(text, Spelling::kBizStep, Context()), "shipping") << text;
  EXPECT_EQ(spelled("cbv:Disp-in_transit", Spelling::kDisposition, Context()), "in_transit");
  EXPECT_EQ(spelled("urn:epcglobal:cbv:btt:po", Spelling::kTransactionType, Context()), "po");
  EXPECT_EQ(spelled("urn:epcglobal:cbv:sdt:location", Spelling::kPartyType, Context()), "location");
  EXPECT_EQ(spelled("https://ref.gs1.org/cbv/ER-incorrect_data", Spelling::kErrorReason, Context()),
            "incorrect_data");
  EXPECT_EQ(spelled("gs1:Temperature", Spelling::kMeasurement, Context()), "Temperature");
  EXPECT_EQ(spelled("epcis:ObjectEvent", Spelling::kEventType, Context()), "ObjectEvent");
}

TEST(Words, AWordOfAnotherVocabularyStays) {
  EXPECT_EQ(spelled("urn:epcglobal:cbv:disp:active", Spelling::kBizStep, Context()),
            "urn:epcglobal:cbv:disp:active");
  EXPECT_EQ(spelled("urn:epcglobal:cbv:bizstep:", Spelling::kBizStep, Context()),
            "urn:epcglobal:cbv:bizstep:");
}

TEST(Words, AForeignValueIsItsUri) {
  EXPECT_EQ(spelled("farm:drying", Spelling::kBizStep, farm()),
            "https://ns.farm.example/epcis/drying");
  EXPECT_EQ(spelled("farm:drying", Spelling::kBizStep, Context()), "farm:drying");
  EXPECT_EQ(spellings("farm:drying", Spelling::kBizStep, farm()).size(), 2u);
  EXPECT_EQ(spellings("shipping", Spelling::kBizStep, farm()).size(), 1u);
}

TEST(Words, IdentitiesAndHexHaveOneSpelling) {
  EXPECT_EQ(spelled("urn:epc:id:sgln:0614141.07346.0", Spelling::kIdentity, Context()),
            spelled("https://farm.example/414/0614141073467", Spelling::kIdentity, Context()));
  EXPECT_EQ(spelled("geo:42.7,23.3", Spelling::kIdentity, Context()), "geo:42.7,23.3");
  EXPECT_EQ(spelled("F0f0", Spelling::kHex, Context()), "f0f0");
}

TEST(FieldName, APrefixIsExpanded) {
  const auto name = value(event_field_name("farm:field", farm()));
  EXPECT_EQ(name.written, "farm:field");
  EXPECT_EQ(name.full, "https://ns.farm.example/epcis/field");
  EXPECT_EQ(value(event_field_name("other:field", farm())).full, "");
  EXPECT_FALSE(event_field_name("bizStep", farm()));
  EXPECT_FALSE(event_field_name("", farm()));
  EXPECT_FALSE(event_field_name(":x", farm()));
}

TEST(FieldName, AUriAsksWhateverThePrefixAndHoweverTheNamespaceEnds) {
  const auto held = value(event_field_name("farm:field", farm()));
  for (const auto* name :
       {"https://ns.farm.example/epcis/field", "https://ns.farm.example/epcis#field",
        "https://ns.farm.example/epcis/#field"})
    EXPECT_TRUE(value(query_field_name(name, Context())).asks_for(held)) << name;
  EXPECT_FALSE(value(query_field_name("https://ns.farm.example/field", Context())).asks_for(held));
  EXPECT_FALSE(query_field_name("https://ns.farm.example/", Context()));
}

TEST(FieldName, WithoutAContextAPrefixAsksAsItIsWritten) {
  const auto held = value(event_field_name("farm:field", farm()));
  EXPECT_TRUE(value(query_field_name("farm:field", Context())).asks_for(held));
  EXPECT_FALSE(value(query_field_name("f:field", Context())).asks_for(held));
}

TEST(FieldName, WithAContextAPrefixAsksForItsNamespace) {
  const auto held = value(event_field_name("farm:field", farm()));
  const auto same = must(Context::read(Json::parse(R"({"f": "https://ns.farm.example/epcis/"})")));
  const auto other = must(Context::read(Json::parse(R"({"farm": "https://else.example/"})")));
  EXPECT_TRUE(value(query_field_name("f:field", same)).asks_for(held));
  EXPECT_FALSE(value(query_field_name("farm:field", other)).asks_for(held));
}

TEST(FieldName, Gs1sOwnPrefixesAreKnown) {
  const auto own = must(Context::read(Json::parse(R"({"mda": "urn:epcglobal:cbv:mda:"})")));
  const auto held = value(event_field_name("mda:lotNumber", own));
  EXPECT_TRUE(value(query_field_name("cbvmda:lotNumber", Context())).asks_for(held));
}

}  // namespace
}  // namespace lotmark::epcis
