// Named queries and subscriptions (EPCIS 2.0, query control), as private.db keeps them, and how a client asks for one.
#pragma once

#include "core/store/database.h"
#include "ledger-node/subscribe/destination.h"
#include "ledger-node/subscribe/schedule.h"

namespace lotmark::node {

inline constexpr std::size_t kQueriesMax = 1'000;
inline constexpr std::size_t kQueriesOfOwnerMax = 100;   // where it is known
inline constexpr std::size_t kSubscriptionsMax = 1'000;  // of all queries together
inline constexpr std::size_t kQueryBytesMax = 64 * 1024;
inline constexpr std::size_t kQueryNameMax = 200;        // bytes
inline constexpr std::size_t kSignatureTokenMax = 1024;  // bytes
inline constexpr std::size_t kOwnerMax = 2048;           // bytes

struct NamedQuery {
  std::string name;
  std::string query;          // JSON, as epcis::parse_query takes it
  std::string owner;          // client's id; empty: not known
  std::uint64_t created = 0;  // ms UTC
};

struct Subscription {
  std::uint64_t k = 0;  // its row
  std::string id;       // random, as a UUID
  std::string query_name;
  std::string dest;
  std::string token;     // signatureToken; empty: none. Never shown again
  std::string schedule;  // JSON; empty: a stream
  bool report_if_empty = false;
  std::optional<std::uint64_t> initial;  // initialRecordTime, ms UTC
  std::string owner;
  std::uint64_t created = 0;  // ms UTC, as all times here

  // Where it stands.
  std::uint64_t upto = 0;                 // events up to this row are reported
  std::optional<std::uint64_t> ran;       // newest run that came to its end
  std::optional<std::uint64_t> notified;  // newest report that was taken
  std::uint64_t failures = 0;             // in a row
  std::optional<std::uint64_t> failing_since;
  std::optional<std::string> stopped;  // why

  std::string query{};  // JSON of the named query; filled in for the runner alone
};

// A client's order for one: {dest, signatureToken, stream: true | schedule, reportIfEmpty, initialRecordTime}; other
// members are passed over. usage, naming what is wrong. Whether dest may be called is not looked at.
Result<Subscription> read_subscription(const epcis::Json& asked);
// usage for a name that is empty, longer than 200 bytes, "." or "..", or has control characters.
Status check_query_name(std::string_view name);

// Reads of private.db; what is not there is nothing.
Result<std::optional<NamedQuery>> find_query(const store::Database& db, std::string_view name);
// Behind `after`, by name.
Result<std::vector<NamedQuery>> list_queries(const store::Database& db, std::string_view after,
                                             std::size_t limit);
Result<std::optional<Subscription>> find_subscription(const store::Database& db,
                                                      std::string_view query_name,
                                                      std::string_view id);
// Behind row `after`, in the order in which they were made.
Result<std::vector<Subscription>> list_subscriptions(const store::Database& db,
                                                     std::string_view query_name,
                                                     std::uint64_t after, std::size_t limit);
// All that are not stopped, each with its query.
Result<std::vector<Subscription>> active_subscriptions(const store::Database& db);

}  // namespace lotmark::node
