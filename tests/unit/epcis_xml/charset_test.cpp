#include <gmock/gmock.h>

#include "core/epcis/xml/decode.h"
#include "tests/unit/epcis_xml/made.h"

namespace lotmark::epcis::test {
namespace {

using testing::HasSubstr;

std::string utf16(std::u16string_view text, bool high_first, bool marked = true) {
  std::string out;
  const auto put = [&](char16_t unit) {
    const char high = static_cast<char>(unit >> 8);
    const char low = static_cast<char>(unit & 0xFF);
    out += high_first ? high : low;
    out += high_first ? low : high;
  };
  if (marked) put(0xFEFF);
  for (const char16_t unit : text) put(unit);
  return out;
}

std::u16string wide(std::string_view ascii) { return {ascii.begin(), ascii.end()}; }

TEST(XmlCharset, Utf16WithAMarkIsReadInBothOrders) {
  const auto plain = document(object_event("<eventTime>t</eventTime>"));
  const Json expected = *read_whole(plain);
  for (const bool high_first : {true, false}) {
    EXPECT_EQ(*read_whole(utf16(wide(plain), high_first)), expected);
    EXPECT_EQ(
        *read_whole(utf16(u"<?xml version='1.0' encoding='UTF-16'?>" + wide(plain), high_first)),
        expected);
  }
}

TEST(XmlCharset, Utf16KeepsCharactersOfEveryPlane) {
  EXPECT_EQ(*xml::decode_xml(utf16(u"a\u00E9\u20AC\U0001F48A", true)),
            "a\xC3\xA9\xE2\x82\xAC\xF0\x9F\x92\x8A");
}

TEST(XmlCharset, Utf16ThatIsBrokenIsRefused) {
  for (const std::u16string_view text : {std::u16string_view(u"a\xD800"),
                                         std::u16string_view(u"\xDC00"
                                                             u"a"),
                                         std::u16string_view(u"\xD800"
                                                             u"a"),
                                         std::u16string_view(u"\xD800\xD800")}) {
    EXPECT_EQ(xml::decode_xml(utf16(text, false)).code(), Errc::kUsage);
  }
  EXPECT_FALSE(xml::decode_xml(utf16(u"ab", true) + "c"));
}

TEST(XmlCharset, Utf16WithoutAMarkIsRefused) {
  for (const bool high_first : {true, false})
    EXPECT_NE(refusal(utf16(wide(document("")), high_first, false)), "");
}

TEST(XmlCharset, ADeclaredCharsetThatIsNotReadIsNamed) {
  for (const std::string name : {"ISO-8859-1", "windows-1252", "UTF-7", "UTF-32", "EBCDIC", "x"}) {
    EXPECT_THAT(refusal("<?xml version=\"1.0\" encoding=\"" + name + "\"?>" + document("")),
                HasSubstr("charset"))
        << name;
  }
  EXPECT_THAT(refusal("<?xml version='1.0' encoding='iso-8859-1'?>" + document("")),
              HasSubstr("ISO-8859-1"));
}

TEST(XmlCharset, ADeclarationThatTheBytesContradictIsRefused) {
  EXPECT_THAT(refusal("<?xml version=\"1.0\" encoding=\"utf-16\"?>" + document("")),
              HasSubstr("UTF-16"));
  EXPECT_THAT(refusal(utf16(u"<?xml version='1.0' encoding='utf-8'?>" + wide(document("")), true)),
              HasSubstr("UTF-8"));
  EXPECT_NE(refusal(utf16(u"<?xml version='1.0' encoding='utf-16le'?>" + wide(document("")), true)),
            "");
}

TEST(XmlCharset, Utf8IsDeclaredInAnyCaseAndEitherQuotes) {
  for (const char* declaration : {"<?xml version=\"1.0\" encoding=\"utf-8\"?>",
                                  "<?xml version='1.0' encoding = 'Utf-8' standalone='yes'?>",
                                  "<?xml version=\"1.0\"?>", ""}) {
    EXPECT_EQ(refusal(declaration + document("")), "") << declaration;
  }
}

TEST(XmlCharset, BytesThatAreNoUtf8AreRefused) {
  for (const char* bytes :
       {"\xFF", "\xC3", "\xC0\xAF", "\xED\xA0\x80", "\xF4\x90\x80\x80", "caf\xE9"}) {
    EXPECT_THAT(event_refusal("<eventTime>" + std::string(bytes) + "</eventTime>"),
                HasSubstr("UTF-8"));
  }
}

TEST(XmlCharset, CharactersThatXmlDoesNotAllowAreRefused) {
  for (const std::string& bytes : {std::string(1, '\0'), std::string("\x01"), std::string("\x1B"),
                                   std::string("\xEF\xBF\xBE"), std::string("\xEF\xBF\xBF")}) {
    EXPECT_THAT(event_refusal("<eventTime>" + bytes + "</eventTime>"),
                HasSubstr("control character"));
  }
}

TEST(XmlCharset, ReferencesToCharactersThatXmlDoesNotAllowAreRefused) {
  for (const char* name :
       {"&#0;", "&#x0;", "&#8;", "&#xD800;", "&#xDFFF;", "&#xFFFE;", "&#x110000;", "&#99999999999;",
        "&#;", "&#x;", "&#xg;", "&#-1;", "&# 65;"}) {
    EXPECT_THAT(event_refusal("<eventTime>" + std::string(name) + "</eventTime>"), HasSubstr("'&'"))
        << name;
    EXPECT_THAT(event_refusal("", "x='" + std::string(name) + "'"), HasSubstr("'&'")) << name;
  }
}

TEST(XmlCharset, ReferencesToCharactersAreResolved) {
  EXPECT_EQ(event_of("<eventTime>&#65;&#x42;&#xe9;&#x1F48A;&lt;&gt;&amp;&quot;&apos;</eventTime>")
                ["eventTime"],
            "AB\xC3\xA9\xF0\x9F\x92\x8A<>&\"'");
  EXPECT_EQ(event_of("<eventTime>&amp;lt;</eventTime>")["eventTime"], "&lt;");
}

}  // namespace
}  // namespace lotmark::epcis::test
