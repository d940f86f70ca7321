// What is and what is not EPCIS, beyond the cases.
#include <gmock/gmock.h>

#include "tests/unit/epcis_xml/made.h"

namespace lotmark::epcis::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;

TEST(XmlForm, ARefusalNamesTheLineAndTheElement) {
  EXPECT_EQ(refusal(document("\n\n<ObjectEvent>\n<bizstep>x</bizstep></ObjectEvent>")),
            "usage: XML line 4: <bizstep>: EPCIS has no such element in <ObjectEvent>");
  EXPECT_EQ(refusal(document(
                "\n<ObjectEvent><action>OBSERVE</action>\n\n<action>ADD</action></ObjectEvent>")),
            "usage: XML line 4: <action>: there are two of it");
}

TEST(XmlForm, OnlyTheTwoDocumentsThatCarryEventsAreRead) {
  const std::string attributes = " schemaVersion='1.2' creationDate='2026-01-01T00:00:00Z'";
  for (const std::string root :
       {"EPCISDocument", "e:EPCISMasterDataDocument", "e:Envelope", "epcis", "e:ObjectEvent"}) {
    EXPECT_THAT(refusal("<" + root + " xmlns:e='urn:epcglobal:epcis:xsd:1'" + attributes + "/>"),
                HasSubstr("neither an EPCISDocument nor an EPCISQueryDocument"));
  }
  EXPECT_THAT(refusal("<e:EPCISDocument xmlns:e='urn:epcglobal:epcis:xsd:3'" + attributes + "/>"),
              HasSubstr("neither"));
  EXPECT_THAT(refusal("<html><body/></html>"), HasSubstr("<html>"));
  EXPECT_NE(refusal("{\"type\":\"EPCISDocument\"}"), "");
  EXPECT_NE(refusal(""), "");
  EXPECT_NE(refusal(" \n"), "");
}

TEST(XmlForm, ADocumentHasADateAndABody) {
  const std::string space = "xmlns:e='urn:epcglobal:epcis:xsd:1'";
  EXPECT_THAT(refusal("<e:EPCISDocument " + space + "><EPCISBody/></e:EPCISDocument>"),
              HasSubstr("creationDate"));
  EXPECT_THAT(refusal("<e:EPCISDocument " + space + " creationDate='x'/>"), HasSubstr("EPCISBody"));
  EXPECT_THAT(refusal("<e:EPCISDocument " + space +
                      " creationDate='x'><EPCISBody/><EPCISBody/></e:EPCISDocument>"),
              HasSubstr("two of it"));
  EXPECT_THAT(refusal("<e:EPCISDocument " + space + " creationDate='x' schemaVersion='3.0'/>"),
              HasSubstr("schemaVersion"));
  EXPECT_THAT(refusal("<e:EPCISDocument " + space + " creationDate='x' colour='red'/>"),
              HasSubstr("colour"));
}

TEST(XmlForm, ABodyWithoutEventsHasAnEmptyList) {
  const auto read = read_whole(
      "<e:EPCISDocument xmlns:e='urn:epcglobal:epcis:xsd:1' "
      "creationDate='x'><EPCISBody/></e:EPCISDocument>");
  ASSERT_TRUE(read);
  EXPECT_EQ(read->at("epcisBody"), Json::parse(R"({"eventList":[]})"));
}

TEST(XmlForm, AQueryDocumentWithoutResultsIsRefused) {
  const auto query = [](const std::string& body) {
    return refusal(
        "<q:EPCISQueryDocument xmlns:q='urn:epcglobal:epcis-query:xsd:1' "
        "creationDate='x'><EPCISBody>" +
        body + "</EPCISBody></q:EPCISQueryDocument>");
  };
  EXPECT_THAT(query(""), HasSubstr("QueryResults"));
  EXPECT_THAT(query("<q:Poll/>"), HasSubstr("<q:Poll>"));
  EXPECT_THAT(query("<q:QueryResults/><q:QueryResults/>"), HasSubstr("two of it"));
  EXPECT_THAT(
      query("<q:QueryResults><resultsBody><VocabularyList/></resultsBody></q:QueryResults>"),
      HasSubstr("<VocabularyList>"));
}

TEST(XmlForm, EventsStandAtAnyDepthOfExtensions) {
  const auto read =
      read_whole(document("<ObjectEvent/><extension><extension><AssociationEvent/></extension>"
                          "<TransformationEvent/></extension><AggregationEvent/>"));
  ASSERT_TRUE(read);
  std::vector<std::string> types;
  for (const auto& event : read->at("epcisBody").at("eventList")) types.push_back(event.at("type"));
  EXPECT_EQ(types, (std::vector<std::string>{"ObjectEvent", "AssociationEvent",
                                             "TransformationEvent", "AggregationEvent"}));
}

