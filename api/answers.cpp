#include "api/answers.h"

#include <mutex>
#include <nlohmann/json.hpp>

#include "core/base/hex.h"
#include "core/crypto/sha256.h"
#include "core/proof/archived.h"

namespace lotmark::api {

namespace {

// Gravest first.
constexpr VerdictKind kPrecedence[] = {
    VerdictKind::kUnknown,  VerdictKind::kTampered, VerdictKind::kNotFinal,
    VerdictKind::kRecalled, VerdictKind::kRefused,  VerdictKind::kSuperseded,
    VerdictKind::kArchived, VerdictKind::kExpired,  VerdictKind::kReleased};

template <class Checked>
std::shared_ptr<const Answer> make_answer(const Checked& result, bool recalled,
                                          std::optional<Application> application = {},
                                          const Digest& block_id = {}) {
  auto answer = std::make_shared<Answer>();
  answer->recalled = recalled;
  answer->verdict = result.verdict;
  answer->json = to_bytes(as_bytes(proof::to_json(result).dump()));
  answer->etag = '"' + to_hex(sha256(answer->json).view().first(12)) + '"';
  answer->application = std::move(application);
  answer->block_id = block_id;
  return answer;
}

// A verdict that rests on no receipt: every check says that it was not run.
proof::VerdictResult without_receipt(VerdictKind verdict) {
  proof::VerdictResult result;
  result.verdict = verdict;
  for (auto& check : result.checks) check.why = "not run";
  return result;
}

bool has_receipt(const Lot& lot) {
  return lot.state != VerdictKind::kArchived && lot.state != VerdictKind::kRefused;
}

}  // namespace

VerdictKind graver(VerdictKind a, VerdictKind b) {
  for (const auto v : kPrecedence) {
    if (v == a || v == b) return v;
  }
  return a;
}

std::shared_ptr<const Answer> Answers::kept(const std::string& key, std::uint64_t version,
                                            Time now) {
  std::shared_lock lock(mutex_);
  const auto it = kept_.find(key);
  if (it == kept_.end() || it->second.version != version || now >= it->second.good_until)
    return nullptr;
  return it->second.answer;
}

Result<std::shared_ptr<const Answer>> Answers::compute(const Lot& lot, Time now) {
  if (!has_receipt(lot)) return make_answer(without_receipt(lot.state), lot.recalled);
  LM_ASSIGN(const auto receipt, source_.receipt(lot));
  const proof::Asked asked{lot.gtin.text, lot.lot.text};
  auto result = proof::verify_receipt(receipt, source_.anchor(), asked, now);
  // Whether it is final the votes say: here only what a receipt cannot know counts.
  if (lot.state != VerdictKind::kNotFinal) result.verdict = graver(result.verdict, lot.state);
  const bool proved =
      result.verdict != VerdictKind::kUnknown && result.verdict != VerdictKind::kTampered;
  return make_answer(result, lot.recalled, proved ? result.application : std::nullopt,
                     result.block_id);
}

// Neither is kept: whoever asks for lots that do not exist shall not fill the memory, and lots that were cut are
// asked for seldom.
Result<std::shared_ptr<const Answer>> Answers::archived_or_unknown(const Gtin& gtin,
                                                                   const LotNumber& lot) {
  static const auto unknown = make_answer(without_receipt(VerdictKind::kUnknown), false);
  LM_ASSIGN(const auto cut, source_.archived(gtin, lot));
  if (!cut) return unknown;
  auto result = proof::verify_archived(cut->proof, source_.anchor(), {gtin.text, lot.text});
  if (cut->recalled) result.verdict = graver(result.verdict, VerdictKind::kRecalled);
  return make_answer(result, cut->recalled);
}

Result<std::shared_ptr<const Answer>> Answers::verify(const Gtin& gtin, const LotNumber& lot) {
  const std::string key = gtin.text + lot.text;
  const std::uint64_t version =
      source_.version();  // before reading: a change meanwhile only ages it
  const Time now = clock_.now();
  if (auto answer = kept(key, version, now)) return answer;
  LM_ASSIGN(const auto found, source_.find(gtin, lot));
  if (!found) return archived_or_unknown(gtin, lot);
  LM_ASSIGN(auto answer, compute(*found, now));
  const Time end = expired_from(found->expires);
  std::unique_lock lock(mutex_);
  if (kept_.size() >= kKeptMax) kept_.clear();
  kept_[key] = {version, now < end ? end : Time::max(), answer};
  return answer;
}

}  // namespace lotmark::api
