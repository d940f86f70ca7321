#include "ledger-node/subscribe/subscription_desk.h"

#include "core/epcis/door/json_text.h"

namespace lotmark::node {

using epcis::Json;

namespace {

// A query, and what stands around it.
constexpr std::size_t kAskedMax = kQueryBytesMax + 4096;
constexpr epcis::JsonLimits kAskedLimits{32, 100'000};

Result<Json> asked_of(const Call& call) {
  if (call.body.size() > kAskedMax) return fail(Errc::kTooLarge, "a query has at most 64 KiB");
  auto read = epcis::read_json(as_text(call.body), kAskedLimits);
  if (const auto* fault = std::get_if<epcis::JsonFault>(&read))
    return fail(fault->limit ? Errc::kTooLarge : Errc::kUsage, fault->path + ": " + fault->detail);
  if (!std::get<Json>(read).is_object()) return fail(Errc::kUsage, "the body is a JSON object");
  return std::get<Json>(std::move(read));
}

// Empty if it is not there.
Result<std::string> text_in(const Json& object, const char* name) {
  const auto at = object.find(name);
  if (at == object.end()) return std::string();
  if (!at->is_string()) return fail(Errc::kUsage, std::string(name) + " is a text");
  return at->get<std::string>();
}

Reply reply_of(const Status& status) {
  return status ? reply_json("{}") : reply_error(status.error());
}

}  // namespace

Result<std::unique_ptr<SubscriptionDesk>> SubscriptionDesk::open(
    const std::filesystem::path& private_db, AllowedDestinations allowed) {
  auto desk = std::make_unique<SubscriptionDesk>();
  LM_ASSIGN(desk->store_, SubscriptionStore::open(private_db));
  desk->allowed_ = std::move(allowed);
  return desk;
}

bool SubscriptionDesk::is_subscription(const Route& route) {
  const auto& p = route.parts;
  return p.size() >= 3 && p[0] == "control" && p[1] == "v1" && p[2] == "queries";
}

Reply SubscriptionDesk::control(const Call& call, const Route& route, Time now) {
  const auto& p = route.parts;
  const bool post = call.method == "POST", remove = call.method == "DELETE";
  const bool of_query = p.size() >= 5 && p[4] == "subscriptions";
  if (post && p.size() == 3) return add_query(call, now);
  if (remove && p.size() == 4) return remove_query(call, p[3]);
  if (post && p.size() == 5 && of_query) return add_subscription(call, p[3], now);
  if (remove && p.size() == 6 && of_query) return reply_of(store_->remove_subscription(p[3], p[5]));
  return reply_error(fail(Errc::kNotFound, "no such route"));
}

Reply SubscriptionDesk::add_query(const Call& call, Time now) {
  const auto asked = asked_of(call);
  if (!asked) return reply_error(asked.error());
  auto name = text_in(*asked, "name"), owner = text_in(*asked, "owner");
  if (!name) return reply_error(name.error());
  if (!owner) return reply_error(owner.error());
  const auto query = asked->find("query");
  if (query == asked->end()) return reply_error(fail(Errc::kUsage, "query is missing"));
  return reply_of(
      store_->add_query({*std::move(name), query->dump(), *std::move(owner), unix_ms(now)}));
}

Reply SubscriptionDesk::remove_query(const Call& call, const std::string& name) {
  if (call.body.empty()) return reply_of(store_->remove_query(name));
  const auto asked = asked_of(call);
  if (!asked) return reply_error(asked.error());
  const auto owner = text_in(*asked, "owner");
  if (!owner) return reply_error(owner.error());
  if (owner->empty()) return reply_error(fail(Errc::kUsage, "owner is missing"));
  return reply_of(store_->remove_query(name, *owner));
}

Reply SubscriptionDesk::add_subscription(const Call& call, const std::string& query, Time now) {
  const auto asked = asked_of(call);
  if (!asked) return reply_error(asked.error());
  auto owner = text_in(*asked, "owner");
  if (!owner) return reply_error(owner.error());
  auto wanted = read_subscription(*asked);
  if (!wanted) return reply_error(wanted.error());
  const auto to = read_destination(wanted->dest);
  if (!to) return reply_error(to.error());
  if (const Status may = allowed_.check(*to); !may) return reply_error(may.error());
  wanted->query_name = query;
  wanted->owner = *std::move(owner);
  const auto made = store_->add_subscription(*std::move(wanted), now);
  if (!made) return reply_error(made.error());
  return reply_json(Json{{"id", made->id}, {"created", made->created}}.dump());
}

}  // namespace lotmark::node