TEST(XmlForm, AnUnknownEventIsRefused) {
  EXPECT_THAT(refusal(document("<MoonEvent/>")), HasSubstr("<MoonEvent>"));
  EXPECT_THAT(refusal(document("<x:ObjectEvent xmlns:x='urn:x:y'/>")),
              HasSubstr("<x:ObjectEvent>"));
  EXPECT_THAT(refusal(document("words")), HasSubstr("there is text"));
}

// 1.1 has sourceList one extension deep, 2.0 none: what is known is read at any.
TEST(XmlForm, AFieldIsTheSameHoweverManyExtensionsItIsIn) {
  const std::string field =
      "<sourceList><source type='urn:epcglobal:cbv:sdt:location'>urn:a:b</source></sourceList>";
  const Json expected = event_of(field);
  EXPECT_EQ(expected, Json::parse(R"({"sourceList":[{"type":"location","source":"urn:a:b"}]})"));
  for (const std::string tag : {"extension", "baseExtension"}) {
    const std::string once = "<" + tag + ">" + field + "</" + tag + ">";
    EXPECT_EQ(event_of(once), expected);
    EXPECT_EQ(event_of("<" + tag + ">" + once + "</" + tag + ">"), expected);
  }
  EXPECT_THAT(event_refusal(field + "<extension>" + field + "</extension>"),
              HasSubstr("two of it"));
}

TEST(XmlForm, WrongShapesOfTheStandardsElementsAreRefused) {
  for (const char* inner :
       {"<epcList>urn:a:b</epcList>",
        "<epcList><item>urn:a:b</item></epcList>",
        "<epcList><epc><epc/></epc></epcList>",
        "<epcList type='x'/>",
        "<epcList><epc type='x'>urn:a:b</epc></epcList>",
        "<action><b>ADD</b></action>",
        "<readPoint>urn:a:b</readPoint>",
        "<readPoint><id>a</id><id>b</id></readPoint>",
        "<readPoint><name/></readPoint>",
        "<ilmd><lotNumber>1</lotNumber></ilmd>",
        "<ilmd>text</ilmd>",
        "<bizTransactionList><bizTransaction kind='x'>a</bizTransaction></bizTransactionList>",
        "<bizTransactionList><source>a</source></bizTransactionList>",
        "<sourceList><source type='x'><id>a</id></source></sourceList>",
        "<quantityList><quantityElement><weight>1</weight></quantityElement></quantityList>",
        "<quantityList><quantityElement><uom>A</uom><uom>B</uom></quantityElement></quantityList>",
        "<quantityList><quantityElement unit='x'/></quantityList>",
        "<errorDeclaration><when/></errorDeclaration>",
        "<persistentDisposition><add>x</add></persistentDisposition>",
        "<sensorElementList><sensorReport/></sensorElementList>",
        "<sensorElementList><sensorElement><sensorMetadata/><sensorMetadata/></sensorElement></"
        "sensorElementList>",
        "<sensorElementList><sensorElement><sensorReport "
        "height='1'/></sensorElement></sensorElementList>",
        "<sensorElementList><sensorElement><sensorReport>5</sensorReport></sensorElement></"
        "sensorElementList>",
        "<eventTime>a</eventTime>text",
        "<epcClass>urn:a:b</epcClass>",
        "<quantity>1</quantity>"}) {
    EXPECT_THAT(event_refusal(inner), StartsWith("usage: XML line 1: <")) << inner;
  }
}

TEST(XmlForm, AnEventAtFaultLeavesItsPlaceAndTheOthers) {
  const auto read =
      read_xml(document("<ObjectEvent/><MoonEvent/><extension><AssociationEvent/><ObjectEvent><a:x "
                        "xmlns:a='urn:s:'><b:y/></a:x></ObjectEvent></extension><ObjectEvent><a:z "
                        "xmlns:a='urn:t:'/></ObjectEvent>"));
  ASSERT_TRUE(read) << read.error().message();
  const Json& events = read->json.at("epcisBody").at("eventList");
  ASSERT_EQ(events.size(), 5u);
  ASSERT_EQ(read->faults.size(), 2u);
  EXPECT_EQ(read->faults[0].place, 1u);
  EXPECT_EQ(read->faults[0].path, "");
  EXPECT_THAT(read->faults[0].detail, HasSubstr("<MoonEvent>"));
  EXPECT_EQ(read->faults[1].place, 3u);
  EXPECT_EQ(read->faults[1].path, "/a:x/b:y");
  EXPECT_TRUE(events[1].is_null() && events[3].is_null());
  EXPECT_EQ(events[2].at("type"), "AssociationEvent");
  const auto context = Context::read(read->json.at("@context"));
  ASSERT_TRUE(context);
  const std::string name = std::next(events[4].begin(), events[4].begin().key() == "type").key();
  EXPECT_EQ(context->expand(name), (ExpandedName{"urn:t:", "z"}))
      << "what was declared in the event at fault has ended with it";
}

