// One whole lot of the contract: commitments, rows, transactions, blocks, votes, bundle wires.
#include <gtest/gtest.h>

#include "core/crypto/sha256.h"
#include "core/merkle/tree.h"
#include "core/wire/bundle_wire.h"
#include "core/wire/vote.h"
#include "tests/unit/contract_vectors.h"

namespace lotmark {
namespace {

using test::fixed;
using test::hex;

const nlohmann::json& lot() {
  static const nlohmann::json v = test::contract("lot.json");
  return v;
}

RecordHead head_of(const nlohmann::json& r) {
  RecordHead h;
  if (!r["step"].is_null()) h.step = r["step"].get<std::string>();
  h.kind = static_cast<RecordKind>(r["kind"].get<int>());
  h.time = r["time"];
  h.author = fixed<KeyId>(r["author"]);
  if (!r["corrects"].is_null()) h.corrects = fixed<Digest>(r["corrects"]);
  h.segments = r["segments"].size();
  return h;
}

TEST(ContractLot, CommitmentsAndRowsFollow) {
  const auto chain = fixed<Digest>(lot()["chain"]);
  const auto scope = fixed<Digest>(lot()["scope"]);
  Digest previous = scope;
  for (std::size_t i = 0; i < lot()["records"].size(); ++i) {
    const auto& r = lot()["records"][i];
    std::vector<Bytes> entries;
    for (const auto& s : r["segments"]) {
      entries.push_back(hex(s));
      auto segment = decode<Segment>(entries.back());
      ASSERT_TRUE(segment);
      EXPECT_EQ(encode(*segment), entries.back());
    }
    const Digest root = segments_root(entries);
    EXPECT_EQ(to_hex(root), r["segment_root"]);
    const Digest c = commitment(chain, scope, head_of(r), root);
    EXPECT_EQ(to_hex(c), r["commitment"]);
    previous = row_hash(c, r["time"], previous);
    EXPECT_EQ(to_hex(previous), lot()["row_hashes"][i]) << i;
  }
}

TEST(ContractLot, TransactionsChainToTheirRoot) {
  merkle::CompactRange tree;
  Digest prev = fixed<Digest>(lot()["scope"]);
  for (const auto& t : lot()["transactions"]) {
    auto body = decode<Transaction>(hex(t["payload"]));
    ASSERT_TRUE(body);
    EXPECT_EQ(body->prev, prev);
    prev = fixed<Digest>(t["id"]);
    tree.append(merkle::leaf_hash(prev.view()));
  }
  EXPECT_EQ(to_hex(tree.root()), lot()["tx_root"]);
}

TEST(ContractLot, BlocksGiveTheRootsAndVotesTheirDigests) {
  merkle::CompactRange tree;
  for (std::size_t i = 0; i < lot()["block_ids"].size(); ++i) {
    auto block = decode<Block>(hex(lot()["block_payloads"][i]));
    ASSERT_TRUE(block) << i << " " << block.error().message();
    EXPECT_EQ(block->number, i);
    EXPECT_EQ(to_hex(encode(*block)), lot()["block_payloads"][i]);
    tree.append(merkle::leaf_hash(fixed<Digest>(lot()["block_ids"][i]).view()));
    EXPECT_EQ(to_hex(tree.root()), lot()["roots"][i]);
  }
  for (const auto& v : lot()["votes"]) {
    Vote vote;
    vote.protected_header = hex(v["protected"]);
    EXPECT_EQ(to_hex(vote.id(fixed<Digest>(v["root"]))), v["digest"]);
  }
}

TEST(ContractLot, ClaimAndBundleWiresAreRecomputed) {
  auto claim = decode<Claim>(hex(lot()["claim"]));
  ASSERT_TRUE(claim);
  EXPECT_EQ(to_hex(encode(*claim)), lot()["claim"]);
  const auto chain = fixed<Digest>(lot()["chain"]);
  std::vector<merkle::AnnotatedNode> evidence;
  for (const auto& w : lot()["bundle_wires"]) {
    const Bytes bytes = hex(w);
    auto wire = open_wire(bytes, chain, [](const auto&) { return Errc::kOk; });
    ASSERT_TRUE(wire) << wire.error().message();
    const auto& c = wire->bundle.body.channels.at(0);
    evidence.push_back(merkle::evidence_leaf(
        wire->bundle.id, 0, {std::get<merkle::Annotation>(c.annotation), *c.root}));
    EXPECT_EQ(
        encode_wire({wire->bundle.bytes, wire->salt, wire->channels}, wire->bundle.body.channels),
        bytes);
  }
  auto root = merkle::annotated_root(evidence);
  ASSERT_TRUE(root);
  EXPECT_EQ(root->hash, claim->root);
  EXPECT_EQ(root->annotation, claim->annotation);
}

TEST(ContractLot, AWireWithOneReadingChangedIsRefused) {
  const auto chain = fixed<Digest>(lot()["chain"]);
  Bytes bytes = hex(lot()["bundle_wires"][0]);
  bytes.back() = static_cast<std::uint8_t>(bytes.back() ^ 1);  // last digit of the last value
  auto wire = open_wire(bytes, chain, [](const auto&) { return Errc::kOk; });
  ASSERT_FALSE(wire);
  EXPECT_TRUE(wire.code() == Errc::kRootMismatch || wire.code() == Errc::kAnnotation);
}

TEST(ContractLot, SamplesAreDrawnFromTheBlockId) {
  const auto block = fixed<Digest>(lot()["block_ids"].back());
  for (const auto& s : lot()["sample_indexes"]) {
    EXPECT_EQ(merkle::sample_index(block, s["i"], s["count"]), s["index"].get<std::uint64_t>());
  }
}

}  // namespace
}  // namespace lotmark
