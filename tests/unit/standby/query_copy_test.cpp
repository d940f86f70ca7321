// Named queries and subscriptions at a standby: promoted, it goes on with them where its events end.
#include "ledger-node/subscribe/subscription_store.h"
#include "tests/must.h"
#include "tests/unit/enterprise/event_plant.h"
#include "tests/unit/standby/copied_plant.h"

namespace lotmark::test {

namespace {

struct CopiedQueries : testing::Test {
  CopiedPlant p;
  EventPlant events{p.plant};
  std::unique_ptr<node::SubscriptionStore> store =
      must(node::SubscriptionStore::open(p.plant.file("private.db")));

  void add_query(const std::string& name) {
    must(store->add_query({name, R"({"EQ_bizStep":["shipping"]})", "client-1", 7}));
  }
  node::Subscription subscribe(const std::string& query) {
    auto wanted = must(node::read_subscription({{"dest", "https://erp.example/hook"},
                                                {"signatureToken", "secret"},
                                                {"stream", true},
                                                {"initialRecordTime", "2020-01-01T00:00:00Z"}}));
    wanted.query_name = query;
    wanted.owner = "client-1";
    return must(store->add_subscription(std::move(wanted), p.plant.c.clock.now()));
  }
  // A report was taken: it stands there from now on.
  void reported(node::Subscription s, std::uint64_t upto) {
    s.upto = upto;
    s.notified = 99;
    must(store->keep(s));
  }
  std::string rows(const std::filesystem::path& file) {
    const auto db = must(store::Database::open(file, {.read_only = true}));
    std::string out;
    for (const char* table : {"named_query", "subscription"}) {
      auto q = must(db.prepare(std::string("SELECT * FROM ") + table + " ORDER BY 1"));
      while (must(q.step())) {
        for (int c = 0; c < q.columns(); ++c) out += q.text(c) + "|";
        out += "\n";
      }
    }
    return out;
  }
  std::vector<node::Subscription> promoted() {
    p.copy_chain();
    p.shut();
    must(backup::promote(p.folder / "", p.plant.c.anchor, p.plant.c.clock.now()));
    return must(must(node::SubscriptionStore::open(p.rows()))->active());
  }
};

TEST_F(CopiedQueries, AllOfThemAreThereAndThoseThatEndedAreNot) {
  add_query("Shipped");
  add_query("Über 1%");
  add_query("Gone");
  const auto kept = subscribe("Shipped");
  const auto ended = subscribe("Shipped");
  subscribe("Gone");
  p.follow();
  EXPECT_EQ(rows(p.rows()), rows(p.plant.file("private.db")));
  events.capture(3);
  reported(kept, 2);
  must(store->remove_subscription("Shipped", ended.id));
  must(store->remove_query("Gone"));
  p.follow();
  EXPECT_EQ(rows(p.rows()), rows(p.plant.file("private.db")));
  EXPECT_NE(rows(p.rows()).find("secret"), std::string::npos);
}

TEST_F(CopiedQueries, PromotedASubscriptionGoesOnBehindWhatWasReported) {
  add_query("Shipped");
  const auto s = subscribe("Shipped");
  events.capture(5);
  reported(s, 5);
  events.capture(2);
  p.follow();
  const auto now = promoted();
  ASSERT_EQ(now.size(), 1u);
  EXPECT_EQ(now[0].id, s.id);
  EXPECT_EQ(now[0].token, "secret");
  EXPECT_EQ(now[0].upto, 5u);
  EXPECT_FALSE(now[0].query.empty());
}

// Page by page, each of which may be the last.
TEST_F(CopiedQueries, NoCopyOfASubscriptionIsPastTheEventsOfThatCopy) {
  add_query("Shipped");
  const auto s = subscribe("Shipped");
  for (std::uint64_t n = 1; n <= 12; ++n) {
    events.capture(1);
    if (n % 3 == 0) reported(s, n);
  }
  const auto source = must(store::Database::open(p.plant.file("private.db"), {.read_only = true}));
  auto past = must(p.copy().prepare(
      "SELECT count(*) FROM subscription WHERE upto > (SELECT coalesce(max(n), 0) FROM event)"));
  for (bool more = true; more;) {
    const auto state = must(node::read_copy_state(p.copy()));
    auto page = must(node::read_copy_page(
        source, state->moved, state->tree.size(), p.plant.intake().size(),
        [&](std::uint64_t n) { return p.plant.intake().root_at(n); }, 1));
    more = !page.rows.empty();
    ASSERT_TRUE(p.follower().take(page));
    ASSERT_TRUE(must(past.step()));
    EXPECT_EQ(past.integer(0), 0);
    past.reset();
  }
  EXPECT_EQ(promoted().at(0).upto, 12u);
}

}  // namespace

}  // namespace lotmark::test
