// Events of our own whose strings and hashes a second hand derived from the rules: tests/vectors/epcis_hash/check.py.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "core/epcis/hash/event_hash.h"
#include "tests/must.h"

namespace lotmark::epcis {
namespace {

using lotmark::test::must;

struct HashCase {
  std::string name;
  Json content;
};

std::vector<HashCase> hash_cases() {
  std::vector<HashCase> cases;
  for (const auto& entry :
       std::filesystem::directory_iterator(LOTMARK_SOURCE_DIR "/tests/vectors/epcis_hash")) {
    if (entry.path().extension() != ".json") continue;
    std::ifstream in(entry.path());
    cases.push_back({entry.path().filename().string(), Json::parse(in)});
  }
  return cases;
}

Context context_of(const Json& document, const Json& event) {
  const auto context = must(Context::read(document));
  return event.contains("@context") ? must(context.with(event["@context"])) : context;
}

// The same with every list the other way round.
Json turned_around(const Json& value) {
  Json out = value;
  if (out.is_structured()) {
    for (auto& each : out) each = turned_around(each);
  }
  if (out.is_array()) std::reverse(out.begin(), out.end());
  return out;
}

TEST(HashVectors, AreThere) { EXPECT_GE(hash_cases().size(), 17U); }

TEST(HashVectors, StringsAndHashesAgree) {
  for (const auto& [name, test] : hash_cases()) {
    SCOPED_TRACE(name);
    const auto& event = test["event"];
    const auto context = context_of(test["context"], event);
    EXPECT_EQ(must(pre_hash(event, context)), test["pre_hash"]);
    EXPECT_EQ(hash_uri(must(event_hash(event, context))), test["hash"]);
  }
}

TEST(HashVectors, OtherWritingsOfAnEventHaveItsHash) {
  for (const auto& [name, test] : hash_cases()) {
    SCOPED_TRACE(name);
    for (const auto& equal : test.value("equal", Json::array())) {
      const auto& event = equal["event"];
      const auto context = context_of(equal.value("context", test["context"]), event);
      EXPECT_EQ(must(pre_hash(event, context)), test["pre_hash"]);
    }
  }
}

TEST(HashVectors, TheOrderOfListsDoesNotMatter) {
  for (const auto& [name, test] : hash_cases()) {
    const auto event = turned_around(test["event"]);
    const auto context = context_of(test["context"], test["event"]);
    EXPECT_EQ(must(pre_hash(event, context)), test["pre_hash"]) << name;
  }
}

// One change at a time, at the event's own level: a property gone is another hash, unless the hash leaves it out.
TEST(HashVectors, APropertyLessIsAnotherHash) {
  for (const auto& [name, test] : hash_cases()) {
    const auto context = context_of(test["context"], test["event"]);
    for (const auto& [key, value] : test["event"].items()) {
      Json event = test["event"];
      event.erase(key);
      const auto text = pre_hash(event, context);
      if (key == "type") {
        EXPECT_FALSE(text);
        continue;
      }
      const bool counts = test["pre_hash"].get<std::string>().find(
                              key.substr(key.find_last_of(":/#") + 1)) != std::string::npos;
      EXPECT_EQ(must(text) != test["pre_hash"], counts) << name << " without " << key;
    }
  }
}

}  // namespace
}  // namespace lotmark::epcis
