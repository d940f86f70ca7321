#include "ledger-node/cut/cut_engine.h"

#include <nlohmann/json.hpp>

#include "core/base/hex.h"
#include "core/base/log.h"
#include "ledger-node/chain/public/cut_checks.h"
#include "ledger-node/cut/cut_json.h"

namespace lotmark::node {

namespace {

constexpr Millis kPatience{60'000};   // until a round without a quorum of flags is given up
constexpr Millis kRetry{600'000};     // and then at the latest tried again
constexpr Millis kDropAgain{10'000};  // after an error
constexpr std::uint64_t kDropAtOnce = 256;
constexpr std::uint64_t kThinAtOnce = 512;

nlohmann::json parsed(const Bytes& body) {
  return body.empty() ? nlohmann::json::object()
                      : nlohmann::json::parse(as_text(body), nullptr, false);
}

}  // namespace

CutEngine::CutEngine(chain::PublicChain& chain, const Signer& signer, const CutConfig& config)
    : chain_(chain), signer_(signer), config_(config), self_(signer.kid()) {}

// ---- flags ---------------------------------------------------------------------------------------

std::optional<Reply> CutEngine::peer(const Route& route, const Call& call, const Member& from,
                                     Time now) {
  if (call.method != "POST" || route.parts[2] != "flags" || !config_.supervising)
    return std::nullopt;
  const auto claim = decode<CutClaim>(call.body);
  if (!claim) return reply_error(claim.error());
  auto flag = give_flag(*claim, now);
  if (flag) return reply_cbor(*std::move(flag));
  log::info("cut.not_flagged", {{"from", from.organisation},
                                {"first", claim->first},
                                {"last", claim->last},
                                {"error", flag.error().message()}});
  return reply_error(flag.error());
}

Result<Bytes> CutEngine::give_flag(const CutClaim& claim, Time now) {
  const Digest object = chain::flag_object(claim);
  LM_ASSIGN(auto before, chain_.flag_given(object));
  if (before) return *std::move(before);
  const auto as_of = chain::cut_as_of(chain_, now);
  if (!as_of || claim.first > chain_.cut_end() || claim.last >= as_of->size)
    return fail(Errc::kNotReady, "this node's chain is not that far");
  LM_TRY(chain::check_cut_range(chain_, claim.first, claim.last, *as_of));
  LM_ASSIGN(auto content, chain::make_cut_content(chain_, claim.first, claim.last));
  if (content.archive != claim.archive || content.snapshot != claim.snapshot)
    return fail(Errc::kCutContent, "this node's blocks give another archive or snapshot");
  LM_ASSIGN(auto flag, seal(Promise{object, kFlagDeadline}, signer_, chain_.chain_id()));
  LM_TRY(chain_.store_flag(object, claim.last, flag.bytes));
  ++flags_given_;
  log::info("cut.flagged", {{"first", claim.first}, {"last", claim.last}});
  return std::move(flag.bytes);
}

// ---- operators -----------------------------------------------------------------------------------

std::optional<Reply> CutEngine::control(const Route& route, const Call& call,
                                        const chain::Enrolled& /*from*/, Time now) {
  if (route.parts.size() != 3) return std::nullopt;
  if (call.method == "GET" && route.parts[2] == "cut") return reply_json(status(now));
  if (call.method != "POST" || route.parts[2] != "cuts") return std::nullopt;
  auto reply = ask(call, now);
  return reply ? *std::move(reply) : reply_error(reply.error());
}

Result<Reply> CutEngine::ask(const Call& call, Time now) {
  const auto body = parsed(call.body);
  if (!body.is_object()) return fail(Errc::kUsage, "a JSON object with dry_run is expected");
  const bool dry = body.contains("dry_run") && body["dry_run"] == true;
  if (!dry && !orders()) return fail(Errc::kNotReady, "this node does not order: ask the primary");
  LM_ASSIGN(auto what, plan(now));
  if (!dry && !what.empty() && !round_) LM_TRY(begin(what, now));
  auto answer = to_json(what);
  answer["begun"] = !dry && round_ != nullptr;
  return reply_json(answer.dump());
}

std::string CutEngine::status(Time now) {
  nlohmann::json j{{"cut_end", chain_.cut_end()},
                   {"dropped_end", chain_.dropped_end()},
                   {"newest", nullptr},
                   {"next", nullptr},
                   {"round", nullptr},
                   {"round_at", nullptr}};
  const auto newest = chain::cut_of(chain_, chain_.cut_end() - 1);
  if (newest && *newest) j["newest"] = to_json(**newest, chain_);
  if (const auto next = plan(now)) j["next"] = to_json(*next);
  if (round_) j["round"] = to_json(*round_, chain_.statements().newest().quorum);
  if (next_ && orders()) j["round_at"] = to_iso(*next_);
  return j.dump();
}

// ---- proposing -----------------------------------------------------------------------------------

bool CutEngine::orders() const {
  const KeyId* holder = chain_.holder();
  return config_.supervising && holder != nullptr && *holder == self_ &&
         chain_.may_sign_in(chain_.term());
}

Result<chain::CutPlan> CutEngine::plan(Time now) {
  const auto as_of = chain::cut_as_of(chain_, now);
  if (!as_of) return fail(Errc::kNotReady, "no block is final yet");
  // Lots that are not final yet hold it up as well: the cut block comes behind them.
  LM_ASSIGN(auto p, chain::plan_cut(chain_, {as_of->time, chain_.size()}));
  p.last = std::min(p.last, std::max(as_of->size, p.first) - 1);
  const bool changed = p.held_up && (!held_up_ || held_up_->block != p.held_up->block ||
                                     held_up_->why != p.held_up->why);
  held_up_ = p.held_up;
  if (changed) {
    const auto& h = *held_up_;
    log::info(
        "cut.held_up",
        {{"block", h.block},
         {"gtin", h.gtin.text},
         {"lot", h.lot.text},
         {"why", name(h.why)},
         {"until", h.until ? to_iso(from_ms(static_cast<std::int64_t>(*h.until))) : "never"}});
  }
  return p;
}

Status CutEngine::begin(const chain::CutPlan& plan, Time now) {
  LM_ASSIGN(auto content, chain::make_cut_content(chain_, plan.first, plan.last));
  const CutClaim claim{plan.first, plan.last, content.archive, content.snapshot};
  LM_ASSIGN(auto own, give_flag(claim, now));
  round_ = CutRound::begin(chain_, self_, claim, std::move(own), now);
  log::info("cut.round_begun", {{"first", plan.first}, {"last", plan.last}});
  return {};
}

// The audit round: `every` after the newest cut block, or after the genesis.
void CutEngine::hold_round(Time now) {
  if (!next_) {
    const auto newest = chain::cut_of(chain_, chain_.cut_end() - 1);
    std::uint64_t last = chain_.statements().genesis().body.time;
    if (newest && *newest) {
      const auto bytes = chain_.block((*newest)->block);
      const auto block = bytes ? open<Block>(*bytes, chain_.chain_id()) : bytes.error();
      if (block) last = block->body.time;
    }
    next_ = from_ms(static_cast<std::int64_t>(last)) + config_.every;
  }
  if (now < *next_) return;
  next_ = now + config_.every;
  const auto what = plan(now);
  const Status begun = !what ? what.error() : what->empty() ? Status() : begin(*what, now);
  if (begun) return;
  next_ = now + std::min(config_.every, kRetry);
  log::warn("cut.round_not_begun", {{"error", begun.error().message()}});
}

void CutEngine::go_on(Time now) {
  const CutClaim& claim = round_->claim();
  if (chain_.cut_end() > claim.first) {  // ours or another's
    const bool more = claim.last - claim.first + 1 == limits::kCutBlocks;
    next_ = more ? now : now + config_.every;
    return round_.reset();
  }
  if (now <= round_->begun() + kPatience) return;
  ++rounds_failed_;
  log::warn("cut.round_failed", {{"first", claim.first},
                                 {"last", claim.last},
                                 {"flags", round_->flags()},
                                 {"refusal", round_->refusal()}});
  next_ = now + std::min(config_.every, kRetry);
  round_.reset();
}

std::optional<std::pair<BlockKind, BlockBody>> CutEngine::due() {
  if (!round_ || chain_.cut_end() != round_->claim().first) return std::nullopt;
  auto body = round_->body();
  if (!body) return std::nullopt;
  return std::pair{BlockKind::kCut, BlockBody(*std::move(body))};
}

Status CutEngine::fits(const Block& block) {
  const auto content = chain::check_cut_body(chain_, block, chain_.statements().newest());
  return content ? Status() : content.error();
}

std::vector<Outgoing> CutEngine::tick(Time now) {
  drop(now);
  thin();
  if (!orders()) {
    round_.reset();
    next_.reset();
    return {};
  }
  if (round_) go_on(now);
  if (!round_) hold_round(now);
  return round_ ? round_->tick(now) : std::vector<Outgoing>();
}

// ---- letting go ----------------------------------------------------------------------------------

void CutEngine::drop(Time now) {
  if (chain_.dropped_end() >= chain_.cut_end() || now < drop_due_) return;
  const auto cut = chain::cut_of(chain_, chain_.dropped_end());
  if (!cut || !*cut || !chain_.is_final((*cut)->block)) return;
  if (keeper_ != nullptr && !keeper_->may_drop(**cut, now)) return;
  const auto dropped = chain_.drop_bodies(kDropAtOnce);
  if (!dropped) {
    drop_due_ = now + kDropAgain;
    log::error("cut.not_dropped", {{"error", dropped.error().message()}});
  } else if (chain_.dropped_end() > (*cut)->last) {
    log::info("cut.dropped",
              {{"block", (*cut)->block}, {"first", (*cut)->first}, {"last", (*cut)->last}});
  }
}

void CutEngine::thin() {
  const std::uint64_t final_size = chain_.final_size();
  if (final_size < thinned_at_ + kThinAtOnce) return;
  const auto sizes = chain_.thin(kThinAtOnce);
  if (!sizes) log::error("cut.not_thinned", {{"error", sizes.error().message()}});
  if (!sizes || *sizes < kThinAtOnce) thinned_at_ = final_size;
}

std::vector<std::pair<std::string, double>> CutEngine::metrics() const {
  return {{"lotmark_cut_end", static_cast<double>(chain_.cut_end())},
          {"lotmark_cut_dropped_end", static_cast<double>(chain_.dropped_end())},
          {"lotmark_cut_held_up_by_block", held_up_ ? static_cast<double>(held_up_->block) : 0},
          {"lotmark_cut_flags_given_total", static_cast<double>(flags_given_)},
          {"lotmark_cut_rounds_failed_total", static_cast<double>(rounds_failed_)}};
}

}  // namespace lotmark::node
