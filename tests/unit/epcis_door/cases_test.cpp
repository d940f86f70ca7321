// cases.json, one case a test of its own rule; GS1's schema was asked about each by ajv 8 with ajv-formats, and answers
// as the case says.
#include <gtest/gtest.h>

#include <set>

#include "tests/unit/epcis_door/documents.h"

namespace lotmark::epcis::test {
namespace {

TEST(EpcisDoorCases, EachIsTakenOrRefusedAtItsPlace) {
  std::set<std::string> names;
  for (const auto& c : cases()["cases"]) {
    const auto name = c["name"].get<std::string>();
    EXPECT_TRUE(names.insert(name).second) << name << " stands twice";
    const auto sent = event(c["base"], c.value("patch", Json::object()));
    const auto fault = fault_of(read_event(sent.dump()));
    if (!c.contains("at")) {
      EXPECT_EQ(fault.status, 0) << name << ": " << fault.path << " " << fault.detail;
      continue;
    }
    EXPECT_EQ(fault.status, 400) << name;
    EXPECT_EQ(fault.type, "epcisException:ValidationException") << name;
    EXPECT_EQ(fault.path, c["at"].get<std::string>()) << name << ": " << fault.detail;
    EXPECT_FALSE(fault.detail.empty()) << name;
  }
  EXPECT_GT(names.size(), 140u);
}

TEST(EpcisDoorCases, EachIsJudgedTheSameInsideADocument) {
  std::vector<std::string> texts;
  std::vector<const Json*> sent;
  for (const auto& c : cases()["cases"]) {
    if (c.value("patch", Json::object()).contains("@context")) continue;
    texts.push_back(inner(c["base"], c.value("patch", Json::object())).dump());
    sent.push_back(&c);
  }
  DoorLimits limits;
  limits.explained = texts.size();
  const auto outcome = read_document(document(texts), limits);
  ASSERT_EQ(fault_of(outcome).status, 0) << fault_of(outcome).detail;
  const auto& captured = std::get<Captured>(outcome);
  EXPECT_EQ(captured.events.size() + captured.faults.size(), texts.size());
  std::size_t next = 0;
  for (const auto& [index, fault] : captured.faults) {
    for (; next < index; ++next) EXPECT_FALSE(sent[next]->contains("at")) << *sent[next];
    EXPECT_EQ(fault.path, "/epcisBody/eventList/" + std::to_string(index) +
                              (*sent[index]).value("at", "it should be taken"))
        << *sent[index];
    ++next;
  }
}

TEST(EpcisDoorCases, AFaultSaysWhatIsThereAndWhatMayBe) {
  const auto said = [](const char* base, const char* patch) {
    return fault_of(read_event(event(base, Json::parse(patch)).dump())).detail;
  };
  EXPECT_EQ(said("object", R"({"bizStep": "drying"})"),
            R"("drying" is not a business step of the vocabulary by its bare word, such as )"
            R"(shipping, or a URI that is not the vocabulary's)");
  EXPECT_EQ(said("object", R"({"eventTime": 7})"),
            "7 is not a date and time with its zone, such as 2026-03-04T11:00:30.000+01:00");
  EXPECT_EQ(said("object", R"({"action": null})"), "action is missing");
  EXPECT_EQ(said("object", R"({"epcList": ["urn:a:1", "urn:a:1"]})"),
            R"("urn:a:1" stands twice in the list)");
  EXPECT_EQ(said("object", R"({"quantityList": [{"epcClass": "urn:a:1", "weight": 5}]})"),
            R"("weight" is no property of the standard here)");
  EXPECT_EQ(said("object", R"({"epcList": null})"),
            "an ObjectEvent has an epcList, a quantityList that is not empty, or a readPoint with "
            "a sensorElementList that is not empty");
  EXPECT_EQ(said("object", R"({"certificationInfo": ["urn:a:1", {}]})"),
            "an object is not an absolute URI");
  EXPECT_EQ(said("object", R"({"readPoint": "shed"})"),
            R"("shed" is not an object with the id of a place)");
  EXPECT_EQ(said("object", R"({"type": "Event"})"),
            R"("Event" is not ObjectEvent, AggregationEvent, TransactionEvent, )"
            "TransformationEvent, AssociationEvent or the URI of an extension");
}

}  // namespace
}  // namespace lotmark::epcis::test
