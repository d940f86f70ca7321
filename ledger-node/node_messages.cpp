// What comes from the brokers, and what a node tells of itself.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "core/base/hex.h"
#include "ledger-node/capture/capture_desk.h"
#include "ledger-node/chain/public/revocations.h"
#include "ledger-node/intake/birth_log.h"
#include "ledger-node/marks/mark_desk.h"
#include "ledger-node/node_core.h"
#include "ledger-node/standby/copies.h"
#include "ledger-node/subscribe/subscription_desk.h"
#include "ledger-node/watch/alarms.h"
#include "ledger-node/watch/capacity.h"

namespace lotmark::node {

std::vector<std::string> NodeCore::subscriptions() const {
  std::vector<std::string> filters;
  if (has(Role::kKeeping)) {
    filters.push_back("lotmark/v1/" + config_.organisation + "/+/bundle");
    filters.push_back("lotmark/v1/" + config_.organisation + "/+/start");
    filters.push_back("lotmark/v1/" + config_.organisation + "/+/state");
  }
  if (has(Role::kReviewing)) filters.push_back("lotmark/v1/+/+/start");
  return filters;
}

std::vector<Publication> NodeCore::messages(const std::vector<bus::Message>& group, Time now) {
  std::vector<Publication> out;
  std::vector<bus::Message> bundles;
  for (const auto& m : group) {
    const auto topic = bus::parse_topic(m.topic);
    if (topic && topic->kind == "start") {
      if (auto answer = take_start(m, *topic, now)) out.push_back(std::move(*answer));
    } else if (births_ && topic && topic->kind == "state") {
      take_birth(m, *topic, now);
    } else if (intake_ && topic && topic->kind == "bundle" && gate_intake_.admits(m.topic)) {
      bundles.push_back(m);
    }
  }
  if (!out.empty()) hold_arrivals(out);
  if (bundles.empty()) return out;
  auto acks = intake_->take(bundles, now);
  if (!acks) {
    log::error("intake.group_not_taken", {{"error", acks.error().message()}});
    return out;
  }
  if (copies_ != nullptr) hold(*acks, 0, intake_->size());
  for (auto& a : *acks) out.push_back(std::move(a));
  return out;
}

// The broker retains the newest, so nothing is answered.
void NodeCore::take_birth(const bus::Message& m, const bus::Topic& topic, Time now) {
  const std::lock_guard guard(lock_);
  const auto taken = [&]() -> Status {
    LM_ASSIGN(auto birth, lotmark::open<Birth>(m.payload, chain_->chain_id()));
    const auto* device = chain_->enrolled(birth.kid);
    if (device == nullptr || device->kind != EnrolmentKind::kDevice ||
        device->name != topic.device || device->organisation != topic.organisation) {
      return fail(Errc::kDeviceUnknown, "no device of that name and key");
    }
    if (!birth.verified_by(device->key)) return Errc::kCoseSignature;
    LM_TRY(chain::not_revoked(*chain_, birth.kid, chain_->statements().newest()));
    return births_->take(birth, now);
  }();
  if (taken) return;
  count(fmt::format("lotmark_birth_refused_total{{error=\"{}\"}}", name(taken.code())));
  log::warn("birth.refused", {{"topic", m.topic}, {"error", taken.error().message()}});
}

// One device signs no more than so many start signals an hour; what is held is answered again however many they are.
Status NodeCore::may_start(const Digest& id, const KeyId& device, Time now) const {
  LM_ASSIGN(auto held, received_->find(id));
  if (held) return {};
  LM_ASSIGN(auto q,
            private_db_->prepare("SELECT at FROM received WHERE signer = ? AND type = 'start' "
                                 "ORDER BY idx DESC LIMIT 1 OFFSET ?"));
  q.bind(1, device).bind(2, config_.limits.starts_hour - 1);
  LM_ASSIGN(bool full, q.step());
  const std::int64_t hour_ago = to_ms(now) - 3'600'000;
  if (!full || q.integer(0) < hour_ago) return {};
  return fail(Errc::kUnavailable,
              fmt::format("more than {} start signals of that device in an hour",
                          config_.limits.starts_hour));
}

// A start signal: logged once, answered each time with the same arrival.
std::optional<Publication> NodeCore::take_start(const bus::Message& m, const bus::Topic& topic,
                                                Time now) {
  const std::lock_guard guard(lock_);
  const auto taken = [&]() -> Result<Bytes> {
    LM_ASSIGN(auto start, lotmark::open<Start>(m.payload, chain_->chain_id()));
    const auto* device = chain_->enrolled(start.kid);
    if (device == nullptr || device->kind != EnrolmentKind::kStart ||
        device->name != topic.device || device->organisation != topic.organisation) {
      return fail(Errc::kDeviceUnknown, "no start-signal device of that name and key");
    }
    if (!start.verified_by(device->key)) return Errc::kCoseSignature;
    LM_TRY(chain::not_revoked(*chain_, start.kid, chain_->statements().newest()));
    LM_TRY(may_start(start.id, start.kid, now));
    return received_->log(start.id, "start", start.kid, start.bytes, now);
  };
  auto arrival = taken();
  if (arrival)
    return Publication{fmt::format("lotmark/v1/{}/{}/ack", topic.organisation, topic.device),
                       *arrival};
  count(fmt::format("lotmark_start_refused_total{{error=\"{}\"}}", name(arrival.code())));
  log::warn("start.refused", {{"topic", m.topic}, {"error", arrival.error().message()}});
  return std::nullopt;
}

std::string NodeCore::metrics_text() const {
  const std::lock_guard guard(lock_);
  std::string text;
  const auto line = [&](const std::string& metric, double v) {
    text += fmt::format("{} {}\n", metric, v);
  };
  for (const auto& e : engines_) {
    for (const auto& [metric, v] : e->metrics()) line(metric, v);
  }
  if (intake_) {
    for (const auto& [metric, v] : intake_->metrics()) line(metric, v);
    for (const auto& [metric, v] : gate_intake_.metrics()) line(metric, v);
  }
  if (capture_) {
    for (const auto& [metric, v] : capture_->metrics()) line(metric, v);
    for (const auto& [metric, v] : subscriptions_->metrics()) line(metric, v);
  }
  if (marks_) {
    for (const auto& [metric, v] : marks_->metrics()) line(metric, v);
  }
  for (const auto& [metric, v] : counters_) line(metric, static_cast<double>(v));
  return text;
}

std::string NodeCore::status_json() const {
  nlohmann::json j;
  j["name"] = config_.name;
  j["organisation"] = config_.organisation;
  j["kid"] = to_hex(kid());
  j["chain"] = to_hex(chain_->chain_id());
  j["roles"] = nlohmann::json::array();
  const Member* self = chain_->member(kid());
  for (Role r : self != nullptr ? self->roles : std::vector<Role>{})
    j["roles"].push_back(std::string(name(r)));
  j["standby_of"] =
      config_.standby ? nlohmann::json(to_hex(config_.standby->kid)) : nlohmann::json();
  if (intake_) j["intake_stopped"] = gate_intake_.stopped();
  j["primary"] = primary() == kid();
  const auto orders = primary();
  j["orders"] = orders ? nlohmann::json(to_hex(*orders)) : nlohmann::json();
  j["term"] = chain_->term();
  const auto standing = chain_->standing();
  j["bound_to_term"] = standing && *standing ? nlohmann::json((*standing)->term) : nlohmann::json();
  j["size"] = chain_->size();
  j["root"] = to_hex(chain_->root());
  j["epoch"] = chain_->statements().newest().epoch;
  j["quorum"] = chain_->statements().newest().quorum;
  const auto& c = chain_->checkpoint();
  j["final_size"] = c ? c->checkpoint.size : 0;
  j["votes"] = c ? c->votes.size() : 0;
  j["last_period"] =
      chain_->has_period() ? nlohmann::json(chain_->last_period()) : nlohmann::json();
  if (intake_) j["intake_size"] = intake_->size();
  if (received_) j["received_size"] = received_->size();
  j["alarms"] = nlohmann::json::object();
  j["abnormal_rates"] = nlohmann::json::array();
  if (alarms_ == nullptr) return j.dump();  // a standby has no roles
  for (const auto& [alarm, why] : alarms_->raised()) j["alarms"][alarm] = why;
  for (const auto& r : capacity_->reports()) {
    j["abnormal_rates"].push_back(
        {{"organisation", r.organisation},
         {"what", r.what},
         {"lots", r.lots},
         {"limit", r.limit},
         {"period_s", r.period_s},
         {"from", r.from.empty() ? nlohmann::json() : nlohmann::json(r.from)},
         {"at", to_iso(from_ms(static_cast<std::int64_t>(r.at)))}});
  }
  return j.dump();
}

Reply NodeCore::blocks_json(const Route& route) const {
  const std::uint64_t from = route.number("from").value_or(0);
  const std::uint64_t limit = std::min<std::uint64_t>(route.number("limit").value_or(50), 500);
  nlohmann::json list = nlohmann::json::array();
  for (std::uint64_t n = from; n < chain_->size() && n - from < limit; ++n) {
    auto bytes = chain_->block(n);
    if (!bytes) return reply_error(bytes.error());
    auto block = n == 0 ? open_genesis(*bytes) : lotmark::open<Block>(*bytes, chain_->chain_id());
    if (!block) return reply_error(block.error());
    nlohmann::json j = to_json(block->body);
    j["id"] = to_hex(block->id);
    j["signer"] = to_hex(block->kid);
    j["time_iso"] = to_iso(from_ms(static_cast<std::int64_t>(block->body.time)));
    j["bytes"] = bytes->size();
    j["final"] = chain_->is_final(n);
    list.push_back(std::move(j));
  }
  return reply_json(list.dump());
}

}  // namespace lotmark::node
