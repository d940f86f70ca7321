// The vectors of tests/vectors/event_proof, made from the page by a third hand: every verdict, check and error as
// written there; and no changed byte of a good file may prove anything.
#include <gtest/gtest.h>

#include "core/proof/event_proof.h"
#include "core/wire/codec.h"
#include "tests/unit/proof_vectors.h"

namespace lotmark::proof {
namespace {

using test::ProofVector;

std::vector<ProofVector> event_vectors() { return test::proof_vectors("event_proof"); }

ProofVector event_vector(std::string_view name) {
  for (auto& v : event_vectors()) {
    if (v.name == name) return v;
  }
  ADD_FAILURE() << "no case " << name;
  return {};
}

class EventVectors : public testing::TestWithParam<ProofVector> {};

TEST_P(EventVectors, GiveWhatThePageSays) {
  const auto& v = GetParam();
  const auto result = verify_event(v.file, v.anchor);
  auto j = to_json(result);
  for (auto& check : j["checks"]) check.erase("why");
  EXPECT_EQ(j, v.expected) << v.name << ": " << to_json(result)["checks"].dump();
}

INSTANTIATE_TEST_SUITE_P(Cases, EventVectors, testing::ValuesIn(event_vectors()),
                         [](const auto& info) { return std::to_string(info.index); });

void no_flipped_bit_proves(std::string_view name) {
  const auto v = event_vector(name);
  ASSERT_EQ(verify_event(v.file, v.anchor).verdict, EventVerdict::kCommitted);
  test::for_flipped_bits(v.file, [&](const Bytes& bad, const std::string& where) {
    EXPECT_FALSE(verify_event(bad, v.anchor).shown()) << where;
  });
}

TEST(EventVectorsFile, NoFlippedBitOfAPeriodRecordsProofProves) {
  no_flipped_bit_proves("an event of a period record");
}

TEST(EventVectorsFile, NoFlippedBitOfALotsProofProves) {
  no_flipped_bit_proves("an event of a lot's step");
}

// Every byte to another value: the one above it, and the one with its highest bit turned.
TEST(EventVectorsFile, NoChangedByteProves) {
  const auto v = event_vector("an event of a period record");
  for (std::size_t at = 0; at < v.file.size(); ++at) {
    for (const int add : {1, 128}) {
      Bytes bad = v.file;
      bad[at] = static_cast<std::uint8_t>(bad[at] + add);
      ASSERT_FALSE(verify_event(bad, v.anchor).shown()) << "byte " << at << " plus " << add;
    }
  }
}

TEST(EventVectorsFile, NoFileCutShortProves) {
  const auto v = event_vector("an event of a lot's step");
  for (std::size_t size = 0; size < v.file.size(); size += 7)
    ASSERT_FALSE(verify_event(ByteView(v.file).first(size), v.anchor).shown()) << size;
}

TEST(EventVectorsFile, IsKnownByItsMagic) {
  const auto v = event_vectors().front();
  EXPECT_TRUE(is_event_proof(v.file));
  EXPECT_FALSE(is_event_proof(v.anchor));
  EXPECT_FALSE(is_event_proof({}));
}

TEST(EventVectorsFile, ReadsAndWritesTheSameBytes) {
  const auto v = event_vector("an event of a lot's step");
  const auto file = read_event_proof(v.file);
  ASSERT_TRUE(file);
  EXPECT_EQ(encode(*file), v.file);
}

TEST(EventPrefixes, AreThoseTheHashHangsOn) {
  const auto v = event_vector("an event of a period record");
  const auto file = read_event_proof(v.file);
  ASSERT_TRUE(file);
  const auto body = as_text(file->body);
  const auto used = prefixes_used(body, {{"farm", "https://farm.example/ns/"},
                                         {"unused", "https://unused.example/"},
                                         {"cbv", "https://ref.gs1.org/cbv/"}});
  ASSERT_TRUE(used);
  ASSERT_EQ(used->size(), 1u);
  EXPECT_EQ(as_text(used->front().prefix), "farm");
  EXPECT_EQ(as_text(used->front().space), "https://farm.example/ns/");
  EXPECT_EQ(prefixes_used("[1]", {}).code(), Errc::kUsage);
}

// A body comes from a stranger, and its depth must take no stack.
TEST(EventPrefixes, AreNotLookedForInABodyNestedTooDeep) {
  for (const auto& [open, close] : {std::pair{"{\"farm:in\": ", "}"}, std::pair{"[", "]"}}) {
    std::string body = R"({"type": "ObjectEvent", "farm:in": )";
    for (int i = 0; i < 5000; ++i) body += open;
    body += "1";
    for (int i = 0; i < 5000; ++i) body += close;
    EXPECT_EQ(prefixes_used(body + "}", {{"farm", "https://farm.example/ns/"}}).code(),
              Errc::kUsage);
  }
}

}  // namespace
}  // namespace lotmark::proof
