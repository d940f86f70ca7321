#include "ledger-node/subscribe/subscription_store.h"

#include "core/base/hex.h"
#include "core/base/log.h"
#include "core/base/random.h"
#include "core/epcis/query/query.h"
#include "ledger-node/chain/private/private_store.h"

namespace lotmark::node {

namespace {

// Random, in the form of a UUID of version 4 (RFC 9562).
std::string random_uuid() {
  Salt bytes = random_fixed<Salt>();
  bytes.data()[6] = static_cast<std::uint8_t>((bytes.data()[6] & 0x0f) | 0x40);
  bytes.data()[8] = static_cast<std::uint8_t>((bytes.data()[8] & 0x3f) | 0x80);
  const auto hex = to_hex(bytes);
  return hex.substr(0, 8) + "-" + hex.substr(8, 4) + "-" + hex.substr(12, 4) + "-" +
         hex.substr(16, 4) + "-" + hex.substr(20);
}

// Rows of events may be gone that a subscription was past: those that take their places are not reported yet.
Status step_back(const store::Database& db) {
  return db.exec(
      "UPDATE subscription SET upto = (SELECT coalesce(max(n), 0) FROM event) WHERE upto > (SELECT "
      "coalesce(max(n), 0) FROM event)");
}

Error no_query(std::string_view name) {
  return fail(Errc::kNotFound, "no query of the name " + std::string(name));
}

}  // namespace

Result<std::unique_ptr<SubscriptionStore>> SubscriptionStore::open(
    const std::filesystem::path& private_db) {
  LM_ASSIGN(auto db, chain::open_private(private_db));
  LM_TRY(step_back(db));
  std::unique_ptr<SubscriptionStore> s(new SubscriptionStore(std::move(db)));
  LM_TRY(s->count());
  return s;
}

Result<std::uint64_t> SubscriptionStore::count_rows(std::string_view table) const {
  LM_ASSIGN(auto q, db_.prepare("SELECT count(*) FROM " + std::string(table)));
  LM_TRY(q.step());
  return q.u64(0);
}

Result<std::uint64_t> SubscriptionStore::count_of_owner(std::string_view owner) const {
  LM_ASSIGN(auto q, db_.prepare("SELECT count(*) FROM named_query WHERE owner = ?"));
  LM_TRY(q.bind(1, owner).step());
  return q.u64(0);
}

// For metrics, which must not wait for a change that waits for the disk.
Status SubscriptionStore::count() {
  LM_ASSIGN(queries_, count_rows("named_query"));
  LM_ASSIGN(active_, count_rows("subscription WHERE stopped IS NULL"));
  LM_ASSIGN(failing_, count_rows("subscription WHERE stopped IS NULL AND failures > 0"));
  LM_ASSIGN(stopped_, count_rows("subscription WHERE stopped IS NOT NULL"));
  return {};
}

Result<std::uint64_t> SubscriptionStore::newest() const {
  LM_ASSIGN(auto q, db_.prepare("SELECT coalesce(max(n), 0) FROM event"));
  LM_TRY(q.step());
  return q.u64(0);
}

// The row of the newest event that was recorded before that time: they are numbered in its order, with gaps where rows were
// lost.
Result<std::uint64_t> SubscriptionStore::recorded_before(std::uint64_t ms) const {
  LM_ASSIGN(std::uint64_t high, newest());
  std::uint64_t low = 0;
  LM_ASSIGN(auto q, db_.prepare("SELECT n, recorded FROM event WHERE n >= ? ORDER BY n LIMIT 1"));
  while (low < high) {
    const std::uint64_t middle = low + (high - low + 1) / 2;
    LM_ASSIGN(const bool row, q.bind(1, middle).step());
    if (!row) return fail(Errc::kCorrupt, "event " + std::to_string(middle) + " is missing");
    const std::uint64_t there = q.u64(0);
    const bool before = q.u64(1) < ms;
    q.reset();
    (before ? low : high) = before ? there : middle - 1;
  }
  return low;
}

Status SubscriptionStore::add_query(const NamedQuery& query) {
  LM_TRY(check_query_name(query.name));
  if (query.query.size() > kQueryBytesMax)
    return fail(Errc::kTooLarge, "a query has at most 64 KiB");
  if (query.owner.size() > kOwnerMax) return fail(Errc::kUsage, "owner has at most 2048 bytes");
  const auto parsed = epcis::parse_query(epcis::Json::parse(query.query, nullptr, false));
  if (!parsed) return parsed.error();
  const std::lock_guard guard(lock_);
  LM_TRY(db_.transaction([&]() -> Status {
    LM_ASSIGN(const auto there, find_query(db_, query.name));
    if (there) return fail(Errc::kConflict, "a query of that name is there");
    LM_ASSIGN(const auto count, count_rows("named_query"));
    if (count >= kQueriesMax) return fail(Errc::kTooLarge, "1,000 queries are there");
    LM_ASSIGN(const auto own, count_of_owner(query.owner));
    if (!query.owner.empty() && own >= kQueriesOfOwnerMax)
      return fail(Errc::kTooLarge, "100 queries of this owner are there: end one first");
    LM_ASSIGN(auto q, db_.prepare("INSERT INTO named_query(name, query, owner, created) "
                                  "VALUES(?, ?, ?, ?)"));
    q.bind(1, std::string_view(query.name)).bind(2, std::string_view(query.query));
    return q.bind(3, std::string_view(query.owner)).bind(4, query.created).run();
  }));
  ++version_;
  (void)count();
  log::info("query.made", {{"name", query.name}, {"owner", query.owner}});
  return {};
}

Status SubscriptionStore::remove_query(std::string_view name,
                                       const std::optional<std::string>& owner) {
  const std::lock_guard guard(lock_);
  LM_TRY(db_.transaction([&]() -> Status {
    LM_ASSIGN(auto query,
              db_.prepare("DELETE FROM named_query WHERE name = ?1 AND owner = ifnull(?2, owner)"));
    query.bind(1, name);
    if (owner) query.bind(2, std::string_view(*owner));
    LM_TRY(query.run());
    if (db_.changes() == 0) return no_query(name);
    LM_ASSIGN(auto of_it, db_.prepare("DELETE FROM subscription WHERE name = ?"));
    return of_it.bind(1, name).run();
  }));
  ++version_;
  (void)count();
  log::info("query.ended", {{"name", name}});
  return {};
}

Result<Subscription> SubscriptionStore::add_subscription(Subscription s, Time now) {
  if (s.owner.size() > kOwnerMax) return fail(Errc::kUsage, "owner has at most 2048 bytes");
  s.id = random_uuid();
  s.created = unix_ms(now);
  const std::lock_guard guard(lock_);
  LM_TRY(db_.transaction([&]() -> Status {
    LM_ASSIGN(const auto query, find_query(db_, s.query_name));
    if (!query) return no_query(s.query_name);
    LM_ASSIGN(const auto parsed,
              epcis::parse_query(epcis::Json::parse(query->query, nullptr, false)));
    if (parsed.event_count_limit || parsed.max_event_count)
      return fail(Errc::kUsage,
                  "a query with eventCountLimit or maxEventCount cannot be subscribed to: reports "
                  "would leave events out");
    LM_ASSIGN(const auto count, count_rows("subscription"));
    if (count >= kSubscriptionsMax) return fail(Errc::kTooLarge, "1,000 subscriptions are there");
    if (s.initial) {
      LM_ASSIGN(s.upto, recorded_before(*s.initial));
    } else {
      LM_ASSIGN(s.upto, newest());
    }
    LM_ASSIGN(auto q, db_.prepare("INSERT INTO subscription(id, name, dest, token, schedule, "
                                  "report_if_empty, initial, owner, created, upto, failures) "
                                  "VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0)"));
    q.bind(1, std::string_view(s.id)).bind(2, std::string_view(s.query_name));
    q.bind(3, std::string_view(s.dest)).bind(4, std::string_view(s.token));
    q.bind(5, std::string_view(s.schedule)).bind(6, s.report_if_empty ? 1 : 0).bind(7, s.initial);
    q.bind(8, std::string_view(s.owner)).bind(9, s.created).bind(10, s.upto);
    LM_TRY(q.run());
    s.k = static_cast<std::uint64_t>(db_.last_rowid());
    return {};
  }));
  ++version_;
  (void)count();
  const auto to = read_destination(s.dest);  // its path and query may hold what is secret
  log::info(
      "subscription.made",
      {{"id", s.id}, {"query", s.query_name}, {"receiver", to ? to->base_url() : std::string()}});
  return s;
}

Status SubscriptionStore::remove_subscription(std::string_view query_name, std::string_view id) {
  const std::lock_guard guard(lock_);
  LM_ASSIGN(auto q, db_.prepare("DELETE FROM subscription WHERE name = ? AND id = ?"));
  LM_TRY(q.bind(1, query_name).bind(2, id).run());
  if (db_.changes() == 0)
    return fail(Errc::kNotFound, "no subscription of that ID to " + std::string(query_name));
  ++version_;
  (void)count();
  log::info("subscription.ended", {{"id", id}, {"query", query_name}});
  return {};
}

Result<std::vector<Subscription>> SubscriptionStore::active() {
  const std::lock_guard guard(lock_);
  return active_subscriptions(db_);
}

Result<SubscriptionStore::Newest> SubscriptionStore::newest_event() {
  const std::lock_guard guard(lock_);
  LM_ASSIGN(auto q, db_.prepare("SELECT (SELECT coalesce(max(n), 0) FROM event), (SELECT "
                                "coalesce(max(n), 0) FROM moved)"));
  LM_TRY(q.step());
  return Newest{q.u64(0), q.u64(1)};
}

Status SubscriptionStore::keep(const Subscription& s) {
  const std::lock_guard guard(lock_);
  LM_ASSIGN(auto q,
            db_.prepare("UPDATE subscription SET upto = ?, ran = ?, notified = ?, failures = ?, "
                        "failing_since = ?, stopped = ? WHERE k = ? AND id = ?"));
  q.bind(1, s.upto).bind(2, s.ran).bind(3, s.notified).bind(4, s.failures);
  q.bind(5, s.failing_since);
  if (s.stopped) q.bind(6, std::string_view(*s.stopped));
  else q.bind(6, nullptr);
  LM_TRY(q.bind(7, s.k).bind(8, std::string_view(s.id)).run());
  (void)count();
  return {};
}

void SubscriptionStore::count_call(bool taken, std::size_t events) {
  (taken ? taken_ : failed_) += 1;
  if (taken) events_ += events;
}

std::vector<std::pair<std::string, double>> SubscriptionStore::metrics() const {
  const auto number = [](std::uint64_t n) { return static_cast<double>(n); };
  return {{"lotmark_webhook_calls_total{result=\"taken\"}", number(taken_)},
          {"lotmark_webhook_calls_total{result=\"failed\"}", number(failed_)},
          {"lotmark_webhook_events_total", number(events_)},
          {"lotmark_named_queries", number(queries_)},
          {"lotmark_subscriptions{state=\"active\"}", number(active_)},
          {"lotmark_subscriptions{state=\"failing\"}", number(failing_)},
          {"lotmark_subscriptions{state=\"stopped\"}", number(stopped_)}};
}

}  // namespace lotmark::node
