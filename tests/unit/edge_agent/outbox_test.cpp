#include "edge-agent/outbox/outbox.h"

#include <sys/wait.h>
#include <unistd.h>

#include <fstream>

#include "edge-agent/outbox/schema.h"
#include "tests/unit/edge_agent/fixture.h"

namespace lotmark::agent {
namespace {

class OutboxTest : public testing::Test {
 protected:
  OutboxTest() : signer_(test::new_signer()), node_(test::new_signer()) {}
  OutboxOptions options() { return {dir_ / "outbox.db", signer_->kid(), test::chain(), "boot-1"}; }
  Outbox open() {
    auto o = Outbox::open(options());
    EXPECT_TRUE(o) << (o ? "" : o.error().message());
    if (!o) std::abort();
    return std::move(*o);
  }
  // Seals `count` bundles of one reading each, as the engine would.
  Batch batch(const Outbox& outbox, int count, WhenFull when_full = WhenFull::kBlock) {
    Bundler b({test::chain(), 1000}, *signer_, outbox.chain());
    const auto lane = b.add_lane(true, when_full);
    Batch out;
    for (int i = 0; i < count; ++i) {
      const auto t = static_cast<std::int64_t>(1000 * (outbox.chain().seq + 1)) + i * 1000;
      EXPECT_TRUE(
          b.add(lane, test::quantity("t", t, i), from_ms(0), ClockState::kUnset, out.sealed));
      EXPECT_TRUE(b.seal(lane, from_ms(0), ClockState::kUnset, out.sealed));
    }
    out.last = b.state().last;
    return out;
  }
  KeptAck ack(const Outbox& outbox, std::uint64_t through, std::optional<Digest> id) {
    Ack a{signer_->kid(),
          outbox.chain().life,
          through,
          id,
          1,
          1,
          {},
          Checkpoint{through + 3, {}},
          {}};
    return {a, seal(a, *node_, test::chain())->bytes, node_->kid()};
  }
  test::TempDir dir_;
  std::unique_ptr<Signer> signer_;
  std::unique_ptr<Signer> node_;
};

TEST_F(OutboxTest, AnAckOfWhatWasNeverSealedHereIsToldFromOneOfItsOwn) {
  Outbox o = open();
  const Batch sealed = batch(o, 6);
  ASSERT_TRUE(o.commit(sealed));
  const auto id = [&](std::size_t seq) { return sealed.sealed[seq - 1].id; };
  Batch gaps;  // 2 and 3 by the last one's id, 4 and 5 by none
  gaps.gaps.push_back({{2, 3, id(3), Bytes{0xd2, 1}}, true});
  gaps.gaps.push_back({{4, 5, Digest{}, Bytes{0xd2, 2}}, false});
  ASSERT_TRUE(o.commit(gaps));
  const auto denied = [&](std::uint64_t through, std::optional<Digest> by) {
    return *o.denied_by(ack(o, through, by).body);
  };
  EXPECT_FALSE(denied(0, std::nullopt));
  EXPECT_FALSE(denied(1, id(1)));
  EXPECT_FALSE(denied(3, id(3)));
  EXPECT_FALSE(denied(5, id(5))) << "the node took what the gap cannot name";
  EXPECT_FALSE(denied(5, std::nullopt));
  EXPECT_TRUE(denied(1, id(2)));
  EXPECT_TRUE(denied(3, std::nullopt));
  EXPECT_TRUE(denied(6, Digest{{7}}));
  EXPECT_TRUE(denied(7, id(6)));
  for (const std::uint64_t seq : {2u, 4u}) EXPECT_TRUE(*o.in_a_gap(seq)) << seq;
  for (const std::uint64_t seq : {1u, 3u, 5u, 6u, 7u}) EXPECT_FALSE(*o.in_a_gap(seq)) << seq;
}

TEST_F(OutboxTest, ReopenedItStandsWhereItStood) {
  Digest last;
  LifeId life;
  {
    Outbox o = open();
    life = o.chain().life;
    Batch b = batch(o, 3);
    b.sources["file"] = {{123, 4}, false};
    last = b.sealed.back().id;
    ASSERT_TRUE(o.commit(b));
  }
  Outbox o = open();
  EXPECT_EQ(o.chain().life, life);
  EXPECT_EQ(o.chain().seq, 3u);
  EXPECT_EQ(o.chain().id, last);
  EXPECT_EQ(o.chain().last.at("t"), 3000u);
  EXPECT_EQ(o.chain().boot, 1u);
  EXPECT_EQ(o.session(), 2u);
  EXPECT_EQ(o.source("file").position, (Position{123, 4}));
  EXPECT_EQ(o.unacked(), 3u);
  EXPECT_EQ(o.first(), 1u);
  EXPECT_GT(o.bytes(), 1000u);
  auto rows = o.from(2, 10);
  ASSERT_TRUE(rows);
  ASSERT_EQ(rows->size(), 2u);
  const auto wire = test::opened((*rows)[1].object, signer_->public_key());
  EXPECT_EQ(wire.bundle.id, last);
}

TEST_F(OutboxTest, AnotherBootOfTheSystemCounts) {
  open();
  auto other = options();
  other.boot_id = "boot-2";
  EXPECT_EQ(Outbox::open(other)->chain().boot, 2u);
}

TEST_F(OutboxTest, AnotherKeyOrChainIsAConflict) {
  open();
  auto other = options();
  other.chain = Digest{};
  EXPECT_EQ(Outbox::open(other).code(), Errc::kConflict);
  other = options();
  other.device = KeyId{};
  EXPECT_EQ(Outbox::open(other).code(), Errc::kConflict);
}

TEST_F(OutboxTest, AckLetsGoUpToItAndAtEqualityOnlyTheSameId) {
  Outbox o = open();
  const Batch b = batch(o, 5);
  ASSERT_TRUE(o.commit(b));
  Batch wrong;
  wrong.ack = ack(o, 3, Digest{});
  ASSERT_TRUE(o.commit(wrong));
  EXPECT_EQ(o.first(), 3u);
  Batch right;
  right.ack = ack(o, 3, b.sealed[2].id);
  ASSERT_TRUE(o.commit(right));
  EXPECT_EQ(o.first(), 4u);
  EXPECT_EQ(o.unacked(), 2u);
  EXPECT_EQ(o.chain().anchor->size, 6u);
  EXPECT_EQ(*o.readings_between(1, 3), 2u);
  EXPECT_EQ(*o.readings_between(0, 3), 3u);
  Outbox again = open();
  EXPECT_EQ(again.ack()->body.through, 3u);
  EXPECT_EQ(again.chain().anchor->size, 6u);
}

// As the agent does: what gives way is sealed as gaps, in one commit.
class OutboxDropTest : public OutboxTest {
 protected:
  using Span = std::pair<std::uint64_t, std::uint64_t>;
  std::vector<Stretch> drop(Outbox& o, std::uint64_t bytes, std::uint64_t older_than = 0) {
    auto stretches = o.droppable(bytes, older_than);
    EXPECT_TRUE(stretches) << stretches.error().message();
    Batch b;
    for (const auto& s : *stretches) {
      b.gaps.push_back({{s.first, s.last, s.lost.value_or(Digest{}), gap_of(o, s)}, true});
    }
    EXPECT_TRUE(o.commit(b));
    return *stretches;
  }
  Bytes gap_of(const Outbox& o, const Stretch& s) {
    Gap g{signer_->kid(), o.chain().life, s.first, s.last, s.prev, s.lost, s.readings, {}, {}};
    g.reason = GapReason::kOutboxFull;
    return seal(g, *signer_, test::chain())->bytes;
  }
  static std::vector<Span> spans(const std::vector<Stretch>& stretches) {
    std::vector<Span> out;
    for (const auto& s : stretches) out.emplace_back(s.first, s.last);
    return out;
  }
  static std::vector<Span> rows(Outbox& o) {
    std::vector<Span> out;
    const auto all = o.from(0, 1000);
    for (const auto& row : *all) out.emplace_back(row.first, row.seq);
    return out;
  }
};

TEST_F(OutboxDropTest, TheOldestGiveWayAndTheirGapsAreJoined) {
  Outbox o = open();
  const Batch b = batch(o, 6, WhenFull::kDropOldest);
  ASSERT_TRUE(o.commit(b));
  const auto first = drop(o, 1);
  ASSERT_EQ(spans(first), (std::vector<Span>{{1, 1}}));
  EXPECT_EQ(first[0].prev, std::nullopt);
  EXPECT_EQ(first[0].lost, b.sealed[0].id);
  EXPECT_EQ(first[0].readings, 1u);
  const auto more = drop(o, b.sealed[1].wire.size() + 1);
  ASSERT_EQ(spans(more), (std::vector<Span>{{1, 3}})) << "the gap before is joined";
  EXPECT_EQ(more[0].prev, std::nullopt);
  EXPECT_EQ(more[0].lost, b.sealed[2].id);
  EXPECT_EQ(more[0].readings, 3u);
  EXPECT_EQ(rows(o), (std::vector<Span>{{1, 3}, {4, 4}, {5, 5}, {6, 6}}));
  EXPECT_EQ(o.unacked(), 4u);
  std::uint64_t bytes = 0;
  const auto all = o.from(0, 10);
  for (const auto& row : *all) bytes += row.object.size();
  EXPECT_EQ(o.bytes(), bytes);
  Outbox again = open();
  EXPECT_EQ(again.bytes(), bytes);
  EXPECT_EQ(again.first(), 1u);
}

TEST_F(OutboxDropTest, ASourceThatBlocksLosesNothingAndPartsTheGaps) {
  Outbox o = open();
  ASSERT_TRUE(o.commit(batch(o, 2, WhenFull::kDropOldest)));
  const Batch kept = batch(o, 1);
  ASSERT_TRUE(o.commit(kept));
  const Batch after = batch(o, 2, WhenFull::kDropOldest);
  ASSERT_TRUE(o.commit(after));
  const auto gone = drop(o, 1u << 20);
  ASSERT_EQ(spans(gone), (std::vector<Span>{{1, 2}, {4, 5}}));
  EXPECT_EQ(gone[1].prev, kept.sealed[0].id);
  EXPECT_EQ(gone[1].lost, after.sealed[1].id);
  EXPECT_EQ(gone[1].readings, 2u);
  EXPECT_TRUE(drop(o, 1u << 20).empty());
}

TEST_F(OutboxDropTest, ThinnedItKeepsEveryOtherAndThinsTheOldestAgain) {
  Outbox o = open();
  ASSERT_TRUE(o.commit(batch(o, 8, WhenFull::kThin)));
  EXPECT_EQ(spans(drop(o, 1u << 20)), (std::vector<Span>{{1, 1}, {3, 3}, {5, 5}, {7, 7}}));
  const auto again = drop(o, 1);
  ASSERT_EQ(spans(again), (std::vector<Span>{{1, 3}})) << "2 goes, and joins the gaps beside it";
  EXPECT_EQ(again[0].readings, 3u);
  EXPECT_EQ(rows(o), (std::vector<Span>{{1, 3}, {4, 4}, {5, 5}, {6, 6}, {7, 7}, {8, 8}}));
}

TEST_F(OutboxDropTest, WhatIsOldGivesWayThoughThereIsRoom) {
  Outbox o = open();
  Batch b = batch(o, 2, WhenFull::kThin);
  b.ran_ms = 1000;
  ASSERT_TRUE(o.commit(b));
  b = batch(o, 2, WhenFull::kDropOldest);
  b.ran_ms = 5000;
  ASSERT_TRUE(o.commit(b));
  EXPECT_EQ(o.ran_ms(), 5000u);
  EXPECT_EQ(*o.oldest_ms(), 1000u);
  EXPECT_EQ(spans(drop(o, 0, 5000)), (std::vector<Span>{{1, 2}}));
  EXPECT_TRUE(drop(o, 0, 5000).empty());
}

TEST_F(OutboxDropTest, AnAckWithinAGapLeavesItAndOneBeyondLetsItGo) {
  Outbox o = open();
  const Batch b = batch(o, 4, WhenFull::kDropOldest);
  ASSERT_TRUE(o.commit(b));
  drop(o, 2 * b.sealed[0].wire.size());
  ASSERT_EQ(rows(o), (std::vector<Span>{{1, 2}, {3, 3}, {4, 4}}));
  Batch one;
  one.ack = ack(o, 1, b.sealed[0].id);
  ASSERT_TRUE(o.commit(one));
  EXPECT_EQ(o.unacked(), 3u);
  Batch three;
  three.ack = ack(o, 3, b.sealed[2].id);
  ASSERT_TRUE(o.commit(three));
  EXPECT_EQ(rows(o), (std::vector<Span>{{4, 4}}));
  EXPECT_EQ(*o.readings_between(0, 3), 3u);
  EXPECT_EQ(o.bytes(), b.sealed[3].wire.size());
}

TEST_F(OutboxTest, AFileOfTheFirstVersionIsCountedOnceAndGoesOn) {
  const Digest id = sha256(as_bytes("x"));
  {
    auto db = store::Database::open(dir_ / "outbox.db");
    ASSERT_TRUE(db);
    ASSERT_TRUE(db->migrate({kOutboxSchema1}));
    auto q = db->prepare(
        "INSERT INTO outbox (one, device, chain, life, seq, id, readings, boot, boot_id, session) "
        "VALUES (1, ?, ?, x'0102030405060708', 2, ?, 2, 1, 'boot-1', 1)");
    ASSERT_TRUE(q);
    q->bind(1, signer_->kid()).bind(2, test::chain()).bind(3, id);
    ASSERT_TRUE(q->run());
    auto row = db->prepare("INSERT INTO bundle VALUES (?1, ?1, ?2, ?1, zeroblob(100))");
    for (int seq : {1, 2}) {
      row->bind(1, seq).bind(2, id);
      ASSERT_TRUE(row->run());
    }
  }
  Outbox o = open();
  EXPECT_EQ(o.unacked(), 2u);
  EXPECT_EQ(o.bytes(), 200u);
  EXPECT_EQ(o.first(), 1u);
  ASSERT_TRUE(o.commit(batch(o, 1, WhenFull::kDropOldest)));
  EXPECT_EQ(o.droppable(1, 0)->size(), 1u) << "only what was sealed with a policy gives way";
}

TEST_F(OutboxTest, BatchThatFailsChangesNothing) {
  Outbox o = open();
  ASSERT_TRUE(o.commit(batch(o, 1)));
  Batch twice = batch(o, 1);
  twice.sealed.push_back(twice.sealed[0]);  // the same number: the second row is refused
  twice.sources["file"] = {{9, 9}, true};
  EXPECT_EQ(o.commit(twice).code(), Errc::kConflict);
  EXPECT_EQ(o.chain().seq, 1u);
  EXPECT_EQ(o.unacked(), 1u);
  EXPECT_EQ(o.source("file").position, Position{});
  EXPECT_EQ(open().chain().seq, 1u);
  twice.sealed.pop_back();
  EXPECT_TRUE(o.commit(twice));
}

TEST_F(OutboxTest, StartsStayUntilTheyAreLetGo) {
  Outbox o = open();
  StoredStart s{sha256(as_bytes("s")), "start-1", {1, 2, 3}, false, false};
  Batch b;
  b.starts = {s};
  ASSERT_TRUE(o.commit(b));
  b.starts[0].by_enterprise = true;
  ASSERT_TRUE(o.commit(b));
  {
    Outbox again = open();
    ASSERT_EQ(again.starts().size(), 1u);
    EXPECT_TRUE(again.starts().begin()->second.by_enterprise);
    EXPECT_EQ(again.starts().begin()->second.device, "start-1");
  }
  b.starts[0].by_reviewer = true;
  ASSERT_TRUE(o.commit(b));
  EXPECT_TRUE(open().starts().begin()->second.answered()) << "another reviewer may lack it";
  b.starts[0].let_go = true;
  ASSERT_TRUE(o.commit(b));
  EXPECT_TRUE(o.starts().empty());
  EXPECT_TRUE(open().starts().empty());
}

// As the system counts what this process hands to write(2).
std::uint64_t handed_over() {
  std::ifstream in("/proc/self/io");
  std::string word;
  std::uint64_t bytes = 0;
  while (in >> word && word != "wchar:") {
  }
  in >> bytes;
  return bytes;
}

TEST_F(OutboxTest, BundlesFourACommitCostTheFlashLessThanThreeTimesTheirBytes) {
  Outbox o = open();
  std::uint64_t bundles = 0;
  const std::uint64_t before = handed_over();
  for (int i = 0; i < 200; ++i) {
    Batch b = batch(o, 4);
    for (auto& bundle : b.sealed) {
      bundle.wire.resize(1400);
      bundles += bundle.wire.size();
    }
    if (i > 0) b.ack = ack(o, o.chain().seq, o.chain().id);
    ASSERT_TRUE(o.commit(b));
  }
  EXPECT_LT(static_cast<double>(handed_over() - before), 3.0 * static_cast<double>(bundles));
}

// A process killed at any moment leaves whole batches: position and bundles always tell the same.
TEST_F(OutboxTest, KilledProcessLeavesPositionAndBundlesInStep) {
  open();
  for (int round = 0; round < 10; ++round) {
    const pid_t child = ::fork();
    if (child == 0) {
      Outbox o = open();
      for (;;) {
        Batch b = batch(o, 3);
        b.sources["file"] = {{b.sealed.back().seq, 0}, false};
        if (!o.commit(b)) ::_exit(1);
      }
    }
    ::usleep(static_cast<useconds_t>(20000 + 7000 * round));
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
    Outbox o = open();
    EXPECT_EQ(o.source("file").position.offset, o.chain().seq);
    EXPECT_EQ(o.unacked(), o.chain().seq);
    auto rows = o.from(1, 1 << 20);
    ASSERT_TRUE(rows);
    ASSERT_EQ(rows->size(), o.chain().seq);
    if (!rows->empty()) {
      EXPECT_EQ(rows->back().id, o.chain().id);
    }
  }
  EXPECT_GT(open().chain().seq, 0u);
}

}  // namespace
}  // namespace lotmark::agent
