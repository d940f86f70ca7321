// The EPCIS routes in process, over an empty private.db: what a node would keep is kept by its own store.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>

#include "api/epcis/epcis_api.h"
#include "ledger-node/capture/event_store.h"

namespace lotmark::api::epcis::test {

// The node's part of POST /control/v1/captures, without the way to it.
class StoreKeeper final : public Keeper {
 public:
  explicit StoreKeeper(node::EventStore& store) : store_(store) {}
  Result<Json> capture(const node::CaptureRequest& request) override;
  Time now{Millis{1'777'900'000'000}};  // 2026-05-04T13:06:40Z

 private:
  node::EventStore& store_;
};

// Blocks in which nothing stands yet.
class NoPlaces final : public ChainPlaces {
 public:
  Result<std::optional<Place>> place_of(const Digest&) override { return std::optional<Place>(); }
  bool is_final(std::uint64_t) override { return false; }
};

class Server {
 public:
  // `prefixes`: GS1 company prefixes that it knows.
  explicit Server(std::vector<std::string> prefixes = {});
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  http::Response ask(std::string_view method, const std::string& target, std::string_view body = {},
                     http::Headers headers = {});
  // A capture's job; a failure if the document was refused.
  Json captured(std::string_view document, http::Headers headers = {});
  // Events of a query or an address that ends in events, in all pages.
  std::vector<Json> events(const std::string& target);

  std::filesystem::path private_db() const { return folder_ / "private.db"; }

 private:
  std::filesystem::path folder_;
  std::unique_ptr<node::EventStore> store_;
  std::unique_ptr<StoreKeeper> keeper_;
  NoPlaces places_;
  ManualClock clock_{Time{Millis{1'777'900'100'000}}};
  std::unique_ptr<ReaderPool> readers_;
  std::unique_ptr<EpcisApi> api_;
};

Json json_of(const http::Response& response);
// An event as it was sent: without recordTime, which the repository sets.
Json as_sent(Json event);
// "?A=1&B=2", percent-encoded; empty for none.
std::string query_of(const std::vector<std::pair<std::string, std::string>>& parameters);

}  // namespace lotmark::api::epcis::test
