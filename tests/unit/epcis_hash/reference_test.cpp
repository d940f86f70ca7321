// The documents of the reference implementation with the strings and hashes that it expects of them
// (epcis-event-hash-generator 5d2f1c3), where they stand beside the repository.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "core/epcis/hash/event_hash.h"
#include "tests/must.h"

namespace lotmark::epcis {
namespace {

using lotmark::test::must;

const std::filesystem::path kHashFolder = LOTMARK_SOURCE_DIR "/../shared/data/epcis-hash";
const std::filesystem::path kSampleFolder = LOTMARK_SOURCE_DIR "/../shared/data/epcis/samples";

std::vector<std::string> lines_of(const std::filesystem::path& path) {
  std::ifstream in(path);
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);) {
    if (!line.empty()) lines.push_back(line);
  }
  return lines;
}

std::vector<std::filesystem::path> documents_in(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> found;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (entry.path().extension() == ".jsonld") found.push_back(entry.path());
  }
  return found;
}

// The events of a document with the context of each.
std::vector<std::pair<Json, Context>> events_of(const std::filesystem::path& path) {
  std::ifstream in(path);
  const auto document = Json::parse(in);
  const auto context = must(Context::read(document["@context"]));
  std::vector<std::pair<Json, Context>> events;
  const auto& body = document["epcisBody"];
  for (const auto& event : body.contains("queryResults")
                               ? body["queryResults"]["resultsBody"]["eventList"]
                               : body["eventList"]) {
    events.emplace_back(
        event, event.contains("@context") ? must(context.with(event["@context"])) : context);
  }
  return events;
}

bool has_context_of_prefixes(const std::filesystem::path& path) {
  std::ifstream in(path);
  return bool(Context::read(Json::parse(in)["@context"]));
}

TEST(ReferenceHashes, StringsAndHashesAgreeByteForByte) {
  if (!std::filesystem::exists(kHashFolder))
    GTEST_SKIP() << "NOT TESTED: " << kHashFolder << " is not there";
  for (const auto& path : documents_in(kHashFolder)) {
    SCOPED_TRACE(path.filename().string());
    auto beside = path;
    const auto texts = lines_of(beside.replace_extension(".prehashes"));
    const auto hashes = lines_of(beside.replace_extension(".hashes"));
    const auto events = events_of(path);
    ASSERT_EQ(events.size(), texts.size());
    ASSERT_EQ(events.size(), hashes.size());
    for (std::size_t i = 0; i < events.size(); ++i) {
      const auto& [event, context] = events[i];
      EXPECT_EQ(must(pre_hash(event, context)), texts[i]);
      EXPECT_EQ(hash_uri(must(event_hash(event, context))), hashes[i]);
    }
  }
}

// One sample of 47 types its terms by its context, which core/epcis/context.h does not accept.
TEST(ReferenceHashes, EverySampleOfGs1sWithAContextOfPrefixesHasOne) {
  if (!std::filesystem::exists(kSampleFolder))
    GTEST_SKIP() << "NOT TESTED: " << kSampleFolder << " is not there";
  std::size_t read = 0;
  for (const auto& path : documents_in(kSampleFolder)) {
    if (!has_context_of_prefixes(path)) continue;
    ++read;
    for (const auto& [event, context] : events_of(path)) {
      const auto text = pre_hash(event, context);
      EXPECT_TRUE(text) << path << ": " << text.error().message();
    }
  }
  EXPECT_GE(read, 46U);
}

}  // namespace
}  // namespace lotmark::epcis
