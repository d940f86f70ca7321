#include "core/base/hex.h"
#include "core/base/log.h"
#include "ledger-node/review/decision.h"
#include "ledger-node/review/finding.h"
#include "ledger-node/review/review_json.h"
#include "ledger-node/review/reviewer_state.h"

namespace lotmark::node {

static Result<std::optional<std::string>> text_of(const Json& body, const char* key) {
  const auto it = body.find(key);
  if (it == body.end() || it->is_null()) return std::optional<std::string>();
  if (!it->is_string()) return fail(Errc::kUsage, std::string(key) + " is a text");
  return std::optional(it->get<std::string>());
}

// By lot, and by GTIN where two products have a lot of that name; the newest first.
Result<std::vector<ReviewRow>> Reviewer::State::of_route(const Route& route) const {
  LM_ASSIGN(auto rows, store.of_lot(route.parts[3]));
  for (const auto& [key, value] : route.query) {
    if (key == "gtin") std::erase_if(rows, [&](const ReviewRow& r) { return r.gtin != value; });
  }
  if (rows.empty()) return fail(Errc::kNotFound, "no review of lot " + route.parts[3]);
  for (const auto& r : rows) {
    if (r.gtin != rows.front().gtin) {
      return fail(Errc::kConflict, "two products have that lot: add ?gtin=");
    }
  }
  return rows;
}

static Result<ReviewRow> with_application(const std::vector<ReviewRow>& rows,
                                          const std::string& application) {
  for (const auto& r : rows) {
    if (r.application_id && to_hex(*r.application_id) == application) return r;
  }
  return fail(Errc::kNotFound, "no application " + application + " of that lot");
}

// ?application= names one where a lot was opened more than once; else the newest.
Result<ReviewRow> Reviewer::State::find_review(const Route& route) const {
  LM_ASSIGN(auto rows, of_route(route));
  for (const auto& [key, value] : route.query) {
    if (key == "application") return with_application(rows, value);
  }
  return rows.front();
}

// Who decides must mean the application that was shown: where two of a lot wait, it has to be named.
Result<ReviewRow> Reviewer::State::find_decidable(const Route& route, const Json& body) const {
  LM_ASSIGN(auto rows, of_route(route));
  LM_ASSIGN(auto application, text_of(body, "application"));
  if (application) return with_application(rows, *application);
  const auto waits = [](const ReviewRow& r) {
    return r.state == review::kApplied || r.state == review::kReviewed;
  };
  const auto waiting = std::ranges::count_if(rows, waits);
  if (waiting > 1) {
    return fail(Errc::kConflict, std::to_string(waiting) + " applications of lot " +
                                     rows.front().lot + " wait: name one by its `application`");
  }
  const auto one = std::ranges::find_if(rows, waits);
  return one != rows.end() ? *one : rows.front();
}

Json Reviewer::State::waits(const Digest& start) const {
  const auto it = work.find(start);
  if (it == work.end() || !it->second.fetch || it->second.fetch->why().empty()) return {};
  return std::string(it->second.fetch->why());
}

Result<Json> Reviewer::State::list() const {
  LM_ASSIGN(auto rows, store.newest(1000));
  Json out = Json::array();
  for (const auto& r : rows) out.push_back(review::summary_json(r, chain, signer.kid()));
  return out;
}

// Decided once: asking for the same again is answered as before.
Status Reviewer::State::may_decide(const ReviewRow& row, std::string_view wanted) const {
  if (row.state == wanted) return {};
  if (row.state != review::kReviewed) return fail(Errc::kConflict, "the review is " + row.state);
  LM_ASSIGN(auto opening, lotmark::open<Opening>(row.opening, chain.chain_id()));
  if (!decides(opening.body)) {
    return fail(Errc::kDenied, "the first reviewer named in the opening decides");
  }
  return {};
}

Result<Json> Reviewer::State::decided(const ReviewRow& row) {
  LM_TRY(begin(row.start));
  Json out = {{"state", row.state},
              {"lot", row.lot},
              {"gtin", row.gtin},
              {"report", to_hex(*row.report_id)},
              {"application", to_hex(*row.application_id)},
              {"promised", row.sent}};
  if (row.state == review::kReleased) {
    LM_ASSIGN(auto release, lotmark::open<Release>(row.decided, chain.chain_id()));
    out["object"] = to_hex(release.id);
    out["number"] = release.body.number;
  } else {
    LM_ASSIGN(auto refusal, lotmark::open<Refusal>(row.decided, chain.chain_id()));
    out["object"] = to_hex(refusal.id);
  }
  return out;
}

Result<Json> Reviewer::State::approve(ReviewRow row, const Json& body, Time now) {
  LM_TRY(may_decide(row, review::kReleased));
  if (row.state == review::kReleased) return decided(row);
  LM_ASSIGN(auto findings, review::findings_of(row.details));
  const auto clean = body.find("if_clean");
  if (clean != body.end() && !clean->is_boolean()) {
    return fail(Errc::kUsage, "if_clean is true or false");
  }
  if (clean != body.end() && clean->get<bool>()) {
    for (const auto& f : findings) {
      if (!review::harmless(f.code)) return fail(Errc::kConflict, "not clean: " + f.text);
    }
  }
  LM_ASSIGN(auto number, text_of(body, "number"));
  LM_ASSIGN(auto reason, text_of(body, "reason"));
  const review::ReleaseWords words{number.value_or(review::release_number(row, now)), reason};
  LM_TRY(review::seal_release(row, std::move(findings), words, signer, chain.chain_id()));
  row.at = unix_ms(now);
  LM_TRY(store.set_outcome(row));
  log::info("review.released", {{"gtin", row.gtin}, {"lot", row.lot}, {"number", words.number}});
  return decided(row);
}

// The reason of a person stays with the review: a refusal on the chain names the report only.
Result<Json> Reviewer::State::reject(ReviewRow row, const Json& body, Time now) {
  LM_TRY(may_decide(row, review::kRefused));
  if (row.state == review::kRefused) return decided(row);
  LM_ASSIGN(auto reason, text_of(body, "reason"));
  if (!reason || reason->empty() || reason->size() > 256) {
    return fail(Errc::kUsage, "a reason of 1 to 256 bytes");
  }
  LM_ASSIGN(auto findings, review::findings_of(row.details));
  Json details = Json::parse(row.details, nullptr, false);
  details["reason"] = *reason;
  row.details = details.dump(-1, ' ', false, Json::error_handler_t::replace);
  LM_TRY(review::seal_refusal(row, std::move(findings), signer, chain.chain_id()));
  row.at = unix_ms(now);
  LM_TRY(store.set_outcome(row));
  log::info("review.rejected", {{"gtin", row.gtin}, {"lot", row.lot}});
  return decided(row);
}

static Reply json_reply(Result<Json> j) {
  if (!j) return reply_error(j.error());
  return reply_json(j->dump(-1, ' ', false, Json::error_handler_t::replace));
}

std::optional<Reply> Reviewer::control(const Route& route, const Call& call,
                                       const chain::Enrolled& from, Time now) {
  auto& s = *state_;
  const auto& p = route.parts;
  const bool seconds = p.size() == 3 && p[0] == "control" && p[2] == "second-reviews";
  if (!seconds && (p.size() < 3 || p.size() > 5 || p[0] != "control" || p[2] != "reviews"))
    return std::nullopt;
  if (from.organisation != s.config.organisation) {
    return reply_error(fail(Errc::kDenied, "not of this organisation"));
  }
  if (p.size() == 3 && call.method == "GET")
    return json_reply(seconds ? s.second_list() : s.list());
  if (p.size() == 3) return std::nullopt;
  if (p.size() == 4 && call.method == "GET") {
    auto row = s.find_review(route);
    if (!row) return reply_error(row.error());
    Json shown = review::review_json(*row, s.chain, s.signer.kid(), s.config.opening_key.get());
    shown["waits"] = s.waits(row->start);
    return json_reply(Result<Json>(std::move(shown)));
  }
  if (p.size() != 5 || call.method != "POST" || (p[4] != "approve" && p[4] != "reject")) {
    return std::nullopt;
  }
  const Json body = call.body.empty() ? Json::object() : Json::parse(call.body, nullptr, false);
  if (!body.is_object()) return reply_error(fail(Errc::kUsage, "the body is a JSON object"));
  auto row = s.find_decidable(route, body);
  if (!row) return reply_error(row.error());
  if (from.kind != EnrolmentKind::kOperator) {
    return reply_error(fail(Errc::kDenied, "an operator decides"));
  }
  return json_reply(p[4] == "approve" ? s.approve(*row, body, now) : s.reject(*row, body, now));
}

}  // namespace lotmark::node
