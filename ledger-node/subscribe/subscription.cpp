#include "ledger-node/subscribe/subscription.h"

#include <algorithm>

#include "core/epcis/query/query.h"

namespace lotmark::node {

namespace {

constexpr std::string_view kSubscriptionRow =
    "SELECT s.k, s.id, s.name, s.dest, s.token, s.schedule, s.report_if_empty, s.initial, s.owner, "
    "s.created, s.upto, s.ran, s.notified, s.failures, s.failing_since, s.stopped";

std::optional<std::uint64_t> maybe(const store::Query& q, int column) {
  return q.is_null(column) ? std::nullopt : std::optional(q.u64(column));
}

Subscription row_of(const store::Query& q) {
  Subscription s;
  s.k = q.u64(0);
  s.id = q.text(1);
  s.query_name = q.text(2);
  s.dest = q.text(3);
  s.token = q.text(4);
  s.schedule = q.text(5);
  s.report_if_empty = q.integer(6) != 0;
  s.initial = maybe(q, 7);
  s.owner = q.text(8);
  s.created = q.u64(9);
  s.upto = q.u64(10);
  s.ran = maybe(q, 11);
  s.notified = maybe(q, 12);
  s.failures = q.u64(13);
  s.failing_since = maybe(q, 14);
  if (!q.is_null(15)) s.stopped = q.text(15);
  return s;
}

Result<std::vector<Subscription>> rows_of(store::Query& q) {
  std::vector<Subscription> out;
  while (true) {
    LM_ASSIGN(const bool row, q.step());
    if (!row) return out;
    out.push_back(row_of(q));
  }
}

NamedQuery query_of(const store::Query& q) { return {q.text(0), q.text(1), q.text(2), q.u64(3)}; }

const epcis::Json* member(const epcis::Json& object, const char* name) {
  const auto at = object.find(name);
  return at == object.end() || at->is_null() ? nullptr : &*at;
}

Status read_rhythm(const epcis::Json& asked, Subscription& out) {
  const auto* stream = member(asked, "stream");
  const auto* schedule = member(asked, "schedule");
  if (stream != nullptr && (!stream->is_boolean() || (!*stream && schedule == nullptr)))
    return fail(Errc::kUsage, "stream is true, or schedule is given in its place");
  const bool streams = stream != nullptr && *stream == true;
  if (streams == (schedule != nullptr))
    return fail(Errc::kUsage, "a subscription has either stream or schedule");
  if (streams) return {};
  LM_ASSIGN(const auto read, Schedule::read(*schedule));
  (void)read;
  out.schedule = schedule->dump();
  return {};
}

Status read_initial(const epcis::Json& asked, Subscription& out) {
  const auto* at = member(asked, "initialRecordTime");
  if (at == nullptr) return {};
  const auto bad = fail(Errc::kUsage, "initialRecordTime is a time with its offset from UTC");
  if (!at->is_string()) return bad;
  // As a query's times are read.
  const auto query = epcis::parse_query(
      std::vector<std::pair<std::string, std::string>>{{"GE_recordTime", at->get<std::string>()}});
  if (!query || query->times.size() != 1 || query->times[0].times_ms.size() != 1) return bad;
  out.initial = static_cast<std::uint64_t>(std::max<std::int64_t>(query->times[0].times_ms[0], 0));
  return {};
}

}  // namespace

Status check_query_name(std::string_view name) {
  const bool plain = std::ranges::all_of(name, [](char c) {
    return static_cast<unsigned char>(c) >= 0x20 && static_cast<unsigned char>(c) != 0x7f;
  });
  if (name.empty() || name.size() > kQueryNameMax || !plain || name == "." || name == "..")
    return fail(Errc::kUsage,
                "name is a text of 1 to 200 bytes without control characters, other than . and ..");
  return {};
}

Result<Subscription> read_subscription(const epcis::Json& asked) {
  if (!asked.is_object()) return fail(Errc::kUsage, "a subscription is a JSON object");
  Subscription out;
  const auto* dest = member(asked, "dest");
  if (dest == nullptr || !dest->is_string()) return fail(Errc::kUsage, "dest is the URL to call");
  out.dest = dest->get<std::string>();
  LM_ASSIGN(const auto to, read_destination(out.dest));
  (void)to;
  if (const auto* token = member(asked, "signatureToken")) {
    if (!token->is_string() || token->get_ref<const std::string&>().size() > kSignatureTokenMax)
      return fail(Errc::kUsage, "signatureToken is a text of at most 1024 bytes");
    out.token = token->get<std::string>();
  }
  LM_TRY(read_rhythm(asked, out));
  if (const auto* empty = member(asked, "reportIfEmpty")) {
    if (!empty->is_boolean()) return fail(Errc::kUsage, "reportIfEmpty is true or false");
    out.report_if_empty = *empty == true;
  }
  LM_TRY(read_initial(asked, out));
  return out;
}

Result<std::optional<NamedQuery>> find_query(const store::Database& db, std::string_view name) {
  LM_ASSIGN(auto q,
            db.prepare("SELECT name, query, owner, created FROM named_query WHERE name = ?"));
  LM_ASSIGN(const bool row, q.bind(1, name).step());
  return row ? std::optional(query_of(q)) : std::nullopt;
}

Result<std::vector<NamedQuery>> list_queries(const store::Database& db, std::string_view after,
                                             std::size_t limit) {
  LM_ASSIGN(auto q, db.prepare("SELECT name, query, owner, created FROM named_query WHERE name > ? "
                               "ORDER BY name LIMIT ?"));
  q.bind(1, after).bind(2, std::uint64_t{limit});
  std::vector<NamedQuery> out;
  while (true) {
    LM_ASSIGN(const bool row, q.step());
    if (!row) return out;
    out.push_back(query_of(q));
  }
}

Result<std::optional<Subscription>> find_subscription(const store::Database& db,
                                                      std::string_view query_name,
                                                      std::string_view id) {
  LM_ASSIGN(auto q, db.prepare(std::string(kSubscriptionRow) +
                               " FROM subscription s WHERE s.name = ? AND s.id = ?"));
  LM_ASSIGN(const bool row, q.bind(1, query_name).bind(2, id).step());
  return row ? std::optional(row_of(q)) : std::nullopt;
}

Result<std::vector<Subscription>> list_subscriptions(const store::Database& db,
                                                     std::string_view query_name,
                                                     std::uint64_t after, std::size_t limit) {
  LM_ASSIGN(auto q, db.prepare(std::string(kSubscriptionRow) +
                               " FROM subscription s WHERE s.name = ? AND s.k > ? "
                               "ORDER BY s.k LIMIT ?"));
  q.bind(1, query_name).bind(2, after).bind(3, std::uint64_t{limit});
  return rows_of(q);
}

Result<std::vector<Subscription>> active_subscriptions(const store::Database& db) {
  LM_ASSIGN(auto q, db.prepare(std::string(kSubscriptionRow) +
                               ", n.query FROM subscription s JOIN named_query n ON n.name = "
                               "s.name WHERE s.stopped IS NULL ORDER BY s.k"));
  std::vector<Subscription> out;
  while (true) {
    LM_ASSIGN(const bool row, q.step());
    if (!row) return out;
    out.push_back(row_of(q));
    out.back().query = q.text(16);
  }
}

}  // namespace lotmark::node
