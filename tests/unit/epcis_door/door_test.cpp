#include "core/epcis/door/door.h"

#include <gtest/gtest.h>

#include "tests/unit/epcis_door/documents.h"

namespace lotmark::epcis::test {
namespace {

const std::string kOdd =
    "{ \"type\":\"ObjectEvent\" , \"eventTime\":\"2026-02-03T07:15:00Z\",\n"
    "\"eventTimeZoneOffset\":\"+01:00\",\"action\":\"OBSERVE\",\"epcList\":[],\n"
    "\"farm:odd\": [1.50, 1E2, \"\\u0061\\/]}\" , -0 ] }";

Captured captured(const std::string& body, const DoorLimits& limits = {}) {
  auto outcome = read_document(body, limits);
  EXPECT_EQ(fault_of(outcome).status, 0)
      << fault_of(outcome).path << " " << fault_of(outcome).detail;
  auto* taken = std::get_if<Captured>(&outcome);
  return taken ? std::move(*taken) : Captured{};
}

TEST(EpcisDoor, EventsComeWithTheBytesTheyWereSentAs) {
  const auto plain = inner("object").dump(2);
  const auto out = captured(document({kOdd, plain, kOdd}));
  ASSERT_EQ(out.events.size(), 3u);
  EXPECT_EQ(out.events[0].bytes, kOdd);
  EXPECT_EQ(out.events[1].bytes, plain);
  EXPECT_EQ(out.events[2].bytes, kOdd);
  for (const auto& event : out.events) EXPECT_EQ(Json::parse(event.bytes), event.value);
}

TEST(EpcisDoor, TheContextIsTheDocumentsAndTheEventsOwn) {
  const auto own = event(
      "object", Json::parse(R"({"@context": [{"wind": "urn:wind:", "farm": "urn:other:"}]})"));
  const auto out = captured(document({inner("object").dump(), own.dump()}));
  ASSERT_EQ(out.events.size(), 2u);
  EXPECT_EQ(out.events[0].context->space_of("farm"), "https://farm.example/ns/");
  EXPECT_FALSE(out.events[0].context->space_of("wind"));
  EXPECT_EQ(out.events[1].context->space_of("farm"), "urn:other:");
  EXPECT_EQ(out.events[1].context->space_of("wind"), "urn:wind:");
  EXPECT_EQ(out.events[0].context_json, out.events[1].context_json) << "shared, not copied";
  const auto again = Context::read(Json::parse(*out.events[0].context_json));
  ASSERT_TRUE(again);
  EXPECT_EQ(again->prefixes(), out.events[0].context->prefixes());
}

std::string with_own_context(const std::string& prefix) {
  return event("object", {{"@context", Json::array({{{prefix, "urn:" + prefix + ":"}}})}}).dump();
}

TEST(EpcisDoor, EventsWithEqualContextsShareOne) {
  const auto out = captured(
      document({with_own_context("wind"), with_own_context("rain"), with_own_context("wind")}));
  ASSERT_EQ(out.events.size(), 3u);
  EXPECT_EQ(out.events[0].context, out.events[2].context);
  EXPECT_NE(out.events[0].context, out.events[1].context);
  EXPECT_EQ(out.events[1].context->space_of("rain"), "urn:rain:");
}

TEST(EpcisDoor, DifferentContextsHaveABoundTogether) {
  std::vector<std::string> events;
  for (int i = 0; i < 20; ++i) events.push_back(with_own_context("p" + std::to_string(10 + i)));
  events.push_back(with_own_context("p10"));
  events.push_back(inner("object").dump());
  DoorLimits limits;
  const std::size_t each = captured(document({kOdd})).events[0].context_json->size() +
                           std::string(R"([{"p10":"urn:p10:"}])").size();
  limits.contexts_bytes = 20 * each;
  EXPECT_EQ(captured(document(events), limits).events.size(), 22u);
  limits.contexts_bytes = 20 * each - 1;
  const auto out = captured(document(events), limits);
  EXPECT_EQ(out.events.size(), 21u) << "one that is known, and one without, are taken";
  ASSERT_EQ(out.faults.size(), 1u);
  EXPECT_EQ(out.faults[0].first, 19u);
  EXPECT_EQ(out.faults[0].second.status, 413);
  EXPECT_EQ(out.faults[0].second.path, "/epcisBody/eventList/19/@context");
}

TEST(EpcisDoor, FaultsOfEventsLeaveTheOthersStanding) {
  const auto out =
      captured(document({inner("object", {{"bizStep", "drying"}}).dump(), inner("object").dump(),
                         "7", inner("sensor", {{"readPoint", nullptr}}).dump()}));
  EXPECT_EQ(out.events.size(), 1u);
  ASSERT_EQ(out.faults.size(), 3u);
  EXPECT_EQ(out.faults[0].first, 0u);
  EXPECT_EQ(out.faults[0].second.path, "/epcisBody/eventList/0/bizStep");
  EXPECT_EQ(out.faults[1].first, 2u);
  EXPECT_EQ(out.faults[1].second.path, "/epcisBody/eventList/2");
  EXPECT_EQ(out.faults[2].first, 3u);
}

TEST(EpcisDoor, AnEventsOwnUnknownContextIsItsFaultAlone) {
  const auto out =
      captured(document({event("object", {{"@context", "https://other.example/"}}).dump(), kOdd}));
  EXPECT_EQ(out.events.size(), 1u);
  ASSERT_EQ(out.faults.size(), 1u);
  EXPECT_EQ(out.faults[0].second.path, "/epcisBody/eventList/0/@context");
}

// In an answer it would stand over the events of others, and change what they say or leave them unreadable.
TEST(EpcisDoor, AContextThatMakesOtherThingsOfEpcisOwnNamesIsAFault) {
  for (const char* name : {"eventTime", "type", "id", "bizStep", "urn", "ni", "https"}) {
    const Json own = {{"@context", Json::array({Json{{name, "http://else.example/"}}})}};
    const auto out = captured(document({event("object", own).dump(), kOdd}));
    EXPECT_EQ(out.events.size(), 1u) << name;
    ASSERT_EQ(out.faults.size(), 1u) << name;
    EXPECT_EQ(out.faults[0].second.path, "/epcisBody/eventList/0/@context") << name;
  }
  const Json same = {
      {"@context",
       {{"gs1", "https://gs1.org/voc/"}, {"xsd", "http://www.w3.org/2001/XMLSchema#"}}}};
  EXPECT_TRUE(captured(document({event("object", same).dump()})).faults.empty());
}

TEST(EpcisDoor, ANamespaceIsGivenInFull) {
  for (const char* map : {R"({"ex": "a1:", "a1": "http://q.example/"})", R"({"ex": "gs1:x/"})"}) {
    const auto out = captured(document({event("object", {{"@context", Json::parse(map)}}).dump()}));
    EXPECT_EQ(out.faults.size(), 1u) << map;
  }
}

TEST(EpcisContext, ANameThatIsToBeNoPrefixIsNone) {
  const auto context =
      Context::read(Json::parse(R"({"ex": {"@id": "http://e.example/", "@prefix": false}})"));
  ASSERT_TRUE(context);
  EXPECT_FALSE(context->expand("ex:a"));
}

TEST(EpcisDoor, QueryDocumentsAreTakenToo) {
  const std::string body =
      R"({"@context": "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld",)"
      R"("type": "EPCISQueryDocument", "epcisBody": {"queryResults": {"queryName": "q",)"
      R"("resultsBody": {"eventList": [)" +
      kOdd + ", {}]}}}}";
  const auto out = captured(body);
  ASSERT_EQ(out.events.size(), 1u);
  EXPECT_EQ(out.events[0].bytes, kOdd);
  ASSERT_EQ(out.faults.size(), 1u);
  EXPECT_EQ(out.faults[0].second.path, "/epcisBody/queryResults/resultsBody/eventList/1");
}

TEST(EpcisDoor, ADocumentOfNoEventsIsOne) { EXPECT_TRUE(captured(document({})).events.empty()); }

TEST(EpcisDoor, TheFrameOfADocumentIsChecked) {
  const auto at = [](const char* patch) {
    Json body = Json::parse(document({kOdd}));
    body.merge_patch(Json::parse(patch));
    const auto outcome = read_document(body.dump());
    EXPECT_EQ(fault_of(read_made_document(body)).path, fault_of(outcome).path);
    const auto fault = fault_of(outcome);
    return std::to_string(fault.status) + " " + fault.path + " " + fault.detail;
  };
  EXPECT_EQ(at("{}"), "0  it was taken");
  EXPECT_EQ(at(R"({"type": null})"), "400  not an EPCISDocument or EPCISQueryDocument");
  EXPECT_EQ(at(R"({"type": "ObjectEvent"})"), "400  not an EPCISDocument or EPCISQueryDocument");
  EXPECT_EQ(at(R"({"@context": null})"), "400  @context is missing");
  EXPECT_EQ(at(R"({"@context": "https://other.example/"})").substr(0, 13), "400 /@context");
  EXPECT_EQ(at(R"({"@context": {"farm": 7}})").substr(0, 13), "400 /@context");
  EXPECT_EQ(at(R"({"schemaVersion": null})"), "400  schemaVersion is missing");
  EXPECT_EQ(at(R"({"schemaVersion": 2.0})"),
            "400 /schemaVersion 2.0 is not a version, such as 2.0");
  EXPECT_EQ(at(R"({"creationDate": "today"})").substr(0, 17), "400 /creationDate");
  EXPECT_EQ(at(R"({"sender": 7})"), "400 /sender 7 is not a text");
  EXPECT_EQ(at(R"({"mood": "good"})").substr(0, 9), "400 /mood");
  EXPECT_EQ(at(R"({"farm:mood": "good"})"), "0  it was taken");
  EXPECT_EQ(at(R"({"epcisBody": null})"), "400  epcisBody is missing");
  EXPECT_EQ(at(R"({"epcisBody": {"eventList": null}})"), "400 /epcisBody eventList is missing");
  EXPECT_EQ(at(R"({"epcisBody": {"eventList": {}}})"),
            "400 /epcisBody/eventList an object is not a list of events");
  EXPECT_EQ(at(R"({"epcisBody": [7]})"),
            "400 /epcisBody a list is not an object with an eventList");
  EXPECT_EQ(
      at(R"({"epcisHeader": {"epcisMasterData": {"vocabularyList": [{"type": "urn:epcglobal:epcis:vtype:Location",
                   "vocabularyElementList": [{"id": "urn:farm:1", "attributes": [{"id": "cbvmda:city", "attribute": "X"}]}]}]}}})"),
      "0  it was taken");
  EXPECT_EQ(
      at(R"({"epcisHeader": {"epcisMasterData": {"vocabularyList": [{"type": "urn:a:b",
                   "vocabularyElementList": [{"id": "urn:farm:1", "attributes": [{"id": "city"}]}]}]}}})"),
      "400 /epcisHeader/epcisMasterData/vocabularyList/0/vocabularyElementList/0/attributes/0/id "
      "\"city\" is not an absolute URI");
}

