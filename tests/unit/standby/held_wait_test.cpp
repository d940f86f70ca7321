// Calls that wait for a standby: few of them, not for ever, and not for one that is silent.
#include "ledger-node/standby/held_wait.h"

#include <future>
#include <thread>

#include "tests/unit/standby/copied_plant.h"

namespace lotmark::test {

namespace {

using std::future_status;
using std::chrono::milliseconds;

struct Waits : testing::Test {
  CopiedPlant p;
  store::Database db = std::move(*chain::open_private(p.plant.file("private.db")));
  node::Copies copies{db,
                      p.plant.intake(),
                      {{"second", p.plant.c.room.signer->public_key(), p.plant.c.room.kid()}}};
  node::HeldWait wait{copies, {Millis{8000}, Millis{5}}};
  std::vector<std::future<bool>> others;

  void say(std::uint64_t rows) {
    Member from;
    from.kid = p.plant.c.room.kid();
    const node::Call call{"GET", "/peer/v1/copy?moved=" + std::to_string(rows) + "&size=0", {}, {}};
    const auto reply =
        copies.peer(*node::parse_route(call.path), call, from, p.plant.c.clock.now());
    EXPECT_TRUE(reply && reply->ok());
  }
  void others_wait(int count) {
    for (int i = 0; i < count; ++i)
      others.push_back(std::async(std::launch::async, [this] { return wait.held(2, 3); }));
    while (wait.waiting() < count) std::this_thread::sleep_for(milliseconds(1));
  }
  // The answer, and that it came without waiting.
  bool at_once(std::uint64_t rows, int most) {
    const auto before = std::chrono::steady_clock::now();
    const bool held = wait.held(rows, most);
    EXPECT_LT(std::chrono::steady_clock::now() - before, milliseconds(4000));
    return held;
  }
};

TEST_F(Waits, EndWhenTheStandbySaysItHoldsTheRows) {
  p.plant.measure(0, 12);
  ASSERT_GE(copies.top(), 2u);
  say(0);
  others_wait(2);
  say(2);
  for (auto& other : others) EXPECT_TRUE(other.get());
  EXPECT_TRUE(at_once(2, 0)) << "what is held waits for nobody";
  EXPECT_EQ(wait.waiting(), 0);
}

TEST_F(Waits, BeyondTheBoundAreRefusedAtOnce) {
  say(0);
  others_wait(2);
  EXPECT_FALSE(at_once(2, 2));
  EXPECT_EQ(wait.waiting(), 2);
  others.push_back(std::async(std::launch::async, [this] { return wait.held(2, 3); }));
  while (wait.waiting() < 3) std::this_thread::sleep_for(milliseconds(1));
  EXPECT_FALSE(at_once(2, 3));
  for (auto& other : others) EXPECT_FALSE(other.get()) << "not for ever";
  EXPECT_EQ(wait.waiting(), 0) << "and who is refused leaves no place taken";
}

TEST_F(Waits, ForASilentStandbyAreRefusedAtOnce) {
  EXPECT_TRUE(copies.silent()) << "it never asked";
  EXPECT_FALSE(at_once(1, 2));
  say(0);
  EXPECT_FALSE(copies.silent());
  others_wait(1);
  copies.tick(p.plant.c.clock.now() + Millis{5001});
  EXPECT_TRUE(copies.silent());
  EXPECT_EQ(others[0].wait_for(milliseconds(4000)), future_status::ready) << "who waits gives up";
  EXPECT_FALSE(at_once(1, 2));
}

TEST_F(Waits, WithoutStandbysNobodyWaits) {
  node::Copies none(db, p.plant.intake(), {});
  EXPECT_FALSE(none.silent());
  node::HeldWait nothing(none);
  EXPECT_TRUE(nothing.held(1u << 30, 0));
}

}  // namespace

}  // namespace lotmark::test
