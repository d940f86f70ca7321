#include "core/base/hex.h"
#include "core/proof/result_parts.h"

namespace lotmark::proof {

namespace {

using nlohmann::json;

struct NotProved {
  std::string_view code;
  std::string_view words;
};

// The table of docs/format/verdict.md, in its order.
constexpr NotProved kNotProved[] = {
    {"copy",
     "A copied code looks the same: this says what is recorded of the lot, not that the thing in "
     "your hand is of it."},
    {"recall", "A recall or replacement after this receipt was made is not in it."},
    {"entered",
     "What a device signed is what it measured; where it hung, and what people typed, is the "
     "enterprise's word."},
    {"root-claimed",
     "Minimum, maximum and gaps of a claim are recomputed by the reviewer; here only the sampled "
     "readings' paths were."},
    {"device-named",
     "That this device key was enrolled, and who the author is, is named by the enterprise and not "
     "checked here."},
    {"whole-bundles",
     "Readings shortly before and after the step count too, because bundles are whole."},
    {"expected",
     "How many readings were expected is the enterprise's number, checked by the reviewer."},
    {"programme-limits",
     "That the limits are those the programme or line demands was checked by the reviewer, not "
     "here."},
    {"deciding-reviewer",
     "That the signer was the first reviewer named in the opening is not shown."},
    {"term-signer", "That the block's signer held the turn of its term is not shown."},
    {"removed-quorum",
     "Keys of a removed quorum can still vote, in their epoch, for a reader without the newer "
     "statement: pin a newer one."},
    {"nothing-disclosed", "Nothing about how the lot was made is shown."},
    {"tampered-by-whom",
     "Not who changed it, nor that the product is bad: ask for the receipt again from another "
     "source."},
    {"unknown-why", "Nothing was proved, for or against."},
};

json claim_json(const ClaimResult& c) {
  const Claim& k = c.claim;
  return {{"segment", c.segment},
          {"step", k.step},
          {"device", to_hex(k.device)},
          {"channel", k.channel},
          {"unit", k.unit},
          {"exp", k.exp.value},
          {"start", k.start},
          {"end", k.end},
          {"count", k.annotation.count},
          {"expected", k.expected},
          {"min", k.annotation.min},
          {"max", k.annotation.max},
          {"t_first", k.annotation.t_first},
          {"t_last", k.annotation.t_last},
          {"gap_max", k.annotation.gap_max},
          {"gap_edge", k.gap_edge},
          {"gaps", k.gaps.size()},
          {"limits", {{"min", k.limits.min}, {"max", k.limits.max}, {"gap_max", k.limits.gap_max}}},
          {"samples", c.samples},
          {"ok", c.within_limits}};
}

bool hidden(const VerdictResult& r) {
  return r.verdict == VerdictKind::kUnknown || r.verdict == VerdictKind::kTampered;
}

}  // namespace

std::vector<std::string_view> not_proved(const VerdictResult& r) {
  const auto v = r.verdict;
  if (v == VerdictKind::kUnknown) return {"recall", "unknown-why"};
  if (v == VerdictKind::kTampered) return {"recall", "tampered-by-whom"};
  std::vector<std::string_view> codes = {"copy", "recall"};
  if (r.disclosed) codes.push_back("entered");
  if (!r.claims.empty()) {
    for (auto c :
         {"root-claimed", "device-named", "whole-bundles", "expected", "programme-limits"}) {
      codes.push_back(c);
    }
  }
  codes.push_back("deciding-reviewer");
  codes.push_back("term-signer");
  if (v != VerdictKind::kNotFinal) codes.push_back("removed-quorum");
  if (!r.disclosed) codes.push_back("nothing-disclosed");
  return codes;
}

std::string_view not_proved_words(std::string_view code) {
  for (const auto& n : kNotProved) {
    if (n.code == code) return n.words;
  }
  return {};
}

std::string_view plain_words(VerdictKind verdict) {
  switch (verdict) {
    case VerdictKind::kReleased:
      return "This lot was reviewed and released. The record and its proof were checked on this "
             "device.";
    case VerdictKind::kNotFinal:
      return "A release was found, but not enough authorities have confirmed it yet. Try again "
             "later.";
    case VerdictKind::kRefused:
      return "A value recorded for this lot is outside its limits, or the lot was refused. Do not "
             "use it; ask the seller.";
    case VerdictKind::kRecalled: return "This lot is recalled. Do not use it.";
    case VerdictKind::kExpired: return "This lot was released, but its expiry date has passed.";
    case VerdictKind::kArchived:
      return "This lot's record has passed its legal retention and is archived.";
    case VerdictKind::kSuperseded:
      return "A newer release replaces this one. Look at the newer one.";
    case VerdictKind::kUnknown:
      return "Nothing could be checked: this is not a record of the product, lot or consortium "
             "asked for, or this page cannot read it.";
    case VerdictKind::kTampered:
      return "The record does not match its proof. Do not rely on it; report it.";
  }
  return {};
}

nlohmann::json to_json(const VerdictResult& r) {
  const bool hide = hidden(r) || !r.application;
  json j;
  j["verdict"] = std::string(lotmark::name(r.verdict));
  j["gtin"] = hide ? json() : json(r.application->gtin.text);
  j["lot"] = hide ? json() : json(r.application->lot.text);
  j["product"] = hide ? json() : json(r.application->product);
  j["expires"] = hide ? json() : json(r.application->expires.yyyymmdd);
  j["block"] = hide ? json() : json(r.block_number);
  j["time"] = hide ? json() : json(r.block_time);
  j["final"] = hide || !r.finality ? json() : finality_json(*r.finality);
  j["claims"] = json::array();
  if (!hide) {
    for (const auto& c : r.claims) j["claims"].push_back(claim_json(c));
  }
  j["checks"] = checks_json<CheckName>(r.checks);
  j["not_proved"] = codes_json(not_proved(r));
  return j;
}

}  // namespace lotmark::proof
