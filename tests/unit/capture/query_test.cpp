// Queries over the index give what the meaning of the query over all events gives, whatever leads.
#include <algorithm>
#include <random>

#include "tests/unit/capture/events.h"

namespace lotmark::node::test {
namespace {

class Queries : public Events {
 protected:
  // A hundred serials, three steps, four hours; captured a minute apart in another order than they happened.
  void fill(int count) {
    std::mt19937 random(7);
    const char* steps[] = {"shipping", "receiving", "storing"};
    for (int i = 0; i < count; ++i) {
      const int minute = static_cast<int>(random() % 240);
      auto e = observed("urn:x:" + std::to_string(i), i % 100, minute, steps[random() % 3]);
      if (i % 3 == 0) e["disposition"] = "in_transit";
      if (i % 5 == 0) e["readPoint"] = {{"id", "https://id.gs1.org/414/6901234000016"}};
      events.push_back(e);
      recorded.push_back(kNow + Millis{60'000} * i);
      capture({e}, recorded.back());
    }
  }
  // The same by looking at every event.
  std::vector<std::string> all_that_match(
      const std::vector<std::pair<std::string, std::string>>& parameters) {
    const auto query = epcis::parse_query(parameters);
    EXPECT_TRUE(query);
    std::vector<std::tuple<std::int64_t, std::uint64_t, std::string>> out;
    for (std::size_t i = 0; i < events.size(); ++i) {
      const auto facts = epcis::facts_of(
          events[i], *epcis::Context::read(epcis::Json::parse(kContext)), to_ms(recorded[i]));
      if (!epcis::matches(*query, *facts)) continue;
      const bool by_time = query->order_by != epcis::OrderBy::kRecordTime;
      out.emplace_back(by_time ? facts->of(epcis::TimeFact::kEventTime)[0] : 0, i,
                       events[i]["eventID"]);
    }
    std::ranges::sort(out);
    if (query->descending) std::ranges::reverse(out);
    std::vector<std::string> ids;
    for (auto& [key, n, id] : out) ids.push_back(id);
    return ids;
  }
  void expect_same(const std::vector<std::pair<std::string, std::string>>& parameters) {
    const auto wanted = all_that_match(parameters);
    EXPECT_EQ(find(parameters, 1000), wanted);
    EXPECT_EQ(find(parameters, 7), wanted) << "page by page";
  }
  std::vector<epcis::Json> events;
  std::vector<Time> recorded;
};

using Parameters = std::vector<std::pair<std::string, std::string>>;

TEST_F(Queries, GiveWhatMatchesInOrderPageByPage) {
  fill(300);
  const std::string epc = "urn:epc:id:sgtin:6901234.056789.42";
  const Parameters filters[] = {
      {},
      {{"EQ_bizStep", "shipping"}},
      {{"EQ_bizStep", "shipping|storing"}, {"EQ_disposition", "in_transit"}},
      {{"MATCH_epc", epc}},
      {{"MATCH_epc", epc + "|https://id.gs1.org/01/06901234567892/21/43"}},
      {{"EQ_readPoint", "urn:epc:id:sgln:6901234.00001.0"}, {"EQ_bizStep", "receiving"}},
      {{"GE_eventTime", "2026-05-04T01:00:00Z"}, {"LT_eventTime", "2026-05-04T02:30:00Z"}},
      {{"GE_recordTime", to_iso(kNow + Millis{60'000 * 100})},
       {"LT_recordTime", to_iso(kNow + Millis{60'000 * 120})}},
      {{"GE_recordTime", to_iso(kNow + Millis{60'000 * 290})}},
      {{"EQ_yh:shelf", "B3"}},
      {{"EQ_bizStep", "packing"}},
  };
  const Parameters orders[] = {{},
                               {{"orderBy", "eventTime"}, {"orderDirection", "ASC"}},
                               {{"orderBy", "recordTime"}},
                               {{"orderBy", "recordTime"}, {"orderDirection", "ASC"}}};
  for (const auto& filter : filters) {
    for (const auto& order : orders) {
      Parameters both = filter;
      both.insert(both.end(), order.begin(), order.end());
      std::string name;
      for (const auto& [k, v] : both) name += k + "=" + v + "&";
      SCOPED_TRACE(name);
      expect_same(both);
    }
  }
}

TEST_F(Queries, AMissingRowHidesNoOtherAndItsNumberIsNotGivenAgain) {
  fill(40);
  store.reset();
  {
    auto db = *store::Database::open(folder.private_db());
    ASSERT_TRUE(db.exec("DELETE FROM event WHERE n IN (20, 21, 40)"));
  }
  const Parameters late = {{"GE_recordTime", to_iso(kNow + Millis{60'000 * 19})},
                           {"orderBy", "recordTime"}};
  EXPECT_EQ(find(late).size(), 18u) << "22 to 39";
  store = *EventStore::open(folder.private_db());
  capture({observed("urn:late:1", 1, 0)}, kNow + Millis{60'000 * 50});
  EXPECT_EQ((*reader->by_id("urn:late:1"))[0].n, 41u);
  EXPECT_EQ(find(late).size(), 19u);
}

TEST_F(Queries, TheLastPageHasNoNext) {
  fill(10);
  const auto query = *epcis::parse_query(Parameters{});
  EXPECT_FALSE(reader->find(query, {}, 10)->next);
  EXPECT_TRUE(reader->find(query, {}, 9)->next);
}

TEST_F(Queries, WhatComesMeanwhileDisturbsNoPage) {
  fill(50);
  const auto query = *epcis::parse_query(Parameters{{"orderBy", "eventTime"}});
  const auto first = *reader->find(query, {}, 20);
  capture({observed("urn:late:1", 1, 239)}, kNow + Millis{10'000'000});
  const auto second = *reader->find(query, first.next, 1000);
  std::set<std::string> ids;
  for (const auto& e : first.events) ids.insert(e.id_text());
  for (const auto& e : second.events) EXPECT_TRUE(ids.insert(e.id_text()).second);
  EXPECT_GE(ids.size(), 50u);
}

TEST_F(Queries, ResourcesAreListedEachOnce) {
  fill(120);
  const auto steps = reader->values(ResourceKind::kBizStep, "", 10);
  EXPECT_EQ(*steps, (std::vector<std::string>{"receiving", "shipping", "storing"}));
  EXPECT_EQ(reader->values(ResourceKind::kEpc, "", 1000)->size(), 100u);
  EXPECT_EQ(reader->values(ResourceKind::kEpc, "", 7)->size(), 7u);
  EXPECT_TRUE(*reader->has_value(ResourceKind::kEpc, "https://id.gs1.org/01/06901234567892/21/7"));
  EXPECT_FALSE(*reader->has_value(ResourceKind::kEpc, "https://id.gs1.org/01/06901234567892/21/x"));
}

}  // namespace
}  // namespace lotmark::node::test
