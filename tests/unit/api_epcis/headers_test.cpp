// The GS1-... headers and Accept, as EPCIS 2.0 and GS1's OpenAPI file have them.
#include "tests/unit/api_epcis/own_documents.h"
#include "tests/unit/api_epcis/server.h"

namespace lotmark::api::epcis::test {
namespace {

const std::string kXml12 =
    R"(<e:EPCISDocument xmlns:e="urn:epcglobal:epcis:xsd:1" schemaVersion="1.2" creationDate="2026-05-04T00:00:00Z">)"
    R"(<EPCISBody><EventList/></EPCISBody></e:EPCISDocument>)";

class Headers : public testing::Test {
 protected:
  int xml(http::Headers headers) {
    headers.emplace("content-type", "application/xml");
    return s.ask("POST", "/capture", kXml12, std::move(headers)).status;
  }
  int json(http::Headers headers) {
    return s.ask("POST", "/capture", own_document(own_events()), std::move(headers)).status;
  }
  Server s;
};

TEST_F(Headers, ACaptureOfXmlMaySayThatItIsOfAnEarlierVersion) {
  for (const char* name : {"gs1-epcis-version", "gs1-cbv-version"}) {
    for (const char* version : {"1.0", "1.1", "1.2", "1.2.0", "1.2.2", "2.0", "2.0.0"})
      EXPECT_EQ(xml({{name, version}}), 202) << version;
    for (const char* version : {"0.9", "1.3", "1.10", "2.1", "3", "1.2.", "one"})
      EXPECT_EQ(xml({{name, version}}), 406) << version;
    EXPECT_EQ(json({{name, "1.2"}}), 406) << "there is no JSON of it";
    EXPECT_EQ(s.ask("GET", "/events", {}, {{name, "1.2"}}).status, 406) << "answers are of 2.0";
  }
}

TEST_F(Headers, ACaptureAsksForNoTypeOfAnswerSinceThereIsNoBody) {
  EXPECT_EQ(xml({{"accept", "application/xml"}}), 202);
  EXPECT_EQ(json({{"accept", "text/xml, application/xml;q=0.5"}}), 202);
  const auto fault = s.ask("POST", "/capture", "{}", {{"accept", "application/xml"}});
  EXPECT_EQ(fault.status, 400);
  EXPECT_EQ(fault.content_type, "application/problem+json");
  const auto event = own_events()[0];
  EXPECT_EQ(s.ask("POST", "/events", event.dump(), {{"accept", "application/xml"}}).status, 406);
  EXPECT_EQ(s.ask("GET", "/capture", {}, {{"accept", "application/xml"}}).status, 406);
}

TEST_F(Headers, TheLimitsOfCaptureAreToldWhereEventsAreCaptured) {
  for (const char* target : {"/capture", "/events"}) {
    for (const char* method : {"OPTIONS", "POST"}) {
      const auto headers = s.ask(method, target).headers;
      EXPECT_TRUE(headers.contains("GS1-EPCIS-Capture-Limit")) << method << ' ' << target;
      EXPECT_TRUE(headers.contains("GS1-EPCIS-Capture-File-Size-Limit"));
    }
  }
  EXPECT_FALSE(s.ask("OPTIONS", "/epcs").headers.contains("GS1-EPCIS-Capture-Limit"));
}

TEST_F(Headers, WhatTheServerSaysOfItselfIsOneOfTheWordsThatGs1Has) {
  for (const char* method : {"OPTIONS", "GET"}) {
    const auto headers = s.ask(method, "/capture").headers;
    EXPECT_EQ(headers.at("GS1-Capture-Error-Behaviour"), "all");
    EXPECT_EQ(headers.at("GS1-EPC-Format"), "No_Preference");
    EXPECT_EQ(headers.at("GS1-EPCIS-Min"), "2.0.0");
  }
  EXPECT_EQ(json({{"gs1-capture-error-behaviour", "all"}}), 406) << "it is for servers to say";
}

}  // namespace
}  // namespace lotmark::api::epcis::test
