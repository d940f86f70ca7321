// The forms in which events come in and go out: XML, identifiers as they are asked for, exports.
#include "core/epcis/hash/event_hash.h"
#include "tests/unit/api_epcis/server.h"

namespace lotmark::api::epcis::test {
namespace {

const std::string kEvent =
    R"({"@context":["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld",{"yh":"https://yunhe.example/epcis/"}],)"
    R"("type":"ObjectEvent","eventID":"urn:uuid:5b2b1d2e-3d3f-4a33-9a6c-6f2d3a1f0001","eventTime":"2026-05-04T08:00:00+08:00",)"
    R"("eventTimeZoneOffset":"+08:00","action":"OBSERVE","bizStep":"shipping","epcList":["urn:epc:id:sgtin:6901234.056789.7"],)"
    R"("readPoint":{"id":"https://id.gs1.org/414/6901234000016"},"yh:note":"=1+1, \"quoted\""})";

const std::string kXml =
    R"(<?xml version="1.0" encoding="UTF-8"?><epcis:EPCISDocument xmlns:epcis="urn:epcglobal:epcis:xsd:1" schemaVersion="1.2" )"
    R"(creationDate="2026-05-04T00:00:00Z"><EPCISBody><EventList><ObjectEvent><eventTime>2026-05-04T08:00:00+08:00</eventTime>)"
    R"(<eventTimeZoneOffset>+08:00</eventTimeZoneOffset><epcList><epc>urn:epc:id:sgtin:6901234.056789.8</epc></epcList>)"
    R"(<action>OBSERVE</action><bizStep>urn:epcglobal:cbv:bizstep:receiving</bizStep></ObjectEvent></EventList></EPCISBody>)"
    R"(</epcis:EPCISDocument>)";

class Forms : public testing::Test {
 protected:
  http::Response post(const std::string& body) {
    return s.ask("POST", "/events", body, {{"content-type", "application/json"}});
  }
  Json first(const std::string& target, http::Headers headers = {}) {
    const auto answer = s.ask("GET", target, {}, std::move(headers));
    EXPECT_EQ(answer.status, 200) << as_text(answer.body);
    return json_of(answer)["epcisBody"]["queryResults"]["resultsBody"]["eventList"].at(0);
  }
  Server s;
};

TEST_F(Forms, Xml12IsAnsweredAs20) {
  const auto answer = s.ask("POST", "/capture", kXml, {{"content-type", "application/xml"}});
  ASSERT_EQ(answer.status, 202) << as_text(answer.body);
  const auto events = s.events("/events?MATCH_epc=urn:epc:id:sgtin:6901234.056789.8");
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(events[0]["bizStep"], "receiving");
  EXPECT_TRUE(events[0]["eventID"].get<std::string>().starts_with("ni:///sha-256;"));
}

TEST_F(Forms, BadXmlIsAProblemOfTheDocument) {
  for (std::size_t n = 0; n < kXml.size() - 1; n += 64) {
    const auto answer =
        s.ask("POST", "/capture", kXml.substr(0, n), {{"content-type", "text/xml; charset=utf-8"}});
    EXPECT_EQ(answer.status, 400) << n;
    EXPECT_EQ(json_of(answer)["type"], "epcisException:ValidationException") << n;
  }
  EXPECT_EQ(s.ask("POST", "/capture", kXml, {{"content-type", "text/xml; charset=gb2312"}}).status,
            415);
  EXPECT_EQ(s.ask("POST", "/capture", kXml, {{"content-type", "text/plain"}}).status, 415);
  EXPECT_EQ(s.ask("POST", "/capture", kXml, {{"content-type", ""}}).status, 415);
}

// The second of two ObjectEvents, of which the first is good, is at fault in what `inner` says.
std::string with_second(const std::string& inner) {
  const auto begin = kXml.find("<ObjectEvent>");
  const auto end = kXml.find("</EventList>");
  std::string second = kXml.substr(begin, end - begin);
  second.insert(second.find("</ObjectEvent>"), inner);
  return std::string(kXml).insert(end, second);
}

const std::string kNoQuantity =
    "<extension><quantityList><quantityElement><epcClass>urn:epc:class:lgtin:6901234.056789.A"
    "</epcClass><quantity>abc</quantity></quantityElement></quantityList></extension>";

TEST_F(Forms, AnEventOfXmlAtFaultLeavesTheOthersToBeKept) {
  const Json job =
      s.captured(with_second(kNoQuantity),
                 {{"content-type", "application/xml"}, {"gs1-capture-error-behaviour", "proceed"}});
  EXPECT_EQ(job["success"], false);
  ASSERT_EQ(job["errors"].size(), 1u);
  EXPECT_EQ(job["errors"][0]["path"], "/epcisBody/eventList/1/quantityList/0/quantity");
  EXPECT_EQ(job["errors"][0]["type"], "epcisException:ValidationException");
  EXPECT_EQ(job["errors"][0]["detail"], "XML line 1: <quantity>: it is no decimal number");
  EXPECT_EQ(s.events("/events").size(), 1u);
}

TEST_F(Forms, AnEventOfXmlAtFaultIsNamedWhereAllIsRefused) {
  for (const auto& [inner, place] : std::vector<std::pair<std::string, std::string>>{
           {kNoQuantity, "/quantityList/0/quantity"},
           {"<bizstep>x</bizstep>", "/bizstep"},
           {"<disposition>lost_in_space</disposition>", "/disposition"}}) {  // the JSON schema's
    const auto answer =
        s.ask("POST", "/capture", with_second(inner), {{"content-type", "application/xml"}});
    EXPECT_EQ(answer.status, 400) << inner;
    EXPECT_EQ(json_of(answer)["path"], "/epcisBody/eventList/1" + place);
  }
  EXPECT_TRUE(s.events("/events").empty());
}

// JSON-LD 1.1 section 4.1.5: else acme: would be no prefix for who reads the answer.
TEST_F(Forms, PrefixesOfNamespacesWithoutADelimiterAtTheEndAreDefinedAsSuch) {
  std::string xml = kXml;
  xml.insert(xml.find("</ObjectEvent>"),
             "<acme:field xmlns:acme='http://acme.example/epcis'>7</acme:field>");
  xml.insert(xml.find("</ObjectEvent>"), "<b:field xmlns:b='http://b.example/'>8</b:field>");
  ASSERT_EQ(s.captured(xml, {{"content-type", "application/xml"}})["success"], true);
  const auto before = s.events("/events");
  ASSERT_EQ(before.size(), 1u);
  EXPECT_EQ(before[0]["acme:field"], "7");
  Json answer = json_of(s.ask("GET", "/events"));
  EXPECT_EQ(answer["@context"][1],
            Json::parse(R"({"acme":{"@id":"http://acme.example/epcis","@prefix":true},)"
                        R"("b":"http://b.example/"})"));
  for (auto& e : answer["epcisBody"]["queryResults"]["resultsBody"]["eventList"])
    e.erase("recordTime");
  EXPECT_EQ(s.captured(answer.dump())["success"], true);
  EXPECT_EQ(s.events("/events"), before) << "by its hash it is the same event";
}

// GS1's context is protected: over the events of others such a map would leave all of the answer unreadable.
TEST_F(Forms, APrefixOfGs1sThatIsAnothersStandsOverItsEventAlone) {
  const auto capture = [&](const Json& map, const char* id) {
    Json e = Json::parse(kEvent);
    e.erase("@context");
    e["eventID"] = id;
    const Json document = {
        {"@context", {"https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld", map}},
        {"type", "EPCISDocument"},
        {"schemaVersion", "2.0"},
        {"creationDate", "2026-05-04T00:00:00Z"},
        {"epcisBody", {{"eventList", {e}}}}};
    EXPECT_EQ(s.captured(document.dump())["success"], true);
  };
  const Json map = {{"yh", "https://yunhe.example/epcis/"}};
  Json odd = map;
  odd["cbvmda"] = "http://else.example/";
  capture(odd, "urn:x:1");
  EXPECT_EQ(json_of(s.ask("GET", "/events"))["@context"][1], odd)
      << "where it stands over its own alone";
  capture(map, "urn:x:2");
  const Json answer = json_of(s.ask("GET", "/events"));
  EXPECT_EQ(answer["@context"][1], map);
  std::size_t found = 0;
  for (const auto& e : answer["epcisBody"]["queryResults"]["resultsBody"]["eventList"])
    found += e.contains("@context") &&
             e["@context"].dump().find("http://else.example/") != std::string::npos;
  EXPECT_EQ(found, 1u);
}

TEST_F(Forms, IdentifiersComeAsTheyAreAskedFor) {
  ASSERT_EQ(post(kEvent).status, 201);
  const std::string target = "/events?EQ_bizStep=shipping";
  EXPECT_EQ(first(target)["epcList"][0], "urn:epc:id:sgtin:6901234.056789.7") << "as sent";
  const Json link = first(target, {{"gs1-epc-format", "Always_GS1_Digital_Link"}});
  EXPECT_EQ(link["epcList"][0], "https://id.gs1.org/01/06901234567892/21/7");
  EXPECT_EQ(link["readPoint"]["id"], "https://id.gs1.org/414/6901234000016");
  const Json urn = first(target, {{"gs1-epc-format", "Always_EPC_URN"}});
  EXPECT_EQ(urn["readPoint"]["id"], "https://id.gs1.org/414/6901234000016")
      << "no company prefix is known here";
  EXPECT_EQ(s.ask("GET", target, {}, {{"gs1-epc-format", "Sometimes"}}).status, 406);
}

TEST_F(Forms, ResourcesComeAsTheyAreAskedFor) {
  Server known({"6901234"});
  ASSERT_EQ(known.ask("POST", "/events", kEvent).status, 201);
  const auto first_of = [&](const std::string& list, const char* format) {
    const Json body = json_of(known.ask("GET", list, {}, {{"gs1-epc-format", format}}));
    return body["member"].at(0).get<std::string>();
  };
  for (const char* format : {"Always_GS1_Digital_Link", "Never_Translates", "No_Preference"}) {
    EXPECT_EQ(first_of("/epcs", format), "https://id.gs1.org/01/06901234567892/21/7") << format;
    EXPECT_EQ(first_of("/readPoints", format), "https://id.gs1.org/414/6901234000016") << format;
  }
  EXPECT_EQ(first_of("/epcs", "Always_EPC_URN"), "urn:epc:id:sgtin:6901234.056789.7");
  EXPECT_EQ(first_of("/readPoints", "Always_EPC_URN"), "urn:epc:id:sgln:6901234.00001.0");
  EXPECT_EQ(first_of("/bizSteps", "Always_EPC_URN"), "shipping");
  EXPECT_EQ(json_of(known.ask("GET", "/epcs/urn:epc:id:sgtin:6901234.056789.7"))["member"],
            Json({"events"}));
}

TEST_F(Forms, PagesOfResourcesGoOnWhateverTheirForm) {
  Server known({"6901234"});
  std::string body = kEvent;
  const std::string epc = "urn:epc:id:sgtin:6901234.056789.7";
  body.replace(body.find(epc), epc.size(),
               epc + R"(","https://a.example/x","urn:epc:id:sgtin:6901234.056789.8)");
  ASSERT_EQ(known.ask("POST", "/events", body).status, 201);
  std::vector<std::string> all;
  for (std::string next = "/epcs?perPage=1"; !next.empty();) {
    const auto page = known.ask("GET", next, {}, {{"gs1-epc-format", "Always_EPC_URN"}});
    const Json one = json_of(page);
    ASSERT_EQ(one["member"].size(), 1u);
    all.push_back(one["member"][0]);
    const auto link = page.headers.find("Link");
    next = link == page.headers.end() ? "" : link->second.substr(link->second.find("/epcs"));
    next.resize(std::min(next.size(), next.find('>')));
  }
  EXPECT_EQ(all, (std::vector<std::string>{"https://a.example/x", epc,
                                           "urn:epc:id:sgtin:6901234.056789.8"}));
}

TEST(EpcFormats, LinksBecomeUrnsWhereAPrefixIsKnown) {
  Json event = {{"epcList", {"https://id.gs1.org/01/06901234567892/21/7", "https://a.example/x"}},
                {"parentID", "https://id.gs1.org/00/069012340000000018"},
                {"quantityList", {{{"epcClass", "https://b.example/01/06901234567892/10/A"}}}}};
  const std::vector<std::string> prefixes{"6901234"};
  use_format(event, EpcFormat::kUrn, prefixes);
  EXPECT_EQ(event["epcList"][0], "urn:epc:id:sgtin:6901234.056789.7");
  EXPECT_EQ(event["epcList"][1], "https://a.example/x");
  EXPECT_EQ(event["quantityList"][0]["epcClass"], "urn:epc:class:lgtin:6901234.056789.A");
}

TEST_F(Forms, AnEventTellsItsHash) {
  ASSERT_EQ(post(kEvent).status, 201);
  const auto answer = s.ask("GET", "/events/urn%3Auuid%3A5b2b1d2e-3d3f-4a33-9a6c-6f2d3a1f0001");
  ASSERT_EQ(answer.status, 200);
  EXPECT_TRUE(answer.headers.at("Lotmark-Event-Hash").starts_with("ni:///sha-256;"));
  EXPECT_FALSE(answer.headers.contains("Lotmark-Record")) << "in none yet";
}

TEST_F(Forms, ExportsGoOnWhereTheReaderStopped) {
  ASSERT_EQ(post(kEvent).status, 201);
  ASSERT_EQ(s.ask("POST", "/capture", kXml, {{"content-type", "application/xml"}}).status, 202);
  const auto lines = s.ask("GET", "/export/events");
  ASSERT_EQ(lines.status, 200);
  const std::string text(as_text(lines.body));
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 2);
  const Json line = Json::parse(text.substr(0, text.find('\n')));
  EXPECT_EQ(line["n"], 1);
  EXPECT_EQ(as_sent(line["event"]), Json::parse(kEvent));
  EXPECT_EQ(lines.headers.at("Lotmark-Last"), "2");
  const auto rest = s.ask("GET", "/export/events?after=1&format=csv");
  const std::string csv(as_text(rest.body));
  EXPECT_TRUE(csv.starts_with("2,ni:///sha-256;")) << csv;
  const auto end = s.ask("GET", "/export/events?after=2");
  EXPECT_TRUE(end.body.empty());
  EXPECT_FALSE(end.headers.contains("Link"));
  EXPECT_TRUE(as_text(s.ask("GET", "/export/events?format=csv").body).starts_with("n,eventID,"));
  EXPECT_EQ(s.ask("GET", "/export/events?format=xls").status, 400);
  EXPECT_EQ(s.ask("GET", "/export/events?after=x").status, 400);
}

TEST_F(Forms, ExportsAsCsvHaveWhatIsToldByClassAndOfWhom) {
  Json e = Json::parse(kEvent);
  e.erase("epcList");
  e["quantityList"] = Json::parse(
      R"([{"epcClass":"urn:epc:class:lgtin:6901234.056789.L1","quantity":12.5,"uom":"KGM"},)"
      R"({"epcClass":"https://a.example/c,1","quantity":200},{"epcClass":"https://a.example/x"}])");
  e["bizTransactionList"] = Json::parse(
      R"([{"type":"po","bizTransaction":"urn:x:po:1"},{"bizTransaction":"urn:x:any"}])");
  e["sourceList"] = Json::parse(R"([{"type":"owning_party","source":"urn:x:a"}])");
  e["destinationList"] = Json::parse(R"([{"type":"location","destination":"urn:x:b"}])");
  const auto posted = post(e.dump());
  ASSERT_EQ(posted.status, 201) << as_text(posted.body);
  const auto answer = s.ask("GET", "/export/events?format=csv");
  const std::string csv(as_text(answer.body));
  const auto head = csv.find("\r\n");
  EXPECT_TRUE(csv.substr(0, head).ends_with(
      ",epcs,eventHash,quantityLists,epcClasses,quantities,uoms,bizTransactionTypes,"
      "bizTransactions,sourceTypes,sources,destinationTypes,destinations"))
      << csv;
  EXPECT_TRUE(csv.ends_with(
      ",quantityList|quantityList|quantityList,\"urn:epc:class:lgtin:6901234.056789.L1|"
      "https://a.example/c,1|https://a.example/x\",12.5|200|,KGM||,po|,urn:x:po:1|urn:x:any,"
      "owning_party,urn:x:a,location,urn:x:b\r\n"))
      << csv;
}

TEST_F(Forms, ExportsGoByAcceptWhereNoFormatIsNamed) {
  ASSERT_EQ(post(kEvent).status, 201);
  const auto type_of = [&](const char* accept, const std::string& target = "/export/events") {
    const auto answer = s.ask("GET", target, {}, {{"accept", accept}});
    EXPECT_EQ(answer.headers.at("Vary"), "Accept") << accept;
    return answer.content_type;
  };
  const std::string csv = "text/csv; charset=utf-8", lines = "application/jsonl";
  for (const char* accept : {"text/csv", "text/*", "text/csv, application/jsonl;q=0.5"})
    EXPECT_EQ(type_of(accept), csv) << accept;
  for (const char* accept : {"*/*", "", "application/jsonl", "text/csv, application/jsonl"})
    EXPECT_EQ(type_of(accept), lines) << accept;
  EXPECT_EQ(type_of("text/csv", "/export/events?format=jsonl"), lines);
  EXPECT_EQ(type_of("*/*", "/export/events?format=csv"), csv);
  EXPECT_NE(s.ask("GET", "/export/events", {}, {{"accept", "text/csv"}})
                .headers.at("Link")
                .find("format=csv"),
            std::string::npos);
}

}  // namespace
}  // namespace lotmark::api::epcis::test
