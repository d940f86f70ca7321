// The vectors of tests/vectors/item, made from the page by a third hand: each answer and error as written there; and no
// single bit of a good proof may be another.
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "core/crypto/sha256.h"
#include "core/proof/item.h"
#include "tests/unit/proof_vectors.h"

namespace lotmark::proof {
namespace {

struct ItemVector {
  std::string name;
  Bytes file;
  Application application;
  Digest block;
  std::optional<std::string> asked;
  nlohmann::json expected;
};

void PrintTo(const ItemVector& v, std::ostream* out) { *out << v.name; }

std::vector<ItemVector> item_vectors() {
  std::ifstream in(LOTMARK_SOURCE_DIR "/tests/vectors/item/cases.json");
  const auto all = nlohmann::json::parse(in);
  std::vector<ItemVector> out;
  for (const auto& c : all["cases"]) {
    ItemVector v{c["name"], test::hex(c["file"]), {}, test::fixed<Digest>(c["block"]),
                 {},        c["expected"]};
    if (!c["items"].is_null())
      v.application.items = Checkpoint{c["items"]["size"], test::fixed<Digest>(c["items"]["root"])};
    if (!c["asked"].is_null()) v.asked = c["asked"].get<std::string>();
    if (c.contains("fill"))
      v.file.insert(v.file.end(), c["fill"][1].get<std::size_t>(),
                    c["fill"][0].get<std::uint8_t>());
    out.push_back(std::move(v));
  }
  return out;
}

nlohmann::json answer_to(const ItemVector& v) {
  nlohmann::json j = {{"ok", false},
                      {"serial", nullptr},
                      {"index", nullptr},
                      {"count", nullptr},
                      {"error", nullptr}};
  const auto item = check_item(v.file, v.application, v.block);
  if (!item) {
    j["error"] = std::string(name(item.code()));
  } else if (!v.asked || *v.asked == item->serial) {
    j.update(to_json(*item));
    j["ok"] = true;
  }
  return j;
}

class ItemVectors : public testing::TestWithParam<ItemVector> {};

TEST_P(ItemVectors, GiveWhatThePageSays) {
  EXPECT_EQ(answer_to(GetParam()), GetParam().expected) << GetParam().name;
}

INSTANTIATE_TEST_SUITE_P(Cases, ItemVectors, testing::ValuesIn(item_vectors()),
                         [](const auto& info) { return std::to_string(info.index); });

// One bit of every byte.
TEST(ItemVectorsFile, NoFlippedBitOfAGoodProofHolds) {
  const auto v = item_vectors().front();
  ASSERT_TRUE(check_item(v.file, v.application, v.block));
  test::for_flipped_bits(
      v.file,
      [&](const Bytes& bad, const std::string& where) {
        EXPECT_FALSE(check_item(bad, v.application, v.block)) << where;
      },
      9);
}

TEST(ItemVectorsFile, AnEntryIsMadeOfTheLotsSalt) {
  const auto all = item_vectors();
  const auto one =
      std::ranges::find(all, std::string("serial 0 of 1"), [](const auto& v) { return v.name; });
  ASSERT_NE(one, all.end());
  const std::string words = "salt of the lot";
  const auto salt = *LotSalt::from(sha256(as_bytes(words)).view());
  const auto proof = read_item_proof(one->file);
  ASSERT_TRUE(proof);
  EXPECT_EQ(proof->proof.entry, serial_entry(salt, "S000000"));
  EXPECT_EQ(encode(*proof), one->file);
}

}  // namespace
}  // namespace lotmark::proof
