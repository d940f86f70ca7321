#include "core/epcis/xml/value.h"

#include <gtest/gtest.h>

namespace lotmark::epcis::xml {
namespace {

TEST(XmlValue, EveryWritingOfAStandardValueIsTheSameWord) {
  for (const char* text :
       {"urn:epcglobal:cbv:bizstep:shipping", "https://ref.gs1.org/cbv/BizStep-shipping",
        "https://ns.gs1.org/cbv/BizStep-shipping", "cbv:BizStep-shipping", "shipping"}) {
    EXPECT_EQ(bare_word(Vocabulary::kBizStep, text), "shipping") << text;
  }
  EXPECT_EQ(bare_word(Vocabulary::kDisposition, "urn:epcglobal:cbv:disp:in_transit"), "in_transit");
  EXPECT_EQ(bare_word(Vocabulary::kTransaction, "urn:epcglobal:cbv:btt:po"), "po");
  EXPECT_EQ(bare_word(Vocabulary::kParty, "urn:epcglobal:cbv:sdt:owning_party"), "owning_party");
  EXPECT_EQ(bare_word(Vocabulary::kErrorReason, "urn:epcglobal:cbv:er:did_not_occur"),
            "did_not_occur");
  EXPECT_EQ(bare_word(Vocabulary::kComponent, "https://ref.gs1.org/cbv/Comp-x"), "x");
  EXPECT_EQ(bare_word(Vocabulary::kSensor, "https://gs1.org/voc/Temperature"), "Temperature");
}

TEST(XmlValue, OtherUrisStayAsTheyAre) {
  for (const char* text :
       {"https://steps.example/shipping", "urn:epcglobal:cbv:disp:active",
        "urn:epcglobal:cbv:bizstep:", "urn:epcglobal:cbv:bizstep:a/b",
        "urn:epcglobal:cbv:bizstep:ship ping", "", "https://ref.gs1.org/cbv/Disp-active",
        "cbv:BizStep-", "URN:EPCGLOBAL:CBV:BIZSTEP:shipping"}) {
    EXPECT_EQ(bare_word(Vocabulary::kBizStep, text), text) << text;
  }
}

TEST(XmlValue, WholeNumbersAreIntegers) {
  for (const auto& [text, value] : std::initializer_list<std::pair<const char*, std::int64_t>>{
           {"0", 0},
           {"007", 7},
           {"+5", 5},
           {"-5", -5},
           {"26.0", 26},
           {"500.", 500},
           {"-0", 0},
           {"9223372036854775807", 9223372036854775807}}) {
    const auto read = number(text, false);
    ASSERT_TRUE(read && read->is_number_integer()) << text;
    EXPECT_EQ(*read, value) << text;
  }
}

TEST(XmlValue, FractionsAreTheNearestDouble) {
  for (const auto& [text, value] :
       std::initializer_list<std::pair<const char*, double>>{{"12.50", 12.5},
                                                             {".5", 0.5},
                                                             {"-0.001", -0.001},
                                                             {"0.1", 0.1},
                                                             {"0.3333333333333333333333", 1.0 / 3},
                                                             {"99999999999999999999", 1e20}}) {
    const auto read = number(text, false);
    ASSERT_TRUE(read && read->is_number_float()) << text;
    EXPECT_EQ(read->get<double>(), value) << text;
  }
}

TEST(XmlValue, OnlyDoublesHaveExponents) {
  EXPECT_EQ(number("1.5e3", true), Json(1500));
  EXPECT_EQ(number("25E-1", true), Json(2.5));
  EXPECT_FALSE(number("1.5e3", false));
}

TEST(XmlValue, WhatJsonCannotSayIsNoNumber) {
  for (const char* text :
       {"INF", "-INF", "NaN", "inf", "nan", "1e999", "1e-99999", "",      "+",     "-",       ".",
        "+-1", "++1",  "1e",  "1e+", "e5",  " 1",    "1 ",       "0x1p3", "1_000", "\xD9\xA3"}) {
    EXPECT_FALSE(number(text, true)) << text;
  }
  EXPECT_FALSE(number(std::string(400, '9'), false));
}

TEST(XmlValue, BooleansAreThoseOfXmlSchema) {
  EXPECT_EQ(boolean("true"), Json(true));
  EXPECT_EQ(boolean("1"), Json(true));
  EXPECT_EQ(boolean("false"), Json(false));
  EXPECT_EQ(boolean("0"), Json(false));
  for (const char* text : {"", "TRUE", "yes", "2"}) EXPECT_FALSE(boolean(text)) << text;
}

}  // namespace
}  // namespace lotmark::epcis::xml
