// What a standby takes, page by page, and what it refuses.
#include "tests/unit/standby/copied_plant.h"

namespace lotmark::test {

namespace {

TEST(Standby, ACopyHoldsEveryRowAndPassesTheAudit) {
  CopiedPlant p;
  run_lot(p.plant);
  p.plant.log_intake();
  EXPECT_GT(p.follow(), 0);
  EXPECT_EQ(p.follower().root(), p.plant.intake().checkpoint().root);
  p.shut();
  p.plant.shut();
  const auto report = p.audit();
  EXPECT_TRUE(report.ok()) << lines(report);
  EXPECT_EQ(report.batches, 1u);
  EXPECT_GT(report.transactions, 3u);
  EXPECT_GT(report.bundles, 3u);
}

TEST(Standby, WhatChangesLaterComesToo) {
  CopiedPlant p;
  p.plant.open_batch();
  p.follow();
  p.plant.tick_until(11);
  p.plant.measure(0, 12);
  p.plant.c.clock.set(p.plant.at(12));
  p.plant.record("filling", 0, 10, p.plant.c.qa);
  p.follow();
  auto waiting = p.copy().prepare("SELECT count(*) FROM waiting");
  ASSERT_TRUE(waiting && waiting->step());
  EXPECT_EQ(waiting->integer(0), 1);
  waiting->reset();
  p.plant.tick_until(21);  // it left with its slot
  p.follow();
  ASSERT_TRUE(waiting->step());
  EXPECT_EQ(waiting->integer(0), 0);
}

TEST(Standby, AfterARestartItGoesOnWhereItStood) {
  CopiedPlant p;
  p.plant.measure(0, 12);
  p.follow();
  const auto size = p.follower().size();
  ASSERT_GT(size, 0u);
  p.reopen();
  EXPECT_EQ(p.follower().size(), size);
  p.plant.measure(12, 20);
  p.follow();
  EXPECT_EQ(p.follower().root(), p.plant.intake().checkpoint().root);
}

TEST(Standby, AnObjectThatIsNotWhatTheTreeSaysChangesNothing) {
  CopiedPlant p;
  p.plant.measure(0, 12);
  auto page = p.page();
  ASSERT_TRUE(page);
  ASSERT_GE(page->objects.size(), 2u);
  std::swap(page->objects[0].wire, page->objects[1].wire);
  const Status taken = p.follower().take(*page);
  EXPECT_EQ(taken.code(), Errc::kCorrupt);
  EXPECT_EQ(p.follower().size(), 0u);
  EXPECT_GT(p.follow(), 0);  // nothing of it was left behind
}

TEST(Standby, AnotherRootIsRefused) {
  CopiedPlant p;
  p.plant.measure(0, 12);
  auto page = p.page();
  ASSERT_TRUE(page);
  page->root.bytes[3] ^= 1;
  EXPECT_EQ(p.follower().take(*page).code(), Errc::kCorrupt);
  EXPECT_EQ(p.follower().size(), 0u);
}

TEST(Standby, ACopyAheadOfItsSourceIsNotServed) {
  CopiedPlant p;
  p.plant.measure(0, 12);
  auto source = store::Database::open(p.plant.file("private.db"), {.read_only = true});
  ASSERT_TRUE(source);
  const auto root = [&](std::uint64_t n) { return p.plant.intake().root_at(n); };
  const auto size = p.plant.intake().size();
  EXPECT_EQ(node::read_copy_page(*source, 0, size + 1, size, root).code(), Errc::kConflict);
  EXPECT_EQ(node::read_copy_page(*source, 1u << 30, 0, size, root).code(), Errc::kConflict);
}

TEST(Standby, AFolderWithANodesOwnRowsIsNotOverwritten) {
  CopiedPlant p;
  p.plant.measure(0, 12);
  auto own = chain::open_private(p.plant.file("private.db"));
  ASSERT_TRUE(own);
  EXPECT_EQ(node::Follower::open(*own, p.plant.chain(), p.plant.c.enterprise.kid()).code(),
            Errc::kConflict);
}

TEST(Standby, ItsNextQuestionIsItsWord) {
  CopiedPlant p;
  p.plant.measure(0, 12);
  auto db = chain::open_private(p.plant.file("private.db"));
  ASSERT_TRUE(db);
  node::Copies copies(*db, p.plant.intake(),
                      {{"second", p.plant.c.room.signer->public_key(), p.plant.c.room.kid()}});
  EXPECT_EQ(copies.objects_held(), 0u);
  const auto ask = [&](const std::string& path, const KeyId& by) {
    Member from;
    from.kid = by;
    const node::Call call{"GET", path, {}, {}};
    return copies.peer(*node::parse_route(path), call, from, p.plant.c.clock.now());
  };
  EXPECT_EQ(ask("/peer/v1/copy?moved=0&size=0", p.plant.c.fridge.kid())->error->code,
            Errc::kDenied);
  ASSERT_TRUE(ask("/peer/v1/copy?moved=0&size=0", p.plant.c.room.kid())->ok());
  EXPECT_EQ(copies.objects_held(), 0u);  // it was told, and has said nothing yet
  const auto size = p.plant.intake().size();
  ASSERT_TRUE(
      ask("/peer/v1/copy?moved=2&size=" + std::to_string(size), p.plant.c.room.kid())->ok());
  EXPECT_EQ(copies.objects_held(), size);
  EXPECT_EQ(copies.rows_held(), 2u);
}

}  // namespace

}  // namespace lotmark::test
