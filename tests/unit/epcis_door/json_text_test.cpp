#include "core/epcis/door/json_text.h"

#include <gtest/gtest.h>

#include <limits>

namespace lotmark::epcis {
namespace {

Json taken(std::string_view text) {
  auto outcome = read_json(text, {});
  const auto* fault = std::get_if<JsonFault>(&outcome);
  EXPECT_EQ(fault, nullptr) << text << ": " << (fault ? fault->detail : "");
  return fault ? Json() : std::get<Json>(std::move(outcome));
}

JsonFault refused(std::string_view text, const JsonLimits& limits = {}) {
  auto outcome = read_json(text, limits);
  auto* fault = std::get_if<JsonFault>(&outcome);
  EXPECT_NE(fault, nullptr) << text.substr(0, 200);
  return fault ? std::move(*fault) : JsonFault{};
}

TEST(JsonText, ReadsValuesOfEveryKind) {
  const auto value =
      taken(R"( {"a": [1, -2, 2.5, true, false, null, "\u00e4\n", {}, []], "": {"b": 0}} )");
  EXPECT_EQ(value, Json::parse(R"({"a":[1,-2,2.5,true,false,null,"ä\n",{},[]],"":{"b":0}})"));
  EXPECT_EQ(taken("7"), 7);
  EXPECT_EQ(taken("\xEF\xBB\xBF{}"), Json::object()) << "a byte order mark is read over";
}

TEST(JsonText, WhatIsNoJsonSaysWhere) {
  for (const char* text : {"",
                           " ",
                           "{",
                           "[",
                           "]",
                           "{]",
                           "[1,]",
                           "{\"a\":1,}",
                           "{\"a\" 1}",
                           "{a:1}",
                           "{'a':1}",
                           "[1 2]",
                           "01",
                           "+1",
                           ".5",
                           "1.",
                           "0x10",
                           "NaN",
                           "Infinity",
                           "-Infinity",
                           "tru",
                           "\"\t\"",
                           "\"\\x\"",
                           "\"\\u12\"",
                           "\"\\ud800\"",
                           "\"\\udc00\\ud800\"",
                           "// a\n1",
                           "1 /* a */",
                           "{} {}",
                           "[1],",
                           "\"a",
                           "\xEF\xBB\xBF\xEF\xBB\xBF{}",
                           " \xEF\xBB\xBF{}",
                           "\xC2\xA0{}"}) {
    EXPECT_FALSE(refused(text).limit) << text;
  }
  EXPECT_EQ(refused(R"({"a": [1, {"b/c": x}]})").path, "/a/1/b~1c");
  EXPECT_EQ(refused("[1, x]").detail, "not JSON at byte 5");
}

TEST(JsonText, OtherCharsetsAreRefused) {
  for (const std::string& text :
       {std::string("\"\xE4\""), std::string("\"\xC0\xAF\""), std::string("\"\xED\xA0\x80\""),
        std::string("\"\xF4\x90\x80\x80\""), std::string("\"\xC3"),
        std::string("\xFF\xFE{\0}\0", 6), std::string("\xFE\xFF\0{\0}", 6)}) {
    EXPECT_EQ(refused(text).detail, "not UTF-8");
  }
  EXPECT_EQ(refused(std::string_view("{\0}\0", 4)).detail, "not JSON: a byte 0");
  EXPECT_EQ(refused(std::string_view("{}\0{", 4)).detail, "not JSON: a byte 0");
}

TEST(JsonText, ZeroCharactersAreRefusedHoweverSpelt) {
  EXPECT_EQ(refused(R"({"a": "b\u0000"})").path, "/a");
  EXPECT_EQ(refused(R"({"a": "b\u0000"})").detail, "a text with U+0000");
  EXPECT_EQ(refused(R"({"b": {"a\u0000": 1}})").path, "/b");
}

TEST(JsonText, ANameTwiceInAnObjectIsRefusedHoweverSpelt) {
  EXPECT_EQ(refused(R"({"a": 1, "a": 1})").path, "/a");
  EXPECT_EQ(refused(R"({"x": [{"a": {}, "b": 1, "\u0061": 2}]})").path, "/x/0/a");
  EXPECT_EQ(refused(R"({"": 1, "": 2})").path, "/");
  taken(R"([{"a": 1}, {"a": {"a": 1}}])");
}

TEST(JsonText, IntegersOf64BitsStayExactAndLongerAreRefused) {
  EXPECT_EQ(taken("9007199254740993").dump(), "9007199254740993");
  EXPECT_EQ(taken("18446744073709551615").dump(), "18446744073709551615");
  EXPECT_EQ(taken("-9223372036854775808").dump(), "-9223372036854775808");
  EXPECT_EQ(refused("[18446744073709551616]").detail, "an integer of more than 64 bits");
  EXPECT_EQ(refused("[-9223372036854775809]").path, "/0");
  EXPECT_EQ(taken("18446744073709551616.0"), 18446744073709551616.0);
}

TEST(JsonText, NumbersBeyondADoubleAreRefused) {
  for (const char* text : {"1e400", "[1e999]", "-1e400", R"({"a": 1E309})"})
    EXPECT_EQ(refused(text).detail, "a number too large for a double") << text;
  EXPECT_EQ(taken("1e308"), 1e308);
  EXPECT_EQ(taken("1e-400"), 0.0);
}

TEST(JsonText, DepthIsBoundedAndTakesNoStack) {
  const auto nested = [](std::size_t depth) {
    return std::string(depth, '[') + std::string(depth, ']');
  };
  taken(nested(32));
  EXPECT_EQ(refused(nested(33)).detail, "nested deeper than 32");
  EXPECT_FALSE(refused(nested(33)).limit);
  EXPECT_EQ(refused(std::string(100'000, '[')).detail, "nested deeper than 32");
  std::string objects;
  for (int i = 0; i < 100'000; ++i) objects += "{\"a\":";
  EXPECT_EQ(refused(objects).path.substr(0, 6), "/a/a/a");
  EXPECT_EQ(refused(std::string(200'000, '['), {300'000, 1'000'000}).detail,
            "not JSON at byte 200001");
}

TEST(JsonText, ValuesAreCounted) {
  EXPECT_TRUE(refused("[1,2,3]", {32, 3}).limit);
  EXPECT_EQ(refused("[1,2,3]", {32, 3}).detail, "more than 3 values");
  EXPECT_EQ(std::get<Json>(read_json("[1,2,3]", {32, 4})).size(), 3u);
}

TEST(JsonText, MadeValuesAreHeldToTheSame) {
  EXPECT_FALSE(check_json(taken(R"({"a": [1, "b", null, {"c": 2.5}]})"), {}));
  EXPECT_EQ(check_json({{"a", {1, "b\xFF"}}}, {})->path, "/a/1");
  EXPECT_EQ(check_json({{"a/b", std::string("\0", 1)}}, {})->path, "/a~1b");
  EXPECT_TRUE(check_json({{std::string("\0", 1), 1}}, {}));
  EXPECT_TRUE(check_json({{"\xFF", 1}}, {}));
  EXPECT_TRUE(check_json({{"a", std::numeric_limits<double>::infinity()}}, {}));
  EXPECT_TRUE(check_json({{"a", Json::binary({1})}}, {}));
  EXPECT_TRUE(check_json({1, 2, 3}, {32, 3})->limit);
  Json deep = 1;
  for (int i = 0; i < 33; ++i) deep = Json::array({std::move(deep)});
  EXPECT_EQ(check_json(deep, {})->detail, "nested deeper than 32");
  EXPECT_FALSE(check_json(deep[0], {}));
}

std::vector<std::string_view> elements(std::string_view text) {
  return elements_of(text, {"a", "b"});
}

TEST(JsonSlices, ElementsAreGivenAsTheyStand) {
  EXPECT_EQ(elements(R"({"a":{"b":[ {"x" : 1} ,7,"]",[[]], -1.5e3 ,null,{"}":"\"]\\"}]}})"),
            (std::vector<std::string_view>{R"({"x" : 1})", "7", R"("]")", "[[]]", "-1.5e3", "null",
                                           R"({"}":"\"]\\"})"}));
  EXPECT_EQ(elements("\xEF\xBB\xBF \n{ \"a\"\t:\r\n{ \"b\" : [\n1 ]\n} }\n"),
            (std::vector<std::string_view>{"1"}));
}

TEST(JsonSlices, NamesAreFoundHoweverSpeltAndOnlyAtTheirLevel) {
  EXPECT_EQ(elements(R"({"x":{"a":{"b":[1]}},"y":"\"a\":","\u0061":{"b2":[2],"\u0062":[3]}})"),
            (std::vector<std::string_view>{"3"}));
  EXPECT_TRUE(elements(R"({"x":{"a":{"b":[1]}}})").empty());
}

TEST(JsonSlices, WithoutAListThereIsNone) {
  for (const char* text :
       {"{}", "[]", "7", "\"a\"", R"({"a":7})", R"({"a":{}})", R"({"a":{"b":7}})",
        R"({"a":{"b":{}}})", R"({"a":{"b":[]}})", R"({"a":[{"b":[1]}]})"}) {
    EXPECT_TRUE(elements(text).empty()) << text;
  }
}

}  // namespace
}  // namespace lotmark::epcis
