// GS1's own files, where they are at hand: every parameter they name is taken or refused on purpose, and every sample
// event gives facts.
#include <filesystem>
#include <fstream>
#include <map>

#include "tests/unit/epcis_query/fixture.h"

namespace lotmark::epcis {
namespace {

const std::string kFolder = LOTMARK_SOURCE_DIR "/../shared/data/epcis/";

Json json_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return in ? Json::parse(in, nullptr, false) : Json(Json::value_t::discarded);
}

// One value for a parameter, of the kind GS1's file says.
std::string value_for(const std::string& name, const Json& schema) {
  static const std::map<std::string, std::string> kOwn = {
      {"eventType", "ObjectEvent"},        {"EQ_action", "ADD"},        {"orderBy", "eventTime"},
      {"orderDirection", "ASC"},           {"EQ_hexBinaryValue", "f0"}, {"EQ_stringValue", "x"},
      {"EQ_errorReason", "did_not_occur"}, {"EQ_type", "Temperature"},  {"EQ_bizStep", "shipping"}};
  if (const auto own = kOwn.find(name); own != kOwn.end()) return own->second;
  if (schema.value("format", "") == "date-time") return "2026-03-04T10:00:00Z";
  const auto type = schema.value("type", "");
  if (type == "number" || type == "integer") return "5";
  if (type == "boolean") return "true";
  return "urn:x:1";
}

TEST(StandardFiles, EveryParameterOfTheOpenApiFileIsRead) {
  const Json api = json_file(kFolder + "openapi.json");
  if (api.is_discarded()) GTEST_SKIP() << kFolder << "openapi.json is not there";
  std::size_t read = 0;
  for (const auto& reference : api["paths"]["/events"]["get"]["parameters"]) {
    const std::string path = reference["$ref"];
    const Json& parameter = api["components"]["parameters"][path.substr(path.rfind('/') + 1)];
    if (parameter["in"] != "query") continue;
    const std::string name = parameter["name"];
    Asked asked{{name, value_for(name, parameter["schema"])}};
    if (name == "eventCountLimit") asked.emplace_back("orderBy", "eventTime");
    const auto query = parse_query(asked);
    EXPECT_TRUE(query) << name << ": " << query.error().message();
    ++read;
  }
  EXPECT_GE(read, 50u);
}

// The schedule of a subscription comes as query parameters too, of another request.
TEST(StandardFiles, OtherParametersOfTheOpenApiFileAreRefused) {
  const Json api = json_file(kFolder + "openapi.json");
  if (api.is_discarded()) GTEST_SKIP() << kFolder << "openapi.json is not there";
  std::size_t refused_count = 0;
  for (const auto& [key, parameter] : api["components"]["parameters"].items()) {
    if (parameter["in"] != "query" || !key.starts_with("GS1-Query-")) continue;
    EXPECT_EQ(refused({{parameter["name"], "1"}}), Errc::kUsage) << key;
    ++refused_count;
  }
  EXPECT_GE(refused_count, 9u);
}

Json value_of(const Json& schema, const Json& root, const std::string& name) {
  if (schema.contains("$ref")) {
    const std::string reference = schema["$ref"];
    if (reference.ends_with("date-string-or-number")) return 5;
    return value_of(root["definitions"][reference.substr(reference.rfind('/') + 1)], root, name);
  }
  if (schema.value("nullable", false)) return nullptr;
  if (schema.value("type", "") == "array")
    return Json::array({value_of(schema["items"], root, name)});
  if (schema.value("type", "") == "number" || schema.value("type", "") == "integer") return 5;
  if (schema.value("type", "") == "boolean") return true;
  return value_for(name, schema);
}

TEST(StandardFiles, EveryParameterOfTheQuerySchemaIsRead) {
  const Json schema = json_file(kFolder + "query-schema.json");
  if (schema.is_discarded()) GTEST_SKIP() << kFolder << "query-schema.json is not there";
  for (const auto& [name, property] : schema["definitions"]["EPCIS-Query"]["properties"].items()) {
    if (name == "@context") continue;
    Json query{{name, value_of(property, schema, name)}};
    if (name == "eventCountLimit") query["orderBy"] = "eventTime";
    const auto read = parse_query(query);
    EXPECT_TRUE(read) << query.dump() << ": " << read.error().message();
  }
}

TEST(StandardFiles, EveryPatternOfTheQuerySchemaIsRead) {
  const Json schema = json_file(kFolder + "query-schema.json");
  if (schema.is_discarded()) GTEST_SKIP() << kFolder << "query-schema.json is not there";
  // The patterns' backslashes are doubled in the file, so that as regular expressions they match nothing.
  const std::vector<std::pair<std::string, std::string>> kParts = {
      {"[a-z][a-zA-Z0-9]*\\\\:\\\\w+", "farm:x"},
      {"[a-z][a-zA-Z0-9_]+", "po"},
      {"[A-Z0-9]{2,4}", "CEL"},
      {"\\\\w+_\\\\w+", "bizLocation_name"}};
  for (const auto& [pattern, property] :
       schema["definitions"]["EPCIS-Query"]["patternProperties"].items()) {
    std::string name = pattern.substr(1, pattern.size() - 2);
    for (const auto& [part, text] : kParts)
      if (const auto at = name.find(part); at != std::string::npos)
        name.replace(at, part.size(), text);
    const Json query{{name, value_of(property, schema, name)}};
    const auto read = parse_query(query);
    EXPECT_TRUE(read) << query.dump() << ": " << read.error().message();
  }
}

TEST(StandardFiles, EverySampleEventGivesFactsAndIsFoundByItsOwn) {
  if (!std::filesystem::exists(kFolder + "samples"))
    GTEST_SKIP() << kFolder << "samples is not there";
  std::size_t events = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(kFolder + "samples")) {
    if (!entry.is_regular_file()) continue;
    const Json document = json_file(entry.path());
    ASSERT_FALSE(document.is_discarded()) << entry.path();
    const auto context = Context::read(document["@context"]);
    if (!context) continue;  // a context of others is not known here
    const Json* body = document.contains("epcisBody") ? &document["epcisBody"] : nullptr;
    if (body && body->contains("queryResults")) body = &(*body)["queryResults"]["resultsBody"];
    if (!body || !body->contains("eventList")) continue;
    for (const auto& event : (*body)["eventList"]) {
      const auto facts = facts_of(event, *context, 0);
      ASSERT_TRUE(facts) << entry.path() << ": " << facts.error().message();
      ++events;
      for (const auto& epc : event.value("epcList", Json::array()))
        EXPECT_TRUE(matches(must(parse_query(Asked{{"MATCH_epc", epc}})), *facts)) << epc;
      if (!event.contains("bizStep")) continue;
      EXPECT_TRUE(matches(must(parse_query(Asked{{"EQ_bizStep", event["bizStep"]}})), *facts))
          << event["bizStep"];
    }
  }
  EXPECT_GE(events, 40u);
}

}  // namespace
}  // namespace lotmark::epcis