TEST(XmlForm, AFaultHasThePlaceThatItHasInTheJson) {
  const auto place_of = [](const std::string& inner) {
    const auto read = read_xml(document(object_event(inner)));
    if (!read) return std::string("it is no XML");
    return read->faults.empty() ? std::string("it was read") : read->faults[0].path;
  };
  EXPECT_EQ(place_of("text"), "");
  EXPECT_EQ(place_of("<extension><action/><action/></extension>"), "/action");
  EXPECT_EQ(place_of("<epcList><epc>a</epc><!-- --><epc>b</epc><item/></epcList>"), "/epcList/2");
  EXPECT_EQ(place_of("<childEPCs><epc x='1'/></childEPCs>"), "/childEPCs/0");
  EXPECT_EQ(place_of("<readPoint><id/><id/></readPoint>"), "/readPoint/id");
  EXPECT_EQ(place_of("<persistentDisposition><unset/><set/><set y='1'/></persistentDisposition>"),
            "/persistentDisposition/set/1");
  EXPECT_EQ(place_of("<extension><sensorElementList><sensorElement/><sensorElement><sensorMetadata"
                     "/><sensorReport value='x'/></sensorElement></sensorElementList></extension>"),
            "/sensorElementList/1/sensorReport/0");
  EXPECT_EQ(place_of("<a~b/>"), "it is no XML") << "the parser takes no such name";
  EXPECT_EQ(place_of("<" + std::string(90, 'n') + "/>"), "/" + std::string(80, 'n') + "...");
}

TEST(XmlForm, AQuantityEventHasNoActionOfItsOwn) {
  EXPECT_THAT(refusal(document("<QuantityEvent><action>ADD</action></QuantityEvent>")),
              HasSubstr("<action>"));
  EXPECT_THAT(
      refusal(document("<QuantityEvent><extension><quantityList/></extension></QuantityEvent>")),
      HasSubstr("<quantityList>"));
}

TEST(XmlForm, QuantitiesThatAreNoNumbersAreRefused) {
  for (const char* text :
       {"", "many", "1,5", "1e3", "0x10", "INF", "NaN", "1 2", "--1", ".", "1.2.3"}) {
    EXPECT_THAT(event_refusal("<quantityList><quantityElement><quantity>" + std::string(text) +
                              "</quantity></quantityElement></quantityList>"),
                AllOf(HasSubstr("<quantity>"), HasSubstr("no decimal number")))
        << text;
  }
}

TEST(XmlForm, SensorValuesOfTheWrongTypeAreRefused) {
  for (const char* attribute :
       {"value='warm'", "minValue=''", "booleanValue='yes'", "maxValue='INF'"}) {
    EXPECT_THAT(event_refusal("<sensorElementList><sensorElement><sensorReport " +
                              std::string(attribute) + "/></sensorElement></sensorElementList>"),
                HasSubstr("<sensorReport>"))
        << attribute;
  }
}

TEST(XmlForm, CommentsAndInstructionsSayNothing) {
  EXPECT_EQ(
      event_of(
          "<!-- <action>ADD</action> --><eventTime>2026<!-- - -->-01<?skip me?>-02</eventTime>"),
      Json::parse(R"({"eventTime":"2026-01-02"})"));
}

TEST(XmlForm, AHeaderIsReadOverButForeignPartsOfIt) {
  const auto with_header = [](const std::string& header) {
    return read_whole(
        "<e:EPCISDocument xmlns:e='urn:epcglobal:epcis:xsd:1' creationDate='x'><EPCISHeader>" +
        header + "</EPCISHeader><EPCISBody/></e:EPCISDocument>");
  };
  EXPECT_FALSE(with_header("<extension><EPCISMasterData/></extension>")->contains("epcisHeader"));
  EXPECT_EQ(
      with_header("<x:a xmlns:x='urn:x:'>1</x:a><x:a xmlns:x='urn:x:'>2</x:a>")->at("epcisHeader"),
      Json::parse(R"({"x:a":["1","2"]})"));
}

}  // namespace
}  // namespace lotmark::epcis::test
