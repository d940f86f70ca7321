// Documents made to break the reader: none may cost more than the limits allow, and each is refused by name.
#include <gmock/gmock.h>

#include "core/base/utf8.h"
#include "core/epcis/xml/scan.h"
#include "tests/unit/epcis_xml/made.h"

namespace lotmark::epcis::test {
namespace {

using testing::HasSubstr;

std::string repeated(std::string_view part, std::size_t times) {
  std::string out;
  out.reserve(part.size() * times);
  for (std::size_t i = 0; i < times; ++i) out += part;
  return out;
}

constexpr std::string_view kForeign = "xmlns:a='urn:s:'";

TEST(XmlHostile, DeclarationsAreRefusedOutright) {
  for (const char* start : {"<!DOCTYPE x>", "<!DOCTYPE x [<!ENTITY e 'v'>]>",
                            "<!DOCTYPE x SYSTEM 'http://evil.example/x.dtd'>",
                            "<!DOCTYPE x [<!ENTITY f SYSTEM 'file:///etc/passwd'>]>",
                            "<!ENTITY e 'v'>", "<!doctype x>", "<!>"}) {
    EXPECT_THAT(refusal(start + document("")), HasSubstr("DOCTYPE")) << start;
  }
  EXPECT_THAT(event_refusal("<!DOCTYPE x>"), HasSubstr("DOCTYPE"));
}

TEST(XmlHostile, ABillionLaughsAreNotLaughed) {
  std::string types = "<!DOCTYPE lolz [<!ENTITY lol 'lol'>";
  for (int i = 1; i < 10; ++i) {
    types += "<!ENTITY lol" + std::to_string(i) + " '" +
             repeated("&lol" + std::to_string(i - 1) + ";", 10) + "'>";
  }
  EXPECT_THAT(
      refusal(types + "]>" + document("<ObjectEvent><action>&lol9;</action></ObjectEvent>")),
      HasSubstr("DOCTYPE"));
}

TEST(XmlHostile, EntitiesThatNobodyDefinedAreRefused) {
  for (const char* text : {"&lol;", "&nbsp;", "&", "& ", "&amp", "&;", "&AMP;"})
    EXPECT_THAT(event_refusal("<action>" + std::string(text) + "</action>"), HasSubstr("'&'"))
        << text;
}

TEST(XmlHostile, AHundredThousandDeepIsTooDeep) {
  for (const std::string tag : {"a:x", "extension", "x"}) {
    const auto inner = repeated("<" + tag + ">", 100'000) + repeated("</" + tag + ">", 100'000);
    const auto read = read_whole(document(object_event(inner), kForeign));
    EXPECT_EQ(read.code(), Errc::kTooLarge) << tag;
    EXPECT_EQ(
        read_whole(document(object_event(repeated("<" + tag + ">", 100'000)), kForeign)).code(),
        Errc::kTooLarge);
  }
}

TEST(XmlHostile, TheDepthLimitIsExact) {
  const auto nested = [](std::size_t depth) {  // root, body, list and event are four
    return document(object_event(repeated("<a:x>", depth - 4) + repeated("</a:x>", depth - 4)),
                    kForeign);
  };
  EXPECT_EQ(refusal(nested(64)), "");
  EXPECT_EQ(read_whole(nested(65)).code(), Errc::kTooLarge);
}

TEST(XmlHostile, TheOtherLimitsAreExact) {
  const auto two = document("<ObjectEvent/><extension><TransformationEvent/></extension>");
  XmlLimits limits;
  limits.events = 2;
  limits.bytes = two.size();
  EXPECT_EQ(refusal(two, limits), "");
  limits.bytes = two.size() - 1;
  EXPECT_EQ(read_whole(two, limits).code(), Errc::kTooLarge);
  limits = {};
  limits.events = 1;
  EXPECT_EQ(read_whole(two, limits).code(), Errc::kTooLarge);
  limits = {};
  limits.nodes = 9;  // six elements and three attributes
  EXPECT_EQ(refusal(two, limits), "");
  limits.nodes = 8;
  EXPECT_EQ(read_whole(two, limits).code(), Errc::kTooLarge);
}

TEST(XmlHostile, ManySmallElementsAreCountedWhereverTheyStand) {
  const auto small = repeated("<a:x/>", 600'000);
  EXPECT_EQ(read_whole(document(object_event(small), kForeign)).code(), Errc::kTooLarge);
  EXPECT_EQ(
      read_whole(
          "<e:EPCISDocument xmlns:e='urn:epcglobal:epcis:xsd:1' creationDate='x' xmlns:a='urn:s:'>"
          "<EPCISHeader><extension>" +
          small + "</extension></EPCISHeader><EPCISBody/></e:EPCISDocument>")
          .code(),
      Errc::kTooLarge);
  EXPECT_EQ(read_whole(document(repeated("<!---->", 600'000))).code(), Errc::kTooLarge);
}

TEST(XmlHostile, AMessOfElementsWithinTheLimitsIsRead) {
  const auto event = event_of(repeated("<a:x>1</a:x>", 100'000), kForeign);
  EXPECT_EQ(event.at("a:x").size(), 100'000u);
}

TEST(XmlHostile, HugeTextsAreKeptOrRefusedWhole) {
  const std::string big(8 << 20, 'x');
  const auto event = event_of("<a:x y='" + big + "'/>", kForeign);
  EXPECT_EQ(event.at("a:x").at("a:y"), big);
  EXPECT_EQ(read_whole(document(object_event("<a:x>" + big + big + "</a:x>"), kForeign)).code(),
            Errc::kTooLarge);
}

TEST(XmlHostile, AnElementHasSoManyAttributes) {
  const auto with = [](int count) {
    std::string attributes;
    for (int i = 0; i < count; ++i) attributes += " a" + std::to_string(i) + "='v'";
    return read_whole(document(object_event("<a:x" + attributes + "/>"), kForeign)).code();
  };
  EXPECT_EQ(with(256), Errc::kOk);
  EXPECT_EQ(with(257), Errc::kTooLarge);
  EXPECT_EQ(with(50'000), Errc::kTooLarge);
}

TEST(XmlHostile, LongNamesAreNotRepeatedInRefusals) {
  EXPECT_EQ(read_whole(document("<" + std::string(300, 'n') + "/>")).code(), Errc::kTooLarge);
  EXPECT_LT(refusal(document("<" + std::string(250, 'n') + "/>")).size(), 200u);
}

TEST(XmlHostile, OfEventsAtFaultSoManyAreExplained) {
  const auto read = read_xml(document(repeated("\n<ObjectEvent><x/></ObjectEvent>", 10'000)));
  ASSERT_TRUE(read);
  ASSERT_EQ(read->faults.size(), 10'000u);
  EXPECT_EQ(read->faults[99].path, "/x");
  EXPECT_THAT(read->faults[99].detail, HasSubstr("line 101: <x>"));
  EXPECT_EQ(read->faults[100].path, "");
  EXPECT_EQ(read->faults[100].detail, "not a valid ObjectEvent");
}

// A refusal goes into a problem document, which is UTF-8.
TEST(XmlHostile, RefusalsCutNoCharacterInTwo) {
  for (std::size_t more = 0; more < 4; ++more) {
    const auto name = std::string(more, 'n') + repeated("\xF0\x9F\x92\x8A", 50);
    const auto text = refusal(document("<" + name + "/>"));
    EXPECT_THAT(text, HasSubstr("no such element"));
    EXPECT_TRUE(is_utf8(text)) << more;
  }
  EXPECT_TRUE(is_utf8(refusal("<?xml version='1.0' encoding='\xC3\xA9'?>" + document(""))));
}

TEST(XmlHostile, TextWithNulIsRefusedWhereverItIs) {
  const std::string whole = document(object_event("<action>ADD</action>"));
  for (std::size_t at = 0; at <= whole.size(); at += 7) {
    std::string one = whole;
    one.insert(at, 1, '\0');
    EXPECT_NE(refusal(one), "") << at;
  }
}

TEST(XmlHostile, WhatIsNotWellFormedIsRefused) {
  const std::string good = document("");
  for (const std::string& whole : {good + good,
                                   good + "x",
                                   "x" + good,
                                   good + "<x/>",
                                   good + "</x>",
                                   std::string("<"),
                                   std::string("<a"),
                                   std::string("<a/"),
                                   std::string("</a>"),
                                   std::string("<a></b>"),
                                   std::string("<a><b></a></b>"),
                                   std::string("<a b></a>"),
                                   std::string("<a b=c></a>"),
                                   std::string("<a b='c></a>"),
                                   std::string("<a b='<'/>"),
                                   std::string("<a b='1' b='2'/>"),
                                   std::string("<1a/>"),
                                   std::string("< a/>"),
                                   std::string("<!-- "),
                                   std::string("<![CDATA[x]]>"),
                                   std::string("<a><![CDATA[x]></a>"),
                                   std::string("<?xml"),
                                   std::string("<?x <a/>"),
                                   " <?xml version='1.0'?>" + good,
                                   std::string("<a/><?xml version='1.0'?>")}) {
    EXPECT_NE(refusal(whole), "") << whole;
  }
}

TEST(XmlHostile, AnEndTagOfAnotherElementIsRefused) {
  EXPECT_THAT(refusal(document("<ObjectEvent>\n</AggregationEvent>")), HasSubstr("line 2"));
}

TEST(XmlScan, LinesAreCountedFromOne) {
  EXPECT_EQ(xml::line_of("a\nb\n", 0), 1u);
  EXPECT_EQ(xml::line_of("a\nb\n", 2), 2u);
  EXPECT_EQ(xml::line_of("a\nb\n", 99), 3u);
}

}  // namespace
}  // namespace lotmark::epcis::test
