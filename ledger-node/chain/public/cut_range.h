// Which bodies may go, and what holds up a cut (docs/format/cut.md). A function of the chain, a time and a size: a node
// that proposes, one that flags and one that checks a cut block all ask it.
#pragma once

#include "ledger-node/chain/public/public_chain.h"

namespace lotmark::chain {

struct CutAsOf {
  std::uint64_t time = 0;  // ms UTC
  std::uint64_t size = 0;  // blocks from this number on do not count
};

// The lot that holds up the cut.
struct HeldUp {
  enum class Why : std::uint8_t { kRetention, kRecall };
  std::uint64_t block = 0;
  Gtin gtin;
  LotNumber lot;
  std::uint64_t expires = 0;           // YYYYMMDD
  std::optional<std::uint64_t> until;  // kept until then, ms UTC; nothing: for ever
  Why why = Why::kRetention;
};
std::string_view name(HeldUp::Why why);

struct CutPlan {
  std::uint64_t first = 0;
  std::uint64_t last = 0;  // below first: there is nothing to cut
  std::optional<HeldUp> held_up;

  bool empty() const { return last < first; }
  std::uint64_t blocks() const { return last + 1 - first; }
};

// 24:00 UTC of that day, `years` later by the calendar; nothing beyond the year 9999.
std::optional<std::uint64_t> kept_until(const Expiry& expires, std::uint64_t years);
// By the newest statement that has the programme.
std::optional<std::uint64_t> kept_until(const proof::Statements& statements,
                                        const Application& application);
// How long before a lot's release the heads may stand that its records need: D, in milliseconds.
std::uint64_t heads_reach(const proof::Statements& statements);

// The greatest range that may go next.
Result<CutPlan> plan_cut(const PublicChain& chain, const CutAsOf& as_of);
// As of the newest checkpoint; nothing before the first one.
std::optional<CutAsOf> cut_as_of(const PublicChain& chain, Time now);

}  // namespace lotmark::chain
