// Evidence as a node makes it: what two parties of a small consortium signed, wrapped and proven; and what an honest
// one signs, which proves nothing.
#include "core/proof/evidence_writer.h"

#include <gtest/gtest.h>

#include <map>

#include "core/proof/evidence.h"
#include "core/wire/cbor_reader.h"
#include "tests/must.h"
#include "tests/scenario/block_maker.h"
#include "tests/scenario/device_maker.h"

namespace lotmark::proof {
namespace {

using test::BlockMaker;
using test::Consortium;
using test::Party;

using test::must;

// A bundle of one reading, out of its wire.
Bytes bundle(test::DeviceMaker& device, std::uint64_t t, std::int64_t value) {
  ChannelReadings readings;
  readings.times = {t};
  readings.quantity = {value};
  const Bytes wire = device.seal_bundle({test::cold_channel()}, {readings});
  const CborDoc doc = must(CborDoc::parse(wire));
  return to_bytes(doc.root().first().bytes());
}

class EvidenceWriter : public testing::Test {
 protected:
  EvidenceResult verify(const Result<Bytes>& file) {
    EXPECT_TRUE(file) << (file ? "" : file.error().message());
    return verify_evidence(*file, c.anchor);
  }
  void expect_proven(const Result<Bytes>& file, const Party& by) {
    const auto r = verify(file);
    ASSERT_EQ(r.outcome, EvidenceOutcome::kProven) << r.why;
    EXPECT_EQ(r.proven->by.kid, by.kid());
    EXPECT_EQ(r.proven->by.organisation, by.organisation);
  }
  void expect_refused(const Result<Bytes>& file, Errc error) {
    const auto r = verify(file);
    EXPECT_EQ(r.outcome, EvidenceOutcome::kNotProven);
    EXPECT_EQ(r.error, error) << r.why;
  }
  template <class T>
  Bytes sealed(const T& body, const Party& by) {
    return must(seal(body, *by.signer, c.chain)).bytes;
  }
  VoteOnRoot vote(const BlockMaker& chain) {
    return {must(read_vote(chain.votes()[1], c.chain, false)), chain.root()};
  }
  // A tree over the ids of these blocks, behind the genesis.
  merkle::MemoryTree tree_of(const std::vector<Bytes>& blocks) {
    merkle::MemoryTree tree;
    tree.append_entry(c.chain.view());
    for (const auto& b : blocks) tree.append_entry(must(id_of(b, limits::kBlock)).view());
    return tree;
  }
  // The votes on the last of these blocks, as a receipt carries them.
  std::vector<Bytes> receipt_votes(const BlockMaker& chain, const std::vector<Bytes>& blocks) {
    const auto tree = tree_of(blocks);
    const InclusionProof proof{tree.size(), blocks.size(), tree.inclusion(blocks.size())};
    std::map<KeyId, Bytes> by_kid;
    for (const auto& v : chain.votes()) {
      const auto read = must(read_vote(v, c.chain, false));
      by_kid[read.kid] = with_proof(read, proof);
    }
    std::vector<Bytes> out;
    for (auto& [kid, v] : by_kid) out.push_back(v);
    return out;
  }
  std::uint64_t now() const { return static_cast<std::uint64_t>(to_ms(c.clock.now())); }

