// Bodies made to hurt: cut, deep, wide, wrong in type or charset. Each must get an answer, soon.
#include <gtest/gtest.h>

#include <chrono>
#include <thread>

#include "tests/unit/epcis_door/documents.h"

namespace lotmark::epcis::test {
namespace {

std::string mixed() {
  std::vector<std::string> events;
  for (const auto& [name, base] : cases()["bases"].items()) events.push_back(inner(name).dump(1));
  return document(events);
}

TEST(EpcisDoorHostile, ACutBodyIsRefusedWherever) {
  const auto body = mixed();
  ASSERT_EQ(fault_of(read_document(body)).status, 0);
  for (std::size_t size = 0; size < body.size(); size += 64) {
    const auto fault = fault_of(read_document(std::string_view(body).substr(0, size)));
    EXPECT_EQ(fault.status, 400) << size;
    EXPECT_EQ(fault.type, "epcisException:ValidationException") << size;
  }
}

TEST(EpcisDoorHostile, EachByteChangedGetsAnAnswer) {
  const auto body = document({inner("sensor").dump(), inner("object").dump()});
  for (std::size_t i = 0; i < body.size(); ++i) {
    for (const char c : {'\0', '"', '{', ']', ',', '\\', '9', '\x80'}) {
      auto changed = body;
      changed[i] = c;
      const auto outcome = read_document(changed);
      const auto* taken = std::get_if<Captured>(&outcome);
      for (std::size_t k = 0; taken && k < taken->events.size(); ++k)
        ASSERT_EQ(Json::parse(taken->events[k].bytes), taken->events[k].value) << i << c;
    }
  }
}

TEST(EpcisDoorHostile, EveryMemberOfEveryTypeMayBeOfAnyKind) {
  const std::vector<Json> kinds = {nullptr,
                                   true,
                                   7,
                                   -1.5,
                                   "",
                                   "word",
                                   "urn:a:b",
                                   Json::array(),
                                   Json::array({nullptr}),
                                   Json::array({Json::array()}),
                                   Json::object(),
                                   {{"id", 7}},
                                   {{"a:b", {{"c", 1}}}}};
  for (const auto& [name, base] : cases()["bases"].items()) {
    for (const auto& member : base.items()) {
      for (const auto& kind : kinds) {
        Json changed = base;
        changed[member.key()] = kind;
        const auto fault = fault_of(read_event(changed.dump()));
        EXPECT_TRUE(fault.status == 0 || fault.status == 400) << changed;
        EXPECT_EQ(fault.detail.find("could not be checked"), std::string::npos)
            << changed << fault.detail;
      }
    }
  }
}

TEST(EpcisDoorHostile, DepthIsRefusedBeforeItIsFollowed) {
  for (const char* unit : {"[", "{\"a\":", "[{\"eventList\":"}) {
    std::string deep;
    for (int i = 0; i < 100'000; ++i) deep += unit;
    EXPECT_EQ(fault_of(read_document(deep)).detail, "nested deeper than 32");
    EXPECT_EQ(fault_of(read_event(deep)).detail, "nested deeper than 32");
  }
  Json deep = 1;
  for (int i = 0; i < 31; ++i) deep = Json::array({std::move(deep)});
  EXPECT_EQ(fault_of(read_event(event("object", {{"farm:deep", deep}}).dump())).status, 0);
  EXPECT_EQ(fault_of(read_event(event("object", {{"farm:deep", {deep}}}).dump())).status, 400);
}

TEST(EpcisDoorHostile, NumbersTextsAndCharsets) {
  const auto with = [](const std::string& value) {
    auto body = event("object").dump();
    body.back() = ',';
    return fault_of(read_event(body + "\"farm:x\":" + value + "}"));
  };
  EXPECT_EQ(with("1").status, 0);
  EXPECT_EQ(with("1e999").detail, "a number too large for a double");
  EXPECT_EQ(with("1e999").path, "/farm:x");
  EXPECT_EQ(with("123456789012345678901").status, 400);
  EXPECT_EQ(with("\"\xE4\"").detail, "not UTF-8");
  EXPECT_EQ(with("\"\\u0000\"").status, 400);
  EXPECT_EQ(with("\"\\ud83d\"").status, 400);
  EXPECT_EQ(with("\"\\ud83d\\ude00\"").status, 0);
  EXPECT_EQ(with(std::string("1}\0{", 4)).status, 400);
}

TEST(EpcisDoorHostile, WhatAFaultRepeatsIsShortAndWellFormed) {
  const std::string name = std::string(79, 'x') + "\xC3\xA4" + std::string(30'000, 'y');
  for (const auto& patch :
       {Json{{name, 1}}, Json{{"bizStep", name}}, Json{{"type", name}},
        Json{{"epcList", {name, name}}}, Json{{"@context", "https://a.example/" + name}},
        Json{{"@context", {{name.substr(0, 200), 7}}}}}) {
    const auto fault = fault_of(read_event(event("object", patch).dump()));
    EXPECT_EQ(fault.status >= 400, true);
    EXPECT_LT(fault.detail.size(), 700u);
    EXPECT_LT(fault.path.size(), 200u);
    EXPECT_NO_THROW((void)Json(fault.detail + fault.path).dump());
  }
}

// Runs `body` through the door and says how long it took.
std::chrono::milliseconds taken_by(const std::string& body) {
  const auto start = std::chrono::steady_clock::now();
  (void)read_document(body);
  return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() -
                                                               start);
}

// 16 MiB of the costliest there is takes some seconds even without optimisation: nothing grows by more than its size.
TEST(EpcisDoorHostile, NothingTakesLongerThanItsSize) {
  constexpr std::chrono::seconds kLong{20};
  std::string list = "[";
  for (int i = 0; i < 12'000; ++i) list += "\"a:" + std::to_string(i % 11'999) + "\",";
  list.back() = ']';
  const auto head = inner("object").dump();
  EXPECT_LT(taken_by(document({head.substr(0, head.size() - 1) + ",\"farm:x\":[" +
                               std::string(60'000, ' ') + "]}"})),
            kLong);
  auto many = inner("object", {{"epcList", Json::parse(list)}}).dump();
  EXPECT_LT(taken_by(document({many, many, many})), kLong) << "one twice among many";
  Json names = inner("object");
  for (int i = 0; i < 4'000; ++i) names["farm:" + std::to_string(i)] = 0;
  EXPECT_LT(taken_by(document({names.dump(), names.dump()})), kLong) << "many names";
  EXPECT_LT(taken_by(document(std::vector<std::string>(10'000, R"({"type":"ObjectEvent"})"))),
            kLong)
      << "all at fault";
  EXPECT_LT(taken_by(document({std::string(15'000'000, ' ') + "7"})), kLong) << "white space";
  EXPECT_LT(taken_by("\"" + std::string(15'000'000, '\\') + "\""), kLong);
}

TEST(EpcisDoorHostile, ManyThreadsAtOnceGetTheSameAnswers) {
  const auto body =
      document({inner("sensor").dump(), inner("object", {{"bizStep", "drying"}}).dump()});
  std::vector<std::thread> threads;
  std::vector<int> right(4);
  for (std::size_t t = 0; t < right.size(); ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 20; ++i) {
        const auto outcome = read_document(body);
        const auto* out = std::get_if<Captured>(&outcome);
        right[t] += out && out->events.size() == 1 &&
                    out->faults[0].second.path == "/epcisBody/eventList/1/bizStep";
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(right, std::vector<int>(4, 20));
}

}  // namespace
}  // namespace lotmark::epcis::test
