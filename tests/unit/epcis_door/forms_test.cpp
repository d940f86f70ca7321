#include "core/epcis/door/forms.h"

#include <gtest/gtest.h>

#include <string>

namespace lotmark::epcis {
namespace {

TEST(EpcisForms, UrisOfEveryKindAreTaken) {
  for (const char* text : {"urn:epc:id:sgtin:4012345.011122.7001",
                           "https://id.gs1.org/01/04012345111228/21/7",
                           "example:colour",
                           "a:b",
                           "a:/",
                           "a://",
                           "http://",
                           "http://h",
                           "http://h:80/",
                           "http://u:p@h.example:8080/a//b?x=/?#f/?",
                           "http://[::1]:80/a",
                           "http://[2001:db8::7]",
                           "http://[v1.a:b]",
                           "https://h/%C3%84",
                           "urn:a?b#c",
                           "ni:///sha-256;00?ver=CBV2.0",
                           "http://h:",
                           "a+b-c.1:d",
                           "geo:53.5,9.9",
                           "mailto:a@b.example",
                           "file:///a",
                           "a:b:c@d"}) {
    EXPECT_TRUE(is_uri(text)) << text;
  }
}

TEST(EpcisForms, WhatIsNoAbsoluteUriIsNone) {
  for (const char* text : {"",
                           ":",
                           "a",
                           "a:",
                           "a:?b",
                           "a:#b",
                           ":a",
                           "1a:b",
                           "a_b:c",
                           "a b:c",
                           "a:b c",
                           "a:b\n",
                           "/a:b",
                           "//h/a",
                           "a:%",
                           "a:%2",
                           "a:%2g",
                           "a:b#c#d",
                           "a:b[c]",
                           "a:\"b\"",
                           "a:<b>",
                           "a:b\\c",
                           "a:b^c",
                           "a:b|c",
                           "a:{b}",
                           "a:`b`",
                           "\xC3\xA4:b",
                           "a:\xC3\xA4",
                           "http://h:8a/",
                           "http://[::1/a",
                           "http://[::1]a/",
                           "http://[1.2.3.4]",
                           "http://[v.a]",
                           "http://[v1.]",
                           "http://[v1.%41]",
                           "http://[]",
                           "http://a@b@c/",
                           "http://h\\a",
                           "http://[::1%25lo]/"}) {
    EXPECT_FALSE(is_uri(text)) << text;
  }
  EXPECT_FALSE(is_uri(std::string_view("a:b\0c", 5)));
  EXPECT_FALSE(is_uri(std::string_view("http://[::1\0]", 13)));
}

TEST(EpcisForms, AUriOfAnyLengthTakesNoStack) {
  EXPECT_TRUE(is_uri("a:" + std::string(10'000'000, 'b')));
  EXPECT_FALSE(is_uri("a://[" + std::string(10'000'000, ':') + "]"));
  EXPECT_FALSE(is_uri(std::string(10'000'000, 'b')));
}

TEST(EpcisForms, TimesHaveADayOfTheCalendarAndAZone) {
  for (const char* text :
       {"2026-02-03T07:15:00Z", "2026-02-03T07:15:00.1+01:00", "0000-01-01T00:00:00Z",
        "9999-12-31T23:59:59.999999999999-23:59", "2000-02-29T00:00:00Z"}) {
    EXPECT_TRUE(is_time(text)) << text;
  }
  for (const char* text : {"",
                           "2026-02-03",
                           "2026-02-03T07:15Z",
                           "2026-02-03T07:15:00",
                           "2026-02-03T07:15:00.Z",
                           "2026-02-03T07:15:00,1Z",
                           "2026-00-03T07:15:00Z",
                           "2026-13-03T07:15:00Z",
                           "2026-02-00T07:15:00Z",
                           "2026-02-29T07:15:00Z",
                           "1900-02-29T07:15:00Z",
                           "2026-04-31T07:15:00Z",
                           "2026-02-03T24:00:00Z",
                           "2026-02-03T07:60:00Z",
                           "2026-02-03T07:15:60Z",
                           "2026-02-03T07:15:00+24:00",
                           "2026-02-03T07:15:00+01:60",
                           "2026-02-03T07:15:00+1:00",
                           "2026-02-03T07:15:00+0100",
                           "2026-02-03T07:15:00+01",
                           "2026-02-03t07:15:00Z",
                           "2026-02-03T07:15:00z",
                           "2026-02-03 07:15:00Z",
                           " 2026-02-03T07:15:00Z",
                           "2026-02-03T07:15:00Z ",
                           "2026-02-03T07:15:00ZZ",
                           "+2026-02-03T07:15:00Z",
                           "12026-02-03T07:15:00Z",
                           "2026-2-3T07:15:00Z",
                           "2026-W06-2T07:15:00Z",
                           "now"}) {
    EXPECT_FALSE(is_time(text)) << text;
  }
}

TEST(EpcisForms, ZoneOffsetsEndAtFourteenHours) {
  for (const char* text : {"+00:00", "-00:00", "+14:00", "-14:00", "+13:59", "-05:30"})
    EXPECT_TRUE(is_zone_offset(text)) << text;
  for (const char* text :
       {"", "Z", "00:00", "+14:01", "+15:00", "+1:00", "+01:60", "+0100", "+01", "+01:00 "})
    EXPECT_FALSE(is_zone_offset(text)) << text;
}

TEST(EpcisForms, CodesAndVersions) {
  EXPECT_TRUE(has_form(Form::kUnitCode, "KGM") && has_form(Form::kUnitCode, "4K") &&
              has_form(Form::kUnitCode, "A93"));
  for (const char* text : {"", "K", "KGMX", "kgm", "K-M"})
    EXPECT_FALSE(has_form(Form::kUnitCode, text)) << text;
  EXPECT_TRUE(has_form(Form::kHex, "0aF") && !has_form(Form::kHex, "") &&
              !has_form(Form::kHex, "0x1"));
  for (const char* text : {"2", "2.0", "2.0.0", "10.20"})
    EXPECT_TRUE(has_form(Form::kVersion, text)) << text;
  for (const char* text : {"", ".", "2.", ".2", "2..0", "v2", "2.0-a"})
    EXPECT_FALSE(has_form(Form::kVersion, text)) << text;
}

TEST(EpcisForms, TheVocabulariesOwnUrisAreNotOfOthers) {
  for (const char* text :
       {"urn:epcglobal:cbv:bizstep:shipping", "http://ns.gs1.org/cbv/BizStep-shipping",
        "https://ns.gs1.org/cbv/", "shipping"}) {
    EXPECT_FALSE(has_form(Form::kUriNotOfCbv, text)) << text;
  }
  EXPECT_TRUE(has_form(Form::kUriNotOfCbv, "https://ns.gs1.org/other"));
  for (const char* text : {"https://gs1.org/voc/Mass", "http://www.gs1.org/voc/Mass", "Mass"})
    EXPECT_FALSE(has_form(Form::kUriNotOfVoc, text)) << text;
  EXPECT_TRUE(has_form(Form::kUriNotOfVoc, "https://voc.gs1.org/Mass"));
}

TEST(EpcisForms, NamesOfTheSchemaAreKnown) {
  EXPECT_EQ(form_named("uri"), Form::kUri);
  EXPECT_EQ(form_named("uri-not-of-voc"), Form::kUriNotOfVoc);
  EXPECT_FALSE(form_named("email") || form_named(""));
}

}  // namespace
}  // namespace lotmark::epcis
