#include "ledger-node/order/primary.h"

#include <nlohmann/json.hpp>

#include "core/base/hex.h"
#include "core/base/log.h"
#include "ledger-node/chain/public/events.h"

namespace lotmark::node {

namespace {

constexpr std::size_t kForwardRun = 2048;

unsigned rank_of(const chain::PublicChain& chain, const KeyId& self) {
  unsigned rank = 0;
  for (const auto& m : chain.statements().newest().members) {
    if (m.kid == self) return rank;
    rank += m.has(Role::kSupervising) ? 1 : 0;
  }
  return rank;
}

}  // namespace

Primary::Primary(Pool pool, chain::PublicChain& chain, const Signer& signer, const TurnGiver& turns,
                 const PrimaryConfig& config)
    : pool_(std::move(pool)),
      period_pool_(pool_.database(), chain),
      chain_(chain),
      signer_(signer),
      turns_(turns),
      config_(config),
      period_(chain) {}

Result<std::unique_ptr<Primary>> Primary::open(const std::filesystem::path& file,
                                               chain::PublicChain& chain, const Signer& signer,
                                               const TurnGiver& turns, const PrimaryConfig& config,
                                               std::unique_ptr<OrderLog> engine) {
  LM_ASSIGN(auto pool, Pool::open(file, chain, signer));
  std::unique_ptr<Primary> primary(new Primary(std::move(pool), chain, signer, turns, config));
  primary->rank_ = rank_of(chain, signer.kid());
  if (engine) primary->engine_.emplace(std::move(engine), signer.kid(), primary->rank_);
  return primary;
}

std::optional<Reply> Primary::peer(const Route& route, const Call& call, const Member& from,
                                   Time now) {
  if (call.method != "POST") return std::nullopt;
  const std::string& what = route.parts[2];
  constexpr std::string_view kDoors[] = {"heads", "releases", "revocations", "recalls"};
  if (std::ranges::find(kDoors, what) == std::end(kDoors) && !PeriodPool::has_door(what))
    return std::nullopt;
  if (!leads(now)) return reply_error(fail(Errc::kNotReady, "this node does not order now"));
  auto answer = take(what, call, from, now);
  if (answer) return reply_cbor(*std::move(answer));
  if (what == "heads" || answer.code() == Errc::kNotReady) return reply_error(answer.error());
  ++refused_;
  log::warn("order.refused", {{"from", from.organisation}, {"error", answer.error().message()}});
  return reply_error(answer.error());
}

Result<Bytes> Primary::take(const std::string& door, const Call& call, const Member& from,
                            Time now) {
  if (door == "heads") {
    LM_TRY(period_.take_head(call.body, from.kid));
    return encode_list({});
  }
  if (chain::door_of(call.body) != door)
    return fail(Errc::kDenied, "no object that is submitted to " + door);
  if (PeriodPool::has_door(door)) {
    LM_TRY(period_pool_.take(call.body));
    return encode_list({});
  }
  if (desk_ != nullptr && desk_->holds(now))  // a promise now could not be kept in time
    return fail(Errc::kNotReady, "a membership statement is being placed");
  pool_new_ = true;
  return pool_.take(call.body, from, static_cast<std::uint64_t>(to_ms(now + config_.promise)));
}

std::optional<Reply> Primary::control(const Route& route, const Call& call,
                                      const chain::Enrolled& /*from*/, Time now) {
  if (route.parts.size() != 3 || route.parts[2] != "delegations" || call.method != "POST")
    return std::nullopt;
  Status done = take_delegation(call.body, now);
  if (!done) return reply_error(done.error());
  return reply_json(nlohmann::json{{"term", takeover_->term()}}.dump());
}

Status Primary::take_delegation(ByteView object, Time now) {
  if (engine_) return fail(Errc::kConfig, "the ordering engine's lease moves the role here");
  if (!may_sign()) return fail(Errc::kNotReady, "this node is recovering");
  LM_ASSIGN(auto d, lotmark::open<Delegation>(object, chain_.chain_id()));
  LM_ASSIGN(auto checked, chain::check_delegation(chain_, object, chain_.statements().newest(),
                                                  d.body.term, signer_.kid()));
  LM_ASSIGN(takeover_, Takeover::begin(chain_, signer_, checked.body.term, checked.bytes, now));
  return pool_.set_delegation(checked.bytes);
}

void Primary::forward(Time now, std::vector<Outgoing>& out) {
  constexpr std::size_t kAtOnce = 16;
  constexpr Millis kPause{2000};
  const KeyId* holder = chain_.holder();
  if (now < forward_due_ || holder == nullptr || *holder == signer_.kid()) return;
  forward_due_ = now + kPause;
  const auto list = pool_.waiting(kForwardRun);
  if (!list) return;
  for (const auto& p : *list) {
    const auto on_chain = chain_.block_of(p.inner);
    if (!on_chain) return;
    if (*on_chain) {
      if (chain_.is_final(**on_chain)) (void)pool_.forget(p.n);
    } else if (out.size() < kAtOnce) {
      const std::string path =
          "/peer/v1/" + std::string(chain::door_of(p.object).value_or("releases"));
      out.push_back({*holder, "POST", path, p.object, [](const Reply&) {}});
    }
  }
}

std::vector<Outgoing> Primary::tick(Time now) {
  std::vector<Outgoing> out;
  watch_progress(now);
  watch_clock(now);
  if (engine_) use_engine(now);
  if (!engine_ && !takeover_ && may_sign()) use_delegation(now);
  if (takeover_) go_on_taking_over(now, out);
  if (desk_ != nullptr) {
    constexpr Millis kAside{5000};
    desk_->stands_still(false);
    if (engine_ && holds_term() && desk_->must_hand_over(now)) engine_->rest(now + kAside);
  }
  if (leads(now) && shares_clock(now)) {
    if (Status done = order_due(now); !done)
      log::error("order.failed", {{"error", done.error().message()}});
  } else {
    if (engine_ && !takeover_ && !leads(now)) engine_->drop();
    forward(now, out);
  }
  return out;
}

std::vector<std::pair<std::string, double>> Primary::metrics() const {
  const auto waiting = pool_.size();
  const auto objects = period_pool_.size();
  return {{"lotmark_blocks_ordered_total", static_cast<double>(ordered_)},
          {"lotmark_submissions_refused_total", static_cast<double>(refused_)},
          {"lotmark_submissions_waiting", waiting ? static_cast<double>(*waiting) : 0},
          {"lotmark_period_objects_waiting", objects ? static_cast<double>(*objects) : 0},
          {"lotmark_takeovers_total", static_cast<double>(takeovers_)},
          {"lotmark_takeovers_not_begun_total", static_cast<double>(not_begun_)},
          {"lotmark_order_without_engine", without_engine_ ? 1 : 0}};
}

}  // namespace lotmark::node
