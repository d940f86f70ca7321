// EPCIS events as a producer's system sends them, and a folder with a private.db to keep them in.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <future>

#include "ledger-node/capture/event_reader.h"
#include "ledger-node/capture/event_store.h"
#include "ledger-node/chain/private/private_store.h"
#include "tests/make_folder.h"

namespace lotmark::node::test {

inline const std::string kContext =
    R"(["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld",{"yh":"https://yunhe.example/epcis/"}])";

// An ObjectEvent that observes one serial; `minute` of 2026-05-04 is its time.
inline epcis::Json observed(const std::string& id, int serial, int minute,
                            const std::string& step = "shipping") {
  epcis::Json j = {
      {"type", "ObjectEvent"},
      {"eventTime", to_iso(from_ms(1'777'852'800'000 + std::int64_t{60'000} * minute))},
      {"eventTimeZoneOffset", "+08:00"},
      {"action", "OBSERVE"},
      {"bizStep", step},
      {"epcList", {"https://id.gs1.org/01/06901234567892/21/" + std::to_string(serial)}},
      {"yh:shelf", "B" + std::to_string(serial % 7)}};
  if (!id.empty()) j["eventID"] = id;
  return j;
}

inline CaptureRequest request_of(const std::vector<epcis::Json>& events,
                                 CaptureRequest::Kind kind = CaptureRequest::Kind::kRollback) {
  CaptureRequest r;
  r.kind = kind;
  r.contexts = {kContext};
  for (const auto& e : events) r.events.push_back({0, e.dump()});
  return r;
}

class Folder {
 public:
  Folder() : path_(lotmark::test::make_folder("events")) {}
  ~Folder() { std::filesystem::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  std::filesystem::path private_db() const { return path_ / "private.db"; }

 private:
  std::filesystem::path path_;
};

// Whether `look` is over while `work` waits for another's transaction on that file.
inline bool answers_while(const Folder& folder, const std::function<void()>& work,
                          const std::function<void()>& look) {
  const auto other = *chain::open_private(folder.private_db());
  EXPECT_TRUE(other.exec("BEGIN IMMEDIATE"));
  auto working = std::async(std::launch::async, work);
  EXPECT_EQ(working.wait_for(std::chrono::milliseconds(200)), std::future_status::timeout);
  auto looking = std::async(std::launch::async, look);
  const bool over = looking.wait_for(std::chrono::seconds(2)) == std::future_status::ready;
  EXPECT_TRUE(other.exec("ROLLBACK"));
  working.get();
  looking.get();
  return over;
}

// A store, and a reader beside it.
class Events : public testing::Test {
 protected:
  static constexpr Time kNow{Millis{1'777'900'000'000}};

  CaptureOutcome capture(const std::vector<epcis::Json>& events, Time now = kNow,
                         CaptureRequest::Kind kind = CaptureRequest::Kind::kRollback) {
    auto outcome = store->capture(request_of(events, kind), now);
    EXPECT_TRUE(outcome) << outcome.error().message();
    return outcome ? *std::move(outcome) : CaptureOutcome{};
  }
  // eventIDs of the answer, page by page.
  std::vector<std::string> find(const std::vector<std::pair<std::string, std::string>>& parameters,
                                std::size_t page = 1000) {
    const auto query = epcis::parse_query(parameters);
    EXPECT_TRUE(query) << query.error().message();
    std::vector<std::string> ids;
    std::optional<EventPlace> after;
    do {
      const auto got = reader->find(*query, after, page);
      EXPECT_TRUE(got) << got.error().message();
      if (!got) break;
      for (const auto& e : got->events) ids.push_back(e.id_text());
      after = got->next;
    } while (after);
    return ids;
  }

  Folder folder;
  std::unique_ptr<EventStore> store = *EventStore::open(folder.private_db());
  std::unique_ptr<EventReader> reader = *EventReader::open(folder.private_db());
};

}  // namespace lotmark::node::test
