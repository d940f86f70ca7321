#include "ledger-node/chain/public/cut_range.h"

#include <algorithm>

#include "core/wire/limits.h"
#include "ledger-node/chain/public/recalls.h"

namespace lotmark::chain {

namespace {

constexpr std::size_t kLotsAtOnce = 256;

// The application of a lot block; a body that was read from the chain is not checked anew.
Result<Application> application_of(const PublicChain& chain, std::uint64_t number) {
  LM_ASSIGN(auto bytes, chain.block(number));
  LM_ASSIGN(auto block, open<Block>(bytes, chain.chain_id()));
  LM_ASSIGN(auto release,
            open<Release>(std::get<ObjectBytes>(block.body.body).bytes, chain.chain_id()));
  LM_ASSIGN(auto a, open<Application>(release.body.application.bytes, chain.chain_id()));
  return std::move(a.body);
}

// No programme keeps a lot longer.
std::uint64_t longest_retention(const proof::Statements& statements) {
  std::uint64_t years = 0;
  for (const auto& s : statements.held()) {
    for (const auto& p : s.body.programmes) years = std::max(years, p.retention);
  }
  return years;
}

Result<std::optional<HeldUp>> why_kept(const PublicChain& chain, const LotEntry& lot,
                                       std::uint64_t time, std::uint64_t longest) {
  HeldUp h{lot.block, lot.gtin, lot.lot, lot.expires, {}, HeldUp::Why::kRetention};
  h.until = kept_until({lot.expires}, longest);
  if (!h.until || time < *h.until) {  // its programme says
    LM_ASSIGN(auto application, application_of(chain, lot.block));
    h.until = kept_until(chain.statements(), application);
  }
  if (!h.until || time < *h.until) return std::optional(std::move(h));
  LM_ASSIGN(auto recall, open_recall(chain, lot.gtin, lot.lot));
  if (!recall) return std::optional<HeldUp>();
  h.why = HeldUp::Why::kRecall;
  return std::optional(std::move(h));
}

struct FirstKept {
  std::optional<HeldUp> lot;
  std::uint64_t time = 0;  // of its block
};

// Block time from which on a lot that may not go makes no difference: the longest cut ends D before it.
Result<std::uint64_t> too_late(const PublicChain& chain, std::uint64_t from, std::uint64_t to) {
  const std::uint64_t longest = from + limits::kCutBlocks - 1;
  if (longest >= to) return static_cast<std::uint64_t>(limits::kIntMax);
  LM_ASSIGN(auto bytes, chain.block(longest));
  LM_ASSIGN(auto block, open<Block>(bytes, chain.chain_id()));
  return block.body.time + heads_reach(chain.statements());
}

// The first lot block of [from, to) that may not go, as far as it matters.
Result<FirstKept> first_kept(const PublicChain& chain, std::uint64_t from, std::uint64_t to,
                             std::uint64_t time) {
  const std::uint64_t longest = longest_retention(chain.statements());
  LM_ASSIGN(const std::uint64_t late, too_late(chain, from, to));
  std::uint64_t after = from - 1;
  while (true) {
    LM_ASSIGN(auto lots, chain.lots(after, kLotsAtOnce));
    for (const auto& lot : lots) {
      if (lot.block >= to || lot.time > late) return FirstKept{};
      LM_ASSIGN(auto held, why_kept(chain, lot, time, longest));
      if (held) return FirstKept{std::move(held), lot.time};
      after = lot.block;
    }
    if (lots.size() < kLotsAtOnce) return FirstKept{};
  }
}

}  // namespace

std::string_view name(HeldUp::Why why) {
  return why == HeldUp::Why::kRecall ? "recall-open" : "retention";
}

std::optional<std::uint64_t> kept_until(const Expiry& expires, std::uint64_t years) {
  const std::uint64_t year = expires.yyyymmdd / 10000 + years;
  if (years > 9999 || year > 9999) return std::nullopt;
  Expiry later{year * 10000 + expires.yyyymmdd % 10000};
  if (!valid(later)) later.yyyymmdd -= 1;  // 29 February
  return static_cast<std::uint64_t>(to_ms(expired_from(later)));
}

std::optional<std::uint64_t> kept_until(const proof::Statements& statements,
                                        const Application& application) {
  const auto& held = statements.held();
  for (auto s = held.rbegin(); s != held.rend(); ++s) {
    const Programme* p = s->body.programme(application.programme);
    if (p != nullptr) return kept_until(application.expires, p->retention);
  }
  return std::nullopt;
}

std::uint64_t heads_reach(const proof::Statements& statements) {
  constexpr auto kMost = static_cast<std::uint64_t>(limits::kIntMax);
  std::uint64_t reach = 0;
  for (const auto& s : statements.held()) {
    for (const auto& p : s.body.programmes) {
      std::uint64_t sum = 0;
      const auto add = [&](std::uint64_t v, std::uint64_t times) {
        sum = times != 0 && v > (kMost - sum) / times ? kMost : sum + v * times;
      };
      add(p.window, 1);
      add(p.slots[0], 1);
      add(p.slots[1], p.count);
      add(p.lateness, 1);
      add(p.period_s, 1000);
      reach = std::max(reach, sum);
    }
  }
  return reach;
}

Result<CutPlan> plan_cut(const PublicChain& chain, const CutAsOf& as_of) {
  CutPlan plan;
  plan.first = chain.cut_end();
  plan.last = plan.first - 1;
  const std::uint64_t end = std::min(as_of.size, chain.size());
  if (plan.first >= end) return plan;
  LM_ASSIGN(auto kept, first_kept(chain, plan.first, end, as_of.time));
  plan.held_up = std::move(kept.lot);
  const std::uint64_t before = plan.held_up ? kept.time : as_of.time;
  const std::uint64_t stop = plan.held_up ? plan.held_up->block : end;
  const std::uint64_t reach = heads_reach(chain.statements());
  if (before <= reach) return plan;
  LM_ASSIGN(auto later, chain.first_after(before - reach - 1));
  const std::uint64_t cut_to = std::min(stop, later.value_or(stop));
  plan.last = std::max(cut_to, plan.first) - 1;
  plan.last = std::min(plan.last, plan.first + limits::kCutBlocks - 1);
  return plan;
}

std::optional<CutAsOf> cut_as_of(const PublicChain& chain, Time now) {
  const auto& c = chain.checkpoint();
  if (!c || c->votes.empty()) return std::nullopt;
  std::vector<std::uint64_t> seconds;
  for (const auto& vote : c->votes) seconds.push_back(vote.claims.seconds);
  std::sort(seconds.begin(), seconds.end());
  const std::uint64_t median = seconds[(seconds.size() - 1) / 2] * 1000;
  return CutAsOf{std::min(median, static_cast<std::uint64_t>(to_ms(now))), c->checkpoint.size};
}

}  // namespace lotmark::chain
