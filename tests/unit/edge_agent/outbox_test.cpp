#include "edge-agent/outbox/outbox.h"

#include <sys/wait.h>
#include <unistd.h>

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
  Batch batch(const Outbox& outbox, int count) {
    Bundler b({test::chain(), 1000}, *signer_, outbox.chain());
    const auto lane = b.add_lane(true);
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