TEST(EpcisDoor, ABareEventBringsItsContext) {
  const auto sent = " \n" + event("extension").dump(1) + "\r\n";
  const auto outcome = read_event(sent);
  ASSERT_EQ(fault_of(outcome).status, 0) << fault_of(outcome).detail;
  const auto& taken = std::get<SentEvent>(outcome);
  EXPECT_EQ(taken.bytes, event("extension").dump(1)) << "without the white space around it";
  EXPECT_EQ(taken.value, event("extension"));
  EXPECT_EQ(taken.context->space_of("farm"), "https://farm.example/ns/");
  EXPECT_EQ(Json::parse(*taken.context_json), event("extension")["@context"]);
}

TEST(EpcisDoor, EventsThatCouldNotBeMadeKeepTheirPlaces) {
  Json made = Json::parse(document({kOdd, kOdd, inner("object", {{"bizStep", "drying"}}).dump()}));
  made["epcisBody"]["eventList"][0] = nullptr;
  const Fault known{400, "epcisException:ValidationException", "/quantity", "no number"};
  const auto outcome = read_made_document(made, {}, {{0, known}});
  ASSERT_EQ(fault_of(outcome).status, 0);
  const auto& out = std::get<Captured>(outcome);
  EXPECT_EQ(out.events.size(), 1u);
  ASSERT_EQ(out.faults.size(), 2u);
  EXPECT_EQ(out.faults[0].second.path, "/epcisBody/eventList/0/quantity");
  EXPECT_EQ(out.faults[0].second.detail, "no number");
  EXPECT_EQ(out.faults[1].first, 2u);
  EXPECT_EQ(out.faults[1].second.path, "/epcisBody/eventList/2/bizStep");
}

