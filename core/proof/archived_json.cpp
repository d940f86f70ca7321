#include <nlohmann/json.hpp>

#include "core/base/hex.h"
#include "core/proof/archived.h"

namespace lotmark::proof {

namespace {

using nlohmann::json;

bool shown(const ArchivedResult& r) {
  return r.verdict != VerdictKind::kUnknown && r.verdict != VerdictKind::kTampered;
}

json cut_json(const ArchivedResult& r) {
  return {{"block", r.cut_block},         {"time", r.cut_time},
          {"first", r.cut->first},        {"last", r.cut->last},
          {"flags", r.cut->flags.size()}, {"archive", to_hex(r.cut->archive)}};
}

json finality_json(const Finality& f) {
  return {{"votes", f.votes}, {"quorum", f.quorum}, {"members", f.members}};
}

}  // namespace

bool is_archived(ByteView file) {
  // A map, key 0, a text of up to 23 bytes.
  return file.size() > 3 && file[0] >> 5 == 5 && file[1] == 0 && file[2] >> 5 == 3 &&
         as_text(file.subspan(3)).starts_with("lotmark/archived/");
}

std::vector<std::string_view> not_proved(const ArchivedResult& r) {
  if (r.verdict == VerdictKind::kTampered) return {"recall", "tampered-by-whom"};
  if (r.verdict == VerdictKind::kUnknown) return {"recall", "unknown-why"};
  std::vector<std::string_view> codes = {"copy", "recall", "record", "holder", "term-signer"};
  if (r.verdict != VerdictKind::kNotFinal) codes.push_back("removed-quorum");
  return codes;
}

std::string_view archived_not_proved_words(std::string_view code) {
  if (code == "record")
    return "What the lot's record said is not in this: ask an archive holder for its receipt.";
  if (code == "holder") return "That somebody still keeps the archive is not shown.";
  return not_proved_words(code);
}

json to_json(const ArchivedResult& r) {
  const bool proved = shown(r);
  json checks = json::array();
  for (std::size_t i = 0; i < kArchivedCheckCount; ++i) {
    const auto& c = r.checks[i];
    checks.push_back({{"name", std::string(name(static_cast<ArchivedCheck>(i)))},
                      {"ok", c.ok ? json(*c.ok) : json()},
                      {"error", c.error == Errc::kOk ? json() : json(std::string(name(c.error)))},
                      {"why", c.why}});
  }
  json codes = json::array();
  for (auto code : not_proved(r)) codes.push_back(std::string(code));
  return {{"verdict", std::string(name(r.verdict))},
          {"gtin", proved ? json(*r.asked.gtin) : json()},
          {"lot", proved ? json(*r.asked.lot) : json()},
          {"product", json()},
          {"expires", proved ? json(r.tombstone->expires.yyyymmdd) : json()},
          {"block", proved ? json(r.tombstone->block) : json()},
          {"time", json()},
          {"final", proved ? finality_json(*r.finality) : json()},
          {"claims", json::array()},
          {"cut", proved ? cut_json(r) : json()},
          {"checks", std::move(checks)},
          {"not_proved", std::move(codes)}};
}

}  // namespace lotmark::proof
