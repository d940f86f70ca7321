// Named queries and subscriptions in private.db: what is made and ended, and how far each subscription has come.
//
// It has its own connection and its own lock: all functions may be called from any thread.
#pragma once

#include <atomic>
#include <filesystem>
#include <memory>
#include <mutex>

#include "ledger-node/subscribe/subscription.h"

namespace lotmark::node {

class SubscriptionStore {
 public:
  // A subscription that is past the newest event, because rows were lost, steps back to it.
  static Result<std::unique_ptr<SubscriptionStore>> open(const std::filesystem::path& private_db);

  // usage for a query that epcis::parse_query refuses, too-large (its own too) beyond the bounds of subscription.h,
  // conflict where the name is taken.
  Status add_query(const NamedQuery& query);
  // With its subscriptions. not-found.
  // Of this owner alone, where one is given; whose it is and its end are one step.
  Status remove_query(std::string_view name, const std::optional<std::string>& owner = {});
  // What read_subscription made, with its query_name and owner; as it is kept, with id, created and the row up to which
  // nothing is reported: what was recorded before initialRecordTime, or before now. not-found without that query; usage
  // where it has eventCountLimit or maxEventCount, which would lose events; too-large.
  Result<Subscription> add_subscription(Subscription subscription, Time now);
  Status remove_subscription(std::string_view query_name, std::string_view id);

  Result<std::vector<Subscription>> active();
  // Row of the newest event (0: none), and a place in `moved` at or behind its own: of one moment.
  struct Newest {
    std::uint64_t event = 0;
    std::uint64_t moved = 0;
  };
  Result<Newest> newest_event();
  // Keeps where it stands (upto, ran, notified, failures, failing_since, stopped); nothing if it was ended meanwhile.
  Status keep(const Subscription& subscription);
  // For metrics: a call to a subscriber and the events it brought.
  void count_call(bool taken, std::size_t events);

  // Another number after each query or subscription that was made or ended.
  std::uint64_t version() const { return version_; }
  // As of the newest change. Waits for nobody who makes one.
  std::vector<std::pair<std::string, double>> metrics() const;

 private:
  explicit SubscriptionStore(store::Database db) : db_(std::move(db)) {}
  Result<std::uint64_t> count_rows(std::string_view table) const;
  Result<std::uint64_t> count_of_owner(std::string_view owner) const;
  Status count();
  Result<std::uint64_t> newest() const;
  Result<std::uint64_t> recorded_before(std::uint64_t ms) const;

  mutable std::mutex lock_;
  store::Database db_;
  std::atomic<std::uint64_t> version_ = 1;
  std::atomic<std::uint64_t> queries_ = 0, active_ = 0, failing_ = 0, stopped_ = 0;
  std::atomic<std::uint64_t> taken_ = 0, failed_ = 0, events_ = 0;
};

}  // namespace lotmark::node
