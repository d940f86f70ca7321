// Second reviews of a reviewer: what the draw gave it is fetched and recomputed as the first time, and shown to operators.
#include "core/base/hex.h"
#include "core/base/log.h"
#include "ledger-node/review/decision.h"
#include "ledger-node/review/review_json.h"
#include "ledger-node/review/reviewer_state.h"

namespace lotmark::node {

namespace {
constexpr std::size_t kAtOnce = 4;  // of one enterprise
constexpr Millis kPause{10'000};
constexpr Millis kPutOff{3'600'000};
}  // namespace

void Reviewer::State::tick_second(Time now, std::vector<Outgoing>& out) {
  if (now >= second_due) {
    second_due = now + kPause;
    if (Status done = begin_second(now); !done)
      log::error("review.second_stuck", {{"block", 0}, {"error", done.error().message()}});
  }
  for (auto it = second_work.begin(); it != second_work.end();) {
    SecondWork& work = it->second;
    const auto head = chain.logged_head(work.enterprise, LogKind::kIntake);
    auto calls = work.fetch->tick(head ? Checkpoint{head->size, head->root} : Checkpoint{}, now);
    std::move(calls.begin(), calls.end(), std::back_inserter(out));
    if (!work.fetch->done()) {
      ++it;
      continue;
    }
    if (Status done = finish_second(work, now); !done)
      put_off_second(work.row.block, done.error(), now);
    it = second_work.erase(it);
  }
}

// What fails for a reason that lies here, a line file that is gone, would fail again at once and keep others waiting.
void Reviewer::State::put_off_second(std::uint64_t block, const Error& why, Time now) {
  log::error("review.second_stuck", {{"block", block}, {"error", why.message()}});
  second_put_off[block] = now + kPutOff;
}

Status Reviewer::State::begin_second(Time now) {
  LM_TRY(second.draw(now));
  std::erase_if(second_put_off, [&](const auto& p) { return now >= p.second; });
  std::map<KeyId, std::size_t> at_once;
  for (const auto& [block, work] : second_work) ++at_once[work.enterprise];
  LM_ASSIGN(auto waiting, second.waiting(kAtOnce + second_put_off.size()));
  for (const auto& row : waiting) {
    if (second_work.contains(row.block) || second_put_off.contains(row.block)) continue;
    LM_ASSIGN(auto review, store.find(row.start));
    if (!review) {
      put_off_second(row.block, fail(Errc::kCorrupt, "the lot has no first review"), now);
      continue;
    }
    if (at_once[review->enterprise] >= kAtOnce) continue;
    ++at_once[review->enterprise];
    second_work[row.block] = {row, review->enterprise, fetch(*review, row.drawn, unix_ms(now))};
  }
  return {};
}

Status Reviewer::State::finish_second(const SecondWork& work, Time now) {
  LM_ASSIGN(auto row, store.find(work.row.start));
  if (!row || !row->application_id) return fail(Errc::kCorrupt, "no such review");
  LM_ASSIGN(auto input, input_of(*row, work.fetch->take()));
  const auto found = review::compute_findings(input);
  std::vector<Finding> findings;
  for (const auto& f : found.findings) findings.push_back(f.finding);
  const bool agrees = !found.refuse();
  LM_ASSIGN(auto report,
            review::seal_second(*row->application_id, std::move(findings), work.row.first,
                                agrees ? Decision::kRelease : Decision::kRefuse, signer,
                                chain.chain_id()));
  LM_ASSIGN(const auto details,
            review::keep_details(review::details_json(found), {row->start, true}, chain.chain_id(),
                                 config.opening_key.get()));
  LM_TRY(second.keep(work.row, report, details, agrees, now));
  const auto count = found.findings.size();
  const std::string id = short_hex(report.id);
  if (agrees) {
    log::info("review.second_agrees",
              {{"block", work.row.block}, {"findings", count}, {"lot", row->lot}, {"report", id}});
  } else {
    log::error("review.second_objects",
               {{"block", work.row.block}, {"findings", count}, {"lot", row->lot}, {"report", id}});
  }
  return {};
}

Result<Json> Reviewer::State::second_list() const {
  LM_ASSIGN(auto rows, second.newest(1000));
  Json out = Json::array();
  for (const auto& r : rows) {
    LM_ASSIGN(auto review, store.find(r.start));
    const Json details = review::open_details(r.details, {r.start, true}, chain.chain_id(),
                                              config.opening_key.get());
    Json findings = details.value("findings", Json::array());
    bool agrees = r.report.has_value();
    for (const auto& f : findings)
      agrees = agrees && !f.value("refuses", review::refuses(f.value("code", 0u)));
    const Member* enterprise = review ? chain.member(review->enterprise) : nullptr;
    out.push_back({{"block", r.block},
                   {"lot", review ? Json(review->lot) : Json()},
                   {"gtin", review ? Json(review->gtin) : Json()},
                   {"enterprise", enterprise != nullptr ? Json(enterprise->organisation) : Json()},
                   {"drawn", to_iso(from_ms(static_cast<std::int64_t>(r.drawn)))},
                   {"state", !r.report ? "waiting"
                             : agrees  ? "agrees"
                                       : "objects"},
                   {"first", to_hex(r.first)},
                   {"report", r.report ? Json(to_hex(*r.report)) : Json()},
                   {"findings", std::move(findings)}});
  }
  return out;
}

}  // namespace lotmark::node