TEST(EpcisContext, OfPrefixesIsReadAsThesePrefixes) {
  const Context::Prefixes prefixes{
      {"a", "urn:a:"}, {"b", "urn:b"}, {"c", "https://c.example/x#"}, {"d:e", "urn:d:e"}};
  const Json json = context_of(prefixes);
  EXPECT_EQ(json[1], Json::parse(R"({"a":"urn:a:","b":{"@id":"urn:b","@prefix":true},)"
                                 R"("c":"https://c.example/x#","d:e":"urn:d:e"})"))
      << "a term with a colon may not be a prefix";
  const auto read = Context::read(json);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->prefixes(), prefixes);
  EXPECT_EQ(context_of({}), Json::array({kContextUrl}));
}

TEST(EpcisDoor, MadeDocumentsGiveTheSameEvents) {
  const auto body =
      document({kOdd, inner("sensor").dump(), inner("object", {{"bizStep", "drying"}}).dump()});
  const auto outcome = read_made_document(Json::parse(body));
  ASSERT_EQ(fault_of(outcome).status, 0);
  const auto& made = std::get<Captured>(outcome);
  const auto sent = captured(body);
  ASSERT_EQ(made.events.size(), sent.events.size());
  for (std::size_t i = 0; i < made.events.size(); ++i) {
    EXPECT_EQ(made.events[i].value, sent.events[i].value);
    EXPECT_EQ(made.events[i].bytes, sent.events[i].value.dump());
  }
  ASSERT_EQ(made.faults.size(), 1u);
  EXPECT_EQ(made.faults[0].second.path, sent.faults[0].second.path);
}

TEST(EpcisDoor, LimitsAre413AndSayWhich) {
  const auto body = document({kOdd, kOdd, kOdd});
  const auto whole = [&](const DoorLimits& limits) {
    const auto fault = fault_of(read_document(body, limits));
    EXPECT_EQ(fault.status, 413);
    EXPECT_EQ(fault.type, "epcisException:CaptureLimitExceededException");
    return fault.detail;
  };
  DoorLimits limits;
  limits.bytes = body.size() - 1;
  EXPECT_EQ(whole(limits), "the body has more than " + std::to_string(body.size() - 1) + " bytes");
  limits = {};
  limits.events = 2;
  EXPECT_EQ(whole(limits), "more than 2 events");
  limits = {};
  limits.values = 20;
  EXPECT_EQ(whole(limits), "more than 20 values");
  limits = {};
  limits.context_bytes = 50;
  EXPECT_EQ(whole(limits), "@context has more than 50 bytes");
  limits = {};
  limits.bytes = body.size();
  limits.events = 3;
  EXPECT_EQ(captured(body, limits).events.size(), 3u);
}

TEST(EpcisDoor, ALongEventIsItsOwnFault) {
  DoorLimits limits;
  limits.event_bytes = kOdd.size();
  const auto out = captured(document({kOdd, inner("sensor").dump()}), limits);
  EXPECT_EQ(out.events.size(), 1u);
  ASSERT_EQ(out.faults.size(), 1u);
  EXPECT_EQ(out.faults[0].second.status, 413);
  EXPECT_EQ(out.faults[0].second.path, "/epcisBody/eventList/1");
  EXPECT_EQ(fault_of(read_event(event("sensor").dump(), limits)).status, 413);
}

TEST(EpcisDoor, BeyondSoManyFaultsNoneIsExplained) {
  DoorLimits limits;
  limits.explained = 1;
  const auto bad = inner("object", {{"bizStep", "drying"}}).dump();
  const auto out = captured(document({bad, bad, bad}), limits);
  ASSERT_EQ(out.faults.size(), 3u);
  EXPECT_EQ(out.faults[0].second.path, "/epcisBody/eventList/0/bizStep");
  EXPECT_EQ(out.faults[2].second.path, "/epcisBody/eventList/2");
  EXPECT_EQ(out.faults[2].second.detail, "not a valid ObjectEvent");
}

}  // namespace
}  // namespace lotmark::epcis::test
