#include "core/base/hex.h"
#include "core/proof/archived.h"
#include "core/proof/file_magic.h"
#include "core/proof/result_parts.h"

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

}  // namespace

bool is_archived(ByteView file) { return magic_begins(file, "lotmark/archived/"); }

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
          {"checks", checks_json<ArchivedCheck>(r.checks)},
          {"not_proved", codes_json(not_proved(r))}};
}

}  // namespace lotmark::proof
