// Prefixes of extensions: what they are called in the JSON.
#include "core/epcis/xml/names.h"

#include <gmock/gmock.h>

#include "tests/unit/epcis_xml/made.h"

namespace lotmark::epcis::test {
namespace {

using testing::HasSubstr;

TEST(XmlNames, ANamespaceHasOnePrefixInTheWholeDocument) {
  EXPECT_EQ(
      event_of("<a:x xmlns:a='urn:s:'>1</a:x><b:y xmlns:b='urn:s:'>2</b:y><y xmlns='urn:s:'>3</y>"),
      Json::parse(R"({"a:x":"1","a:y":["2","3"]})"));
}

TEST(XmlNames, APrefixWithTwoMeaningsKeepsThemApart) {
  EXPECT_EQ(event_of("<a:x xmlns:a='urn:s:'><a:x xmlns:a='urn:t:'><a:x "
                     "xmlns:a='urn:u:'/></a:x></a:x><a:y xmlns:a='urn:s:'/>"),
            Json::parse(R"({"a:x":{"a2:x":{"a3:x":""}},"a:y":""})"));
}

TEST(XmlNames, ADeclarationEndsWithItsElement) {
  EXPECT_THAT(event_refusal("<a:x xmlns:a='urn:s:'/><a:y/>"),
              HasSubstr("prefix a is not declared"));
  EXPECT_THAT(event_refusal("<a:x xmlns:a='urn:s:' b:c='1'/>"),
              HasSubstr("prefix b is not declared"));
}

TEST(XmlNames, ADefaultNamespaceCanBeTakenBack) {
  EXPECT_EQ(event_of("<x xmlns='urn:s:'><y xmlns=''><z/></y></x>"),
            Json::parse(R"({"ns1:x":{"ns1:y":{"ns1:z":""}}})"));
}

// GS1's context may not be contradicted (JSON-LD 1.1, @protected), nor may URIs be mistaken for names.
TEST(XmlNames, PrefixesThatMeanSomethingElseAreChanged) {
  for (const std::string prefix : {"gs1", "epcis", "id", "type", "urn", "https", "ilmd", "cbv"}) {
    EXPECT_EQ(event_of("<" + prefix + ":x xmlns:" + prefix + "='urn:s:'/>"),
              (Json{{prefix + "2:x", ""}}))
        << prefix;
  }
}

TEST(XmlNames, PrefixesThatCannotBeginAUriAreChanged) {
  for (const std::string& prefix :
       std::vector<std::string>{"_a", "\xC3\xA4", "a_b", std::string(33, 'p')})
    EXPECT_EQ(event_of("<" + prefix + ":x xmlns:" + prefix + "='urn:s:'/>"), (Json{{"ns1:x", ""}}))
        << prefix;
}

TEST(XmlNames, NamespacesOfGs1HaveGs1sPrefixAndNeedNoDefinition) {
  const auto read = read_whole(document(
      object_event("<v:x xmlns:v='https://gs1.org/voc/'/><m:y xmlns:m='urn:epcglobal:cbv:mda'/>")));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->at("@context"), Json::array({kContextUrl}));
  EXPECT_TRUE(read->at("epcisBody").at("eventList").at(0).contains("gs1:x"));
  EXPECT_TRUE(read->at("epcisBody").at("eventList").at(0).contains("cbvmda:y"));
}

TEST(XmlNames, ElementsOfEpcisInsideOfForeignOnesKeepTheirNamespace) {
  EXPECT_EQ(event_of("<a:x xmlns:a='urn:s:'><epcis:epcList/></a:x>"),
            Json::parse(R"({"a:x":{"epcis:epcList":""}})"));
}

TEST(XmlNames, WhatTheNamesMeanIsReadFromTheContext) {
  const auto read = read_whole(file("extensions.xml"));
  ASSERT_TRUE(read);
  const auto context = Context::read(read->at("@context"));
  ASSERT_TRUE(context);
  EXPECT_EQ(context->expand("b2:leaf"), (ExpandedName{"https://ns.three.example/x", "leaf"}));
  EXPECT_EQ(context->expand("cbvmda2:mine"), (ExpandedName{"https://ns.seven.example/", "mine"}));
  EXPECT_EQ(context->expand("cbvmda:lotNumber"),
            (ExpandedName{"urn:epcglobal:cbv:mda:", "lotNumber"}));
}

TEST(XmlNames, NamespacesThatAreNoUrisAreRefused) {
  for (const std::string& space : {std::string("relative"), "urn:" + std::string(509, 'x')})
    EXPECT_THAT(event_refusal("<a:x xmlns:a='" + space + "'/>"), HasSubstr("<a:x>"));
  EXPECT_THAT(event_refusal("<a:x xmlns:a=''/>"), HasSubstr("XML does not allow"));
  EXPECT_THAT(event_refusal("<a xmlns:xmlns='urn:s:'/>"), HasSubstr("XML does not allow"));
}

TEST(XmlNames, NamesWithColonsTooManyAreRefused) {
  for (const char* name : {"a:b:c", ":b", "a:"})
    EXPECT_NE(event_refusal("<" + std::string(name) + " xmlns:a='urn:s:'/>"), "") << name;
}

TEST(XmlNames, TheSixtyFifthNamespaceIsTooMany) {
  const auto with = [](int count) {
    std::string inner;
    for (int i = 0; i < count; ++i) {
      const std::string n = std::to_string(i);
      inner += "<p" + n + ":x xmlns:p" + n + "='urn:s:" + n + "'/>";
    }
    return read_whole(document(object_event(inner)));
  };
  const auto most = with(64);
  ASSERT_TRUE(most);
  EXPECT_TRUE(Context::read(most->at("@context")));
  EXPECT_EQ(with(65).code(), Errc::kTooLarge);
}

TEST(XmlNames, UnusedDeclarationsAreLeftOut) {
  const auto read = read_whole(
      document("", "xmlns:a='urn:s:' xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance'"));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->at("@context"), Json::array({kContextUrl}));
}

TEST(XmlNames, LanguagesOfTextsAreKept) {
  EXPECT_EQ(event_of("<a:x xmlns:a='urn:s:' xml:lang='de'>Bl\xC3\xA4tter</a:x>"),
            (Json{{"a:x", {{"xml:lang", "de"}, {"rdf:value", "Bl\xC3\xA4tter"}}}}));
}

}  // namespace
}  // namespace lotmark::epcis::test