  Consortium c;
};

TEST_F(EvidenceWriter, TwoBlocksOfOnePrimaryAreProvenInAnyOrder) {
  BlockMaker a(c);
  BlockMaker b(c);
  const Bytes one = a.period_block();
  const Bytes other = b.refusal_block(Digest{});
  expect_proven(make_block_fork(one, other, {}), c.supervisors[0]);
  EXPECT_EQ(*make_block_fork(one, other, {}), *make_block_fork(other, one, {}));
  expect_refused(make_block_fork(one, one, {}), Errc::kListDuplicate);
}

TEST_F(EvidenceWriter, ABlockAfterAnotherIsNoFork) {
  BlockMaker a(c);
  const Bytes first = a.period_block();
  const Bytes second = a.period_block();
  expect_refused(make_block_fork(first, second, {}), Errc::kBlockNumber);
}

TEST_F(EvidenceWriter, VotesOnTwoHistoriesAreProvenForEqualAndUnequalSizes) {
  BlockMaker a(c);
  BlockMaker b(c);
  std::vector<Bytes> blocks_a = {a.period_block(), a.period_block()};
  std::vector<Bytes> blocks_b = {b.period_block(), b.refusal_block(Digest{})};
  expect_proven(make_vote_fork(vote(a), vote(b), {}, {}), c.supervisors[1]);
  for (int i = 0; i < 5; ++i) blocks_b.push_back(b.period_block());
  const auto split = find_split(tree_of(blocks_a), 3, tree_of(blocks_b), 8);
  ASSERT_TRUE(split);
  EXPECT_EQ(split->index, 2u);
  const auto small = vote(a);
  const auto large = vote(b);
  expect_proven(make_vote_fork(small, large, split, {}), c.supervisors[1]);
  const auto turned = find_split(tree_of(blocks_b), 8, tree_of(blocks_a), 3);
  EXPECT_EQ(*make_vote_fork(large, small, turned, {}), *make_vote_fork(small, large, split, {}));
}

TEST_F(EvidenceWriter, EveryPairOfSizesAndPlacesSplitsWhereTheHistoriesDo) {
  for (std::uint64_t fork = 1; fork < 9; ++fork) {
    for (std::uint64_t m = fork + 1; m < 11; ++m) {
      for (std::uint64_t n = m + 1; n < 13; ++n) {
        merkle::MemoryTree a;
        merkle::MemoryTree b;
        for (std::uint64_t i = 0; i < n; ++i) {
          const std::uint8_t entry[] = {static_cast<std::uint8_t>(i), 0};
          const std::uint8_t other[] = {static_cast<std::uint8_t>(i), 1};
          if (i < m) a.append_entry(entry);
          b.append_entry(i < fork ? entry : other);
        }
        const auto split = find_split(a, m, b, n);
        ASSERT_TRUE(split);
        EXPECT_EQ(split->index, fork);
        EXPECT_EQ(*merkle::fold_inclusion(split->leaf_a, fork, m, split->path_a), a.root());
        EXPECT_EQ(*merkle::fold_inclusion(split->leaf_b, fork, n, split->path_b), b.root());
      }
    }
  }
}

TEST_F(EvidenceWriter, AnHonestVotersVotesHaveNoSplit) {
  BlockMaker a(c);
  std::vector<Bytes> blocks = {a.period_block()};
  const auto first = vote(a);
  const auto small = tree_of(blocks);
  blocks.push_back(a.period_block());
  EXPECT_FALSE(find_split(small, 2, tree_of(blocks), 3));
  expect_refused(make_vote_fork(first, vote(a), {}, {}), Errc::kVoteSize);
}

TEST_F(EvidenceWriter, TransactionsAndTurnsAreProven) {
  const Transaction one{Digest{}, c.chain, now()};
  const Transaction two{c.chain, c.chain, now()};
  expect_proven(make_transaction_fork(sealed(one, c.enterprise), sealed(two, c.enterprise), {}),
                c.enterprise);
  const auto& voter = c.supervisors[2];
  const Turn to_first{3, std::nullopt, c.supervisors[0].kid()};
  const Turn to_second{3, std::nullopt, c.supervisors[1].kid()};
  expect_proven(make_turn_fork(sealed(to_first, voter), sealed(to_second, voter), {}), voter);
}

TEST_F(EvidenceWriter, TwoBundlesOfADeviceAreProvenAndNameWhoEnrolledIt) {
  // Two copies of one device that begin alike: as an outbox restored from a backup would.
  test::DeviceMaker first(c.fridge, c.chain);
  test::DeviceMaker second(c.fridge, c.chain);
  const Bytes a = bundle(first, now(), 500);
  const Bytes b = bundle(second, now(), 501);
  const auto file = make_bundle_fork(a, b, {}, {});
  expect_proven(file, c.fridge);
  EXPECT_EQ(verify(file).proven->by.device->enroller, c.root.kid());
  expect_refused(make_bundle_fork(a, a, {}, {}), Errc::kListDuplicate);
}

TEST_F(EvidenceWriter, TheGapOfAnHonestDeviceIsNoEvidenceInWhateverOrder) {
  test::DeviceMaker device(c.fridge, c.chain);
  const Bytes a = bundle(device, now(), 500);
  const auto opened = must(open<Bundle>(a, c.chain));
  Gap g{c.fridge.kid(), opened.body.life, 1, 1, {}, opened.id, 1, GapReason::kOutboxFull, {}};
  expect_refused(make_bundle_fork(a, sealed(g, c.fridge), {}, {}), Errc::kListDuplicate);
  g.last = 2;
  expect_refused(make_bundle_fork(sealed(g, c.fridge), a, {}, {}), Errc::kNeedSeq);
  g.last = 1;
  g.lost = c.chain;
  expect_proven(make_bundle_fork(sealed(g, c.fridge), a, {}, {}), c.fridge);
}

TEST_F(EvidenceWriter, ADeviceEnrolledLaterNeedsItsEnrolment) {
  Enrolment e;
  e.public_key = c.stranger.key();
  e.name = "fridge-9";
  e.organisation = c.enterprise.organisation;
  test::DeviceMaker first(c.stranger, c.chain);
  test::DeviceMaker second(c.stranger, c.chain);
  const Bytes a = bundle(first, now(), 500);
  const Bytes b = bundle(second, now(), 501);
  expect_refused(make_bundle_fork(a, b, {}, {}), Errc::kDeviceUnknown);
  const auto r = verify(make_bundle_fork(a, b, sealed(e, c.enterprise), {}));
  ASSERT_TRUE(r.proven) << r.why;
  EXPECT_EQ(r.proven->by.device->name, "fridge-9");
  EXPECT_EQ(r.proven->by.device->enroller, c.enterprise.kid());
  EXPECT_EQ(not_proved(r).back(), "enrolment-place");
}

class EvidenceOfPromise : public EvidenceWriter {
 protected:
  // One block a minute.
  void add(BlockMaker& chain, int count) {
    for (int i = 0; i < count; ++i) {
      c.clock.advance(Millis{60000});
      blocks.push_back(chain.period_block());
    }
  }
  Result<Bytes> file(const BlockMaker& chain, const Digest& object, std::uint64_t deadline) {
    const Bytes promise = sealed(Promise{object, deadline}, c.supervisors[0]);
    return make_promise_unmet(promise, blocks, receipt_votes(chain, blocks), {});
  }
  std::vector<Bytes> blocks;
};

TEST_F(EvidenceOfPromise, IsProvenByTheChainThatPassedTheDeadline) {
  BlockMaker chain(c);
  const auto deadline = now() + 90000;
  add(chain, 4);  // the last is 150 s past the deadline, the one before 90 s
  expect_proven(file(chain, Digest{}, deadline), c.supervisors[0]);
}

TEST_F(EvidenceOfPromise, IsNotWhileTheGraceLastsNorAgainstOneThatKeptIt) {
  BlockMaker chain(c);
  const auto deadline = now() + 90000;
  add(chain, 3);
  expect_refused(file(chain, Digest{}, deadline), Errc::kBlockTime);
  add(chain, 1);
  const Digest kept = must(id_of(blocks[2], limits::kBlock));
  expect_refused(file(chain, kept, deadline), Errc::kListDuplicate);
}

TEST_F(EvidenceOfPromise, WithoutABlockIsRefusedByTheWriter) {
  EXPECT_EQ(make_promise_unmet({}, {}, {}, {}).code(), Errc::kBlockNumber);
}

TEST_F(EvidenceOfPromise, AboveTheFilesLimitIsRefusedByTheWriter) {
  const Bytes block = BlockMaker(c).period_block();
  const std::vector<Bytes> many(limits::kEvidence / block.size() + 1, block);
  EXPECT_EQ(make_promise_unmet(block, many, {}, {}).code(), Errc::kObjectTooLarge);
}

}  // namespace
}  // namespace lotmark::proof
