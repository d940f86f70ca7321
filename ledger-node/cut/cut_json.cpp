#include "ledger-node/cut/cut_json.h"

#include <nlohmann/json.hpp>

#include "core/base/hex.h"

namespace lotmark::node {

nlohmann::json to_json(const chain::HeldUp& h) {
  nlohmann::json j{{"block", h.block},     {"gtin", h.gtin.text}, {"lot", h.lot.text},
                   {"expires", h.expires}, {"why", name(h.why)},  {"until", nullptr},
                   {"until_ms", nullptr}};
  if (h.until) {
    j["until"] = to_iso(from_ms(static_cast<std::int64_t>(*h.until)));
    j["until_ms"] = *h.until;
  }
  return j;
}

nlohmann::json to_json(const chain::CutPlan& plan) {
  nlohmann::json j{{"first", plan.first},
                   {"last", plan.empty() ? nlohmann::json() : nlohmann::json(plan.last)},
                   {"blocks", plan.empty() ? 0 : plan.blocks()},
                   {"held_up", nullptr}};
  if (plan.held_up) j["held_up"] = to_json(*plan.held_up);
  return j;
}

nlohmann::json to_json(const chain::CutEntry& cut, const chain::PublicChain& chain) {
  nlohmann::json j{{"block", cut.block},
                   {"first", cut.first},
                   {"last", cut.last},
                   {"final", chain.is_final(cut.block)},
                   {"dropped", chain.dropped_end() > cut.last}};
  if (const auto head = read_snapshot(cut.head)) j["lots"] = head->tombstones.size;
  const auto bytes = chain.block(cut.block);
  const auto block =
      bytes ? open<Block>(*bytes, chain.chain_id()) : Result<Signed<Block>>(bytes.error());
  if (block) {
    const auto& body = std::get<CutBody>(block->body.body);
    j["archive"] = to_hex(body.archive);
    j["snapshot"] = to_hex(body.snapshot);
    j["time"] = to_iso(from_ms(static_cast<std::int64_t>(block->body.time)));
  }
  return j;
}

nlohmann::json to_json(const CutRound& round, std::uint64_t quorum) {
  return {{"first", round.claim().first},
          {"last", round.claim().last},
          {"flags", round.flags()},
          {"quorum", quorum},
          {"refusal", round.refusal()}};
}

}  // namespace lotmark::node
