// What leaves for subscribers stands in the access log before it does.
#include "ledger-node/subscribe/report_log.h"

#include "tests/unit/subscribe/subscribers.h"

namespace lotmark::node::test {
namespace {

class LoggedReports : public Subscribers {
 protected:
  void SetUp() override {
    Subscribers::SetUp();
    accesses = must(AccessStore::open(folder.private_db()));
    add_query();
  }
  std::vector<StoredAccess> entries() const { return must(accesses->page(0, 100)); }
  Subscription subscribe_as(const std::string& owner, const std::string& dest) {
    auto wanted = must(read_subscription({{"dest", dest}, {"stream", true}}));
    wanted.query_name = "Shipped";
    wanted.owner = owner;
    return must(subscriptions->add_subscription(std::move(wanted), clock.now()));
  }
};

TEST_F(LoggedReports, AreNotedEachBeforeItLeaves) {
  Receiver receiver;
  const auto s = subscribe_as("certificate:yunhe/R", receiver.url() + "/hook?key=secret");
  run({receiver.url() + "/"});
  ship(1, 1);
  ASSERT_TRUE(receiver.wait_ids(1));
  ASSERT_EQ(entries().size(), 1u);
  const auto first = entries()[0];
  EXPECT_EQ(first.by, (KeyId{{0x4d}}));
  EXPECT_EQ(first.entry.number, 1u);
  EXPECT_EQ(first.entry.caller, "certificate:yunhe/R");
  EXPECT_EQ(first.entry.how, "subscription");
  EXPECT_EQ(first.entry.address, receiver.url());
  EXPECT_EQ(first.entry.target,
            "/queries/Shipped/subscriptions/" + s.id + "?events=1&upto=" + std::to_string(1));
  ship(2, 2);
  ASSERT_TRUE(receiver.wait_ids(2));
  ASSERT_EQ(entries().size(), 2u);
  EXPECT_EQ(entries()[1].entry.run, first.entry.run);
  EXPECT_EQ(entries()[1].entry.number, 2u);
}

TEST_F(LoggedReports, ThatAreNotTakenAreNotedAgain) {
  Receiver receiver;
  receiver.answer(500);
  const auto s = subscribe_as("x", receiver.url());
  run({receiver.url() + "/"});
  ship(1, 1);
  ASSERT_TRUE(becomes(s, [](const auto& k) { return k.failures == 1; }));
  receiver.answer(204);
  clock.advance(Millis{2000});
  ASSERT_TRUE(receiver.wait_ids(1));
  EXPECT_EQ(entries().size(), 2u);
}

TEST_F(LoggedReports, DoNotLeaveWhereTheLogTakesNoEntry) {
  Receiver receiver;
  const auto s = subscribe_as("x", receiver.url());
  const auto db = must(store::Database::open(folder.private_db()));
  ASSERT_TRUE(
      db.exec("CREATE TRIGGER full BEFORE INSERT ON access BEGIN SELECT RAISE(FAIL, 'no'); END"));
  std::atomic<int> seen = 0;
  rows_held = [&] { return ++seen, INT64_MAX; };
  run({receiver.url() + "/"});
  ship(1, 1);
  ASSERT_TRUE(lotmark::test::eventually([&, from = seen.load()] { return seen > from + 20; }));
  EXPECT_TRUE(receiver.got().empty());
  EXPECT_EQ(as_kept(s).failures, 0u) << "it is no fault of the receiver's";
  ASSERT_TRUE(db.exec("DROP TRIGGER full"));
  clock.advance(Millis{2000});
  ASSERT_TRUE(receiver.wait_ids(1));
  EXPECT_EQ(entries()[0].entry.number, 1u) << "a number that was not kept is no hole";
}

TEST_F(LoggedReports, WaitUntilStandbysHoldTheirEntry) {
  ship(1, 1);
  const std::uint64_t events = top();
  std::uint64_t held = events;
  const ReportLog::RowsHeld rows = [&] { return held; };
  ReportLog waits(*accesses, KeyId{{0x4d}}, rows);
  const auto s = subscribe_as("x", "http://127.0.0.1:9/");
  const Report report{"{}", 1, 1, false};
  EXPECT_EQ(waits.note(s, report, "http://127.0.0.1:9", kNow, Millis{30}).code(),
            Errc::kUnavailable);
  held = INT64_MAX;
  EXPECT_TRUE(waits.note(s, report, "http://127.0.0.1:9", kNow, Millis{30}));
  EXPECT_EQ(entries().size(), 2u);
}

TEST_F(LoggedReports, ToReceiversThatAreNotAllowedAreNone) {
  Receiver receiver;
  const auto s = subscribe_as("x", receiver.url());
  run({"http://127.0.0.1:1/"});
  ship(1, 1);
  ASSERT_TRUE(becomes(s, [](const auto& k) { return k.failures == 1; }));
  EXPECT_TRUE(entries().empty());
}

}  // namespace
}  // namespace lotmark::node::test
