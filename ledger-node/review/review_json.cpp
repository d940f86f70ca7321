#include "ledger-node/review/review_json.h"

#include <nlohmann/json.hpp>

#include "core/base/hex.h"
#include "ledger-node/review/kept_details.h"

namespace lotmark::review {

using Json = nlohmann::json;

// What a client folds: entry at `index` under `path` to channel_entry, that at evidence_index under
// evidence_path to the claim's root, of tree_size leaves.
static Json proof_json(const ReadingProof& proof, const Claim& claim) {
  Json j = to_json(proof.sample);
  j.erase("segment");
  j.erase("i");
  j["index"] = proof.index;
  j["tree_size"] = claim.tree_size;
  j["root"] = to_hex(claim.root);
  return j;
}

static Json finding_json(const FoundItem& f, const std::vector<ReviewedClaim>& claims) {
  Json j = {{"code", f.finding.code},
            {"name", std::string(name(static_cast<FindingCode>(f.finding.code)))},
            {"text", f.finding.text},
            {"object", f.finding.object ? Json(to_hex(*f.finding.object)) : Json()},
            {"more", f.more},
            {"refuses", refuses(f.finding.code) || f.by_rule}};
  if (!f.claim) return j;
  const Claim& claim = claims[*f.claim].claim;
  j["claim"] = *f.claim;
  j["step"] = claim.step;
  j["device"] = claims[*f.claim].device_name;
  j["channel"] = claim.channel;
  if (!f.proof) return j;
  j["reading"] = {{"t", iso_of_ms(f.proof->t)},
                  {"t_ms", f.proof->t},
                  {"value", f.proof->value},
                  {"exp", claim.exp.value},
                  {"unit", claim.unit},
                  {"shown", to_decimal(f.proof->value, claim.exp.value) + claim.unit}};
  j["proof"] = proof_json(*f.proof, claim);
  return j;
}

Json details_json(const ReviewFindings& findings) {
  Json list = Json::array();
  for (const auto& f : findings.findings) list.push_back(finding_json(f, findings.claims));
  Json claims = Json::array();
  for (const auto& c : findings.claims) {
    Json j = to_json(c.claim);
    j["device_name"] = c.device_name;
    if (!c.calibration.empty()) j["calibration"] = c.calibration;
    claims.push_back(std::move(j));
  }
  return {{"findings", std::move(list)}, {"claims", std::move(claims)}};
}

Result<std::vector<Finding>> findings_of(const std::string& details) {
  const Json j = Json::parse(details, nullptr, false);
  const auto broken = fail(Errc::kCorrupt, "kept findings cannot be read");
  if (!j.is_object() || !j.contains("findings") || !j["findings"].is_array()) return broken;
  std::vector<Finding> out;
  for (const auto& f : j["findings"]) {
    if (!f.is_object() || !f.contains("code") || !f["code"].is_number_unsigned() ||
        !f.contains("text") || !f["text"].is_string() || !f.contains("object")) {
      return broken;
    }
    Finding finding{f["code"].get<std::uint64_t>(), f["text"].get<std::string>(), std::nullopt};
    if (f["object"].is_string()) {
      finding.object = fixed_from_hex<Digest>(f["object"].get<std::string>());
    }
    out.push_back(std::move(finding));
  }
  return out;
}

Json summary_json(const ReviewRow& row, const chain::PublicChain& chain, const KeyId& self) {
  const Member* enterprise = chain.member(row.enterprise);
  const auto opening = lotmark::open<Opening>(row.opening, chain.chain_id());
  Json j = {
      {"gtin", row.gtin},
      {"lot", row.lot},
      {"state", row.state},
      {"start", to_hex(row.start)},
      {"enterprise", enterprise != nullptr ? enterprise->organisation : to_hex(row.enterprise)},
      {"decides", opening && opening->body.reviewers.front() == self},
      {"application", row.application_id ? Json(to_hex(*row.application_id)) : Json()},
      {"report", row.report_id ? Json(to_hex(*row.report_id)) : Json()},
      {"promised", row.sent},
      {"at", iso_of_ms(row.at)},
      {"at_ms", row.at}};
  if (opening) j["programme"] = opening->body.programme;
  return j;
}

Json review_json(const ReviewRow& row, const chain::PublicChain& chain, const KeyId& self,
                 const sealed::OpeningKey* key) {
  Json j = summary_json(row, chain, self);
  const Json details = row.details.empty()
                           ? Json::object()
                           : open_details(row.details, {row.start, false}, chain.chain_id(), key);
  j["findings"] = Json::array();
  j["claims"] = Json::array();
  j.update(details);
  return j;
}

}  // namespace lotmark::review
