#include "core/epcis/hash/event_value.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "tests/unit/epcis_hash/event_text.h"

namespace lotmark::epcis {
namespace {

using test::example_context;

std::string number(std::string_view text) { return canonical_number(text).value_or("none"); }
std::string json_number(const char* text) {
  return number_text(Json::parse(text)).value_or("none");
}
std::string value(std::string_view text) { return canonical_text(text, example_context()); }

TEST(NumberText, HasNoZerosThatSayNothing) {
  EXPECT_EQ(number("26.0"), "26");
  EXPECT_EQ(number("0.3400"), "0.34");
  EXPECT_EQ(number("007"), "7");
  EXPECT_EQ(number("100"), "100");
  EXPECT_EQ(number("+1.50"), "1.5");
  EXPECT_EQ(number(".5"), "0.5");
  EXPECT_EQ(number("5."), "5");
  EXPECT_EQ(number("-2.10"), "-2.1");
}

TEST(NumberText, AnyZeroIsZero) {
  for (const auto* text : {"0", "-0", "+0.0", ".0", "0.", "000", "0e5", "-0E-7"})
    EXPECT_EQ(number(text), "0") << text;
}

TEST(NumberText, HasNoExponent) {
  EXPECT_EQ(number("1e3"), "1000");
  EXPECT_EQ(number("1.5E-3"), "0.0015");
  EXPECT_EQ(number("12.345e2"), "1234.5");
  EXPECT_EQ(number("12.345e+3"), "12345");
  EXPECT_EQ(number("0.00012e1"), "0.0012");
}

TEST(NumberText, LosesNoDigit) {
  EXPECT_EQ(number("340123450000000018"), "340123450000000018");
  EXPECT_EQ(number("0.12345678901234567890123456789"), "0.12345678901234567890123456789");
}

TEST(NumberText, OtherTextsAreNone) {
  for (const auto* text :
       {"",      "+",     "-",        ".",   "e5",  ".e5",   "1e",    "1e+",
        "1e+-5", "1e--5", "1e 5",     "--1", "+-1", "1.2.3", "1_000", "0x10",
        "nan",   "inf",   "infinity", "1,5", " 1",  "1 ",    "1e5x",  "1e99999999999999999999"}) {
    EXPECT_EQ(number(text), "none") << text;
  }
}

TEST(NumberText, BeyondTheLimitStaysText) {
  EXPECT_EQ(number("1e400").size(), 401U);
  EXPECT_EQ(number("1e401"), "none");
  EXPECT_EQ(number("1e-401"), "none");
  EXPECT_NE(number(std::string(400, '9')), "none");
  EXPECT_EQ(number(std::string(401, '9')), "none");
  EXPECT_EQ(number(std::string(5'000'000, '0')), "none");
}

TEST(NumberText, OfJsonIntegersIsExact) {
  EXPECT_EQ(json_number("9007199254740993"), "9007199254740993");
  EXPECT_EQ(json_number("18446744073709551615"), "18446744073709551615");
  EXPECT_EQ(json_number("-9223372036854775808"), "-9223372036854775808");
  EXPECT_EQ(json_number("-0"), "0");
}

TEST(NumberText, OfJsonDoublesIsTheShortest) {
  EXPECT_EQ(json_number("26.0"), "26");
  EXPECT_EQ(json_number("0.1"), "0.1");
  EXPECT_EQ(json_number("42.698334"), "42.698334");
  EXPECT_EQ(json_number("1e-7"), "0.0000001");
  EXPECT_EQ(json_number("1e23"), "100000000000000000000000");
  EXPECT_EQ(json_number("-0.0"), "0");
}

TEST(NumberText, WhatADoubleCannotHoldWasLostInReading) {
  EXPECT_EQ(json_number("0.12345678901234567890"), "0.12345678901234568");
  EXPECT_EQ(json_number("18446744073709551617"), "18446744073709552000");
}

TEST(NumberText, IsNoneForWhatIsNoNumber) {
  EXPECT_FALSE(number_text(Json("1")));
  EXPECT_FALSE(number_text(Json(true)));
  EXPECT_FALSE(number_text(Json()));
  EXPECT_FALSE(number_text(Json(std::numeric_limits<double>::infinity())));
  EXPECT_FALSE(number_text(Json(std::numeric_limits<double>::quiet_NaN())));
}

TEST(NumberText, HoldsAtTheEndsOfDoubles) {
  EXPECT_EQ(number_text(Json(std::numeric_limits<double>::max()))->size(), 309U);
  EXPECT_EQ(number_text(Json(std::numeric_limits<double>::denorm_min()))->size(), 326U);
}

TEST(EventValue, IsTrimmed) {
  EXPECT_EQ(value(" \t\r\n a b\n"), "a b");
  EXPECT_EQ(value(" \n "), "");
  EXPECT_EQ(trimmed(""), "");
}

TEST(EventValue, PrefixesOfTheContextAndOfGs1AreExpanded) {
  EXPECT_EQ(value("ex:thing"), "https://ns.example/thing");
  EXPECT_EQ(value("gs1:Temperature"), "https://gs1.org/voc/Temperature");
  EXPECT_EQ(value("cbv:Comp-x"), "https://ref.gs1.org/cbv/Comp-x");
  EXPECT_EQ(value("other:thing"), "other:thing");
  EXPECT_EQ(value("ex://thing"), "ex://thing");
  EXPECT_EQ(value(":thing"), ":thing");
}

TEST(EventValue, StandardUrnsBecomeAddresses) {
  EXPECT_EQ(value("urn:epcglobal:cbv:bizstep:receiving"),
            "https://ref.gs1.org/cbv/BizStep-receiving");
  EXPECT_EQ(value("urn:epcglobal:cbv:disp:active"), "https://ref.gs1.org/cbv/Disp-active");
  EXPECT_EQ(value("urn:epcglobal:cbv:btt:po"), "https://ref.gs1.org/cbv/BTT-po");
  EXPECT_EQ(value("urn:epcglobal:cbv:sdt:location"), "https://ref.gs1.org/cbv/SDT-location");
  EXPECT_EQ(value("urn:epcglobal:cbv:er:incorrect_data"),
            "https://ref.gs1.org/cbv/ER-incorrect_data");
}

TEST(EventValue, UrnsOfTransactionsStay) {
  EXPECT_EQ(value("urn:epcglobal:cbv:bt:9521141000014:7"), "urn:epcglobal:cbv:bt:9521141000014:7");
  EXPECT_EQ(value("see urn:epcglobal:cbv:disp:active"), "see urn:epcglobal:cbv:disp:active");
}

TEST(EventValue, IdentitiesAreCanonicalLinks) {
  EXPECT_EQ(value("urn:epc:id:sgtin:9521141.012345.7"),
            "https://id.gs1.org/01/09521141123454/21/7");
  EXPECT_EQ(value("https://shop.example/01/09521141123454/10/L?17=280101"),
            "https://id.gs1.org/01/09521141123454/10/L");
  EXPECT_EQ(value("https://shop.example/about"), "https://shop.example/about");
}

TEST(EventWord, BareWordsStandBehindTheirSpace) {
  const auto word = [](std::string_view text) {
    return canonical_word(text, "https://ref.gs1.org/cbv/Disp-", example_context());
  };
  EXPECT_EQ(word("in_transit"), "https://ref.gs1.org/cbv/Disp-in_transit");
  EXPECT_EQ(word(" in_transit "), "https://ref.gs1.org/cbv/Disp-in_transit");
  EXPECT_EQ(word("cbv:Disp-in_transit"), "https://ref.gs1.org/cbv/Disp-in_transit");
  EXPECT_EQ(word("urn:epcglobal:cbv:disp:in_transit"), "https://ref.gs1.org/cbv/Disp-in_transit");
  EXPECT_EQ(word("https://other.example/lost"), "https://other.example/lost");
  EXPECT_EQ(word(" "), "");
}

}  // namespace
}  // namespace lotmark::epcis
