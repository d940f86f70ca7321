// Control routes of named queries and subscriptions: what API processes bring. docs/operate/peer.md. Any thread, without
// the node's lock.
#pragma once

#include "ledger-node/peer/call.h"
#include "ledger-node/subscribe/subscription_store.h"

namespace lotmark::node {

class SubscriptionDesk {
 public:
  // `allowed`: where subscriptions may have reports sent to.
  static Result<std::unique_ptr<SubscriptionDesk>> open(const std::filesystem::path& private_db,
                                                        AllowedDestinations allowed);

  static bool is_subscription(const Route& route);
  // Answers once it is on disk.
  Reply control(const Call& call, const Route& route, Time now);

  SubscriptionStore& store() { return *store_; }
  std::vector<std::pair<std::string, double>> metrics() const { return store_->metrics(); }

 private:
  Reply add_query(const Call& call, Time now);
  Reply remove_query(const Call& call, const std::string& name);
  Reply add_subscription(const Call& call, const std::string& query, Time now);

  std::unique_ptr<SubscriptionStore> store_;
  AllowedDestinations allowed_;
};

}  // namespace lotmark::node
