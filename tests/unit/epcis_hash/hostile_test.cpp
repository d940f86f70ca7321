// Events that no schema would let through: an error, never a crash, and bounded work.
#include <gtest/gtest.h>

#include "core/epcis/hash/event_time.h"
#include "tests/unit/epcis_hash/event_text.h"

namespace lotmark::epcis {
namespace {

using test::event_with;
using test::example_context;
using test::refused;

// Objects within one another under ex:a, `levels` of them.
std::string deep_objects(int levels) {
  std::string text = "1";
  for (int i = 0; i < levels; ++i) text = R"({"ex:a": )" + text + "}";
  return R"("ex:a": )" + text;
}
std::string deep_lists(int levels) {
  const auto size = static_cast<std::size_t>(levels);
  return R"("ex:a": )" + std::string(size, '[') + "1" + std::string(size, ']');
}

TEST(HostileEvents, AnythingButAnObjectIsRefused) {
  for (const auto* text : {"null", "true", "1", "1.5", "\"ObjectEvent\"", "[]", "[{}]"})
    EXPECT_EQ(pre_hash(Json::parse(text), Context()).code(), Errc::kUsage) << text;
  EXPECT_EQ(pre_hash(Json(), Context()).code(), Errc::kUsage);
  EXPECT_EQ(pre_hash(Json(Json::value_t::discarded), Context()).code(), Errc::kUsage);
}

TEST(HostileEvents, ATypeIsNeeded) {
  for (const auto* text : {"{}", R"({"type": 1})", R"({"type": null})",
                           R"({"type": ["ObjectEvent"]})", R"({"type": ""})", R"({"type": " "})"})
    EXPECT_EQ(pre_hash(Json::parse(text), Context()).code(), Errc::kUsage) << text;
}

// Each field of each kind with each value of another kind.
TEST(HostileEvents, WrongTypesAreRefused) {
  const std::vector<std::string> any = {"null", "true", "1",   "0.5",           "\"urn:x:1\"", "[]",
                                        "{}",   "[[]]", "[1]", "[\"urn:x:1\"]", "[{}]"};
  const std::vector<std::pair<std::string, std::vector<std::string>>> fields = {
      {"action", {"\"urn:x:1\""}},
      {"parentID", {"\"urn:x:1\""}},
      {"eventTimeZoneOffset", {"\"urn:x:1\""}},
      {"bizStep", {"\"urn:x:1\""}},
      {"certificationInfo", {"\"urn:x:1\"", "[]", "[\"urn:x:1\"]"}},
      {"epcList", {"[]", "[\"urn:x:1\"]"}},
      {"childEPCs", {"[]", "[\"urn:x:1\"]"}},
      {"quantityList", {"[]", "[{}]"}},
      {"bizTransactionList", {"[]", "[{}]"}},
      {"sourceList", {"[]", "[{}]"}},
      {"sensorElementList", {"[]", "[{}]"}},
      {"persistentDisposition", {"{}"}},
      {"readPoint", {"{}"}},
      {"bizLocation", {"{}"}},
      {"ilmd", {"{}"}}};
  for (const auto& [field, right] : fields) {
    for (const auto& value : any) {
      const bool good = std::ranges::find(right, value) != right.end();
      const auto event = Json::parse(R"({"type": "ObjectEvent", ")" + field + "\": " + value + "}");
      const auto text = pre_hash(event, Context());
      EXPECT_EQ(bool(text), good) << field << " = " << value;
      if (!text) {
        EXPECT_NE(text.error().text.find(field), std::string::npos) << text.error().text;
      }
    }
  }
}

TEST(HostileEvents, WrongTypesInsideAreRefused) {
  EXPECT_TRUE(refused(R"("readPoint": {"id": 1})"));
  EXPECT_TRUE(refused(R"("readPoint": {"id": ["urn:x:1"]})"));
  EXPECT_TRUE(refused(R"("quantityList": [{"quantity": "1"}])"));
  EXPECT_TRUE(refused(R"("quantityList": [{"epcClass": {}}])"));
  EXPECT_TRUE(refused(R"("persistentDisposition": {"set": [1]})"));
  EXPECT_TRUE(refused(R"("persistentDisposition": {"set": [["active"]]})"));
  EXPECT_TRUE(refused(R"("bizTransactionList": [{"type": ["po"]}])"));
  EXPECT_TRUE(refused(R"("sensorElementList": [{"sensorReport": {}}])"));
  EXPECT_TRUE(refused(R"("sensorElementList": [{"sensorReport": [1]}])"));
  EXPECT_TRUE(refused(R"("sensorElementList": [{"sensorReport": [{"value": "26"}]}])"));
  EXPECT_TRUE(refused(R"("sensorElementList": [{"sensorReport": [{"booleanValue": "true"}]}])"));
  EXPECT_TRUE(refused(R"("sensorElementList": [{"sensorMetadata": []}])"));
}

TEST(HostileEvents, TimesThatAreNoneAreRefused) {
  for (const auto* time : {"", "yesterday", "2026-02-30T00:00:00Z", "2026-03-02T08:15:00",
                           "2026-03-02T08:15:60Z", "9999-12-31T23:59:59-01:00"}) {
    EXPECT_EQ(pre_hash(Json{{"type", "ObjectEvent"}, {"eventTime", time}}, Context()).code(),
              Errc::kUsage)
        << time;
  }
  EXPECT_EQ(pre_hash(Json{{"type", "ObjectEvent"}, {"eventTime", 1772435700000}}, Context()).code(),
            Errc::kUsage);
}

TEST(HostileEvents, DepthEndsAt32) {
  EXPECT_FALSE(refused(deep_objects(kEventDepthMax - 2)));
  EXPECT_TRUE(refused(deep_objects(kEventDepthMax - 1)));
  EXPECT_FALSE(refused(deep_lists(kEventDepthMax - 2)));
  EXPECT_TRUE(refused(deep_lists(kEventDepthMax - 1)));
}

TEST(HostileEvents, VeryDeepIsRefusedToo) {
  EXPECT_TRUE(refused(deep_objects(5000)));
  EXPECT_TRUE(refused(deep_lists(5000)));
  EXPECT_TRUE(refused(R"("ilmd": {)" + deep_objects(100) + "}"));
  EXPECT_TRUE(refused(R"("readPoint": {)" + deep_lists(100) + "}"));
  EXPECT_TRUE(refused(R"("sensorElementList": [{"sensorReport": [{)" + deep_objects(100) + "}]}]"));
}

TEST(HostileEvents, LeftOutPartsMayBeAsTheyLike) {
  EXPECT_FALSE(refused(R"("errorDeclaration": {)" + deep_objects(1000) + "}"));
  EXPECT_FALSE(refused(R"("eventID": [1], "recordTime": {})"));
}

TEST(HostileEvents, ContextsInsidePartsAreRefused) {
  EXPECT_TRUE(refused(R"("ex:a": {"@context": {"b": "https://b.example/"}, "b:c": 1})"));
  EXPECT_TRUE(refused(R"("readPoint": {"id": "urn:x:1", "@context": []})"));
  EXPECT_TRUE(refused(R"("ilmd": {"@context": null})"));
}

TEST(HostileEvents, ALongNamespaceDoesNotMultiplyWithoutEnd) {
  const auto context =
      lotmark::test::must(Context::read(Json{{"n", "https://" + std::string(500, 'n') + "/"}}));
  auto event = event_with("");
  event["n:a"] = Json(std::vector<int>(100'000, 1));
  EXPECT_EQ(pre_hash(event, context).code(), Errc::kTooLarge);
}

TEST(HostileEvents, OneHugeValueIsTooLarge) {
  auto event = event_with("");
  event["ex:a"] = std::string(kPreHashMax, 'x');
  EXPECT_EQ(pre_hash(event, example_context()).code(), Errc::kTooLarge);
  event["ex:a"] = std::string(kPreHashMax / 2, 'x');
  EXPECT_TRUE(pre_hash(event, example_context()));
}

TEST(HostileEvents, ManyItemsAreTaken) {
  auto event = event_with("");
  for (int i = 0; i < 20'000; ++i)
    event["epcList"].push_back("urn:epc:id:sgtin:9521141.012345." + std::to_string(i));
  EXPECT_TRUE(pre_hash(event, Context()));
}

TEST(HostileEvents, TextThatIsNotUtf8IsRefused) {
  for (const auto* text : {"\xff", "a\xc3", "\xed\xa0\x80", "\xc0\xaf"}) {
    auto event = event_with("");
    event["ex:a"] = text;
    EXPECT_EQ(pre_hash(event, example_context()).code(), Errc::kUsage);
    event.erase("ex:a");
    event["ex:" + std::string(text)] = 1;
    EXPECT_EQ(pre_hash(event, example_context()).code(), Errc::kUsage);
  }
}

TEST(HostileEvents, BinaryAndEndlessNumbersAreRefused) {
  auto event = event_with("");
  event["ex:a"] = Json::binary({1, 2, 3});
  EXPECT_EQ(pre_hash(event, example_context()).code(), Errc::kUsage);
  event["ex:a"] = std::numeric_limits<double>::infinity();
  EXPECT_EQ(pre_hash(event, example_context()).code(), Errc::kUsage);
}

TEST(HostileEvents, ErrorsNameTheFieldShortAndInWholeCharacters) {
  std::string name = "ex:";
  for (int i = 0; i < 1000; ++i) name += "\xe9\xbb\x84";
  auto event = event_with("");
  event[name] = std::numeric_limits<double>::quiet_NaN();
  const auto text = pre_hash(event, example_context());
  ASSERT_FALSE(text);
  EXPECT_LT(text.error().text.size(), 130U);
  EXPECT_NO_THROW((void)Json(text.error().text).dump());
}

TEST(HostileEvents, StrangeNamesAreTaken) {
  EXPECT_EQ(test::added(R"("": 1)"), "=1");
  EXPECT_EQ(test::added(R"(":": 1)"), ":=1");
  EXPECT_EQ(test::added(R"("ex:": 1)"), "{https://ns.example/}=1");
  EXPECT_EQ(test::added(R"("https://": 1)"), "https://=1");
  EXPECT_EQ(test::added(R"("ex:a": {"type": "t", "id": "i", "@value": "v"})"),
            "{https://ns.example/}a@value=vid=itype=t");
}

}  // namespace
}  // namespace lotmark::epcis
