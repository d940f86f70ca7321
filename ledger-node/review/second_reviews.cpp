#include "ledger-node/review/second_reviews.h"

#include "core/base/log.h"
#include "ledger-node/chain/public/second.h"

namespace lotmark::review {

namespace {
constexpr std::size_t kLotsAtOnce = 200;
}

Status SecondReviews::draw(Time now) {
  if (every_ == 0) return {};
  if (!seen_) {
    LM_ASSIGN(auto q, db_.prepare("SELECT block FROM second_seen"));
    LM_ASSIGN(bool row, q.step());
    seen_ = row ? q.u64(0) : 0;
  }
  if (*seen_ + 1 >= chain_.final_size()) return {};
  LM_ASSIGN(auto lots, chain_.lots(*seen_, kLotsAtOnce));
  std::uint64_t seen = lots.size() < kLotsAtOnce ? chain_.final_size() - 1 : *seen_;
  return db_.transaction([&]() -> Status {
    for (const auto& lot : lots) {
      if (!chain_.is_final(lot.block)) break;
      LM_TRY(look_at(lot, now));
      if (lots.size() == kLotsAtOnce) seen = lot.block;
    }
    LM_ASSIGN(auto q, db_.prepare("INSERT OR REPLACE INTO second_seen(one, block) VALUES(1, ?)"));
    LM_TRY(q.bind(1, seen).run());
    seen_ = seen;
    return {};
  });
}

Status SecondReviews::look_at(const chain::LotEntry& lot, Time now) {
  LM_ASSIGN(const auto id, chain_.id_of(lot.block));
  if (!chain::drawn_for_second(id, every_)) return {};
  LM_ASSIGN(auto rows, reviews_.of_lot(lot.lot.text));
  for (const auto& row : rows) {
    if (row.application_id != lot.application) continue;
    LM_ASSIGN(auto bytes, chain_.block(lot.block));
    LM_ASSIGN(auto block, lotmark::open<Block>(bytes, chain_.chain_id()));
    LM_ASSIGN(auto release, lotmark::open<Release>(std::get<ObjectBytes>(block.body.body).bytes,
                                                   chain_.chain_id()));
    LM_ASSIGN(auto opening, lotmark::open<Opening>(row.opening, chain_.chain_id()));
    if (chain::second_reviewer(id, opening.body.reviewers, release.kid) != self_) continue;
    LM_ASSIGN(auto q, db_.prepare("INSERT OR IGNORE INTO second(block, start, first, drawn) "
                                  "VALUES(?, ?, ?, ?)"));
    q.bind(1, lot.block).bind(2, row.start).bind(3, release.body.report);
    LM_TRY(q.bind(4, to_ms(now)).run());
    log::info("review.second_drawn", {{"lot", lot.lot.text}, {"block", lot.block}});
  }
  return {};
}

// `of`: what is behind FROM, with one parameter, the limit.
Result<std::vector<SecondRow>> SecondReviews::rows(std::string_view of, std::size_t limit) const {
  LM_ASSIGN(auto q,
            db_.prepare("SELECT block, start, first, drawn, report_id, details, made FROM " +
                        std::string(of)));
  q.bind(1, static_cast<std::uint64_t>(limit));
  std::vector<SecondRow> out;
  while (true) {
    LM_ASSIGN(bool row, q.step());
    if (!row) return out;
    SecondRow r;
    r.block = q.u64(0);
    LM_ASSIGN(r.start, q.fixed<Digest>(1));
    LM_ASSIGN(r.first, q.fixed<Digest>(2));
    r.drawn = q.u64(3);
    r.report = Digest::from(q.blob(4));
    r.details = q.text(5);
    r.made = q.u64(6);
    out.push_back(std::move(r));
  }
}

Result<std::vector<SecondRow>> SecondReviews::newest(std::size_t limit) const {
  return rows("second ORDER BY block DESC LIMIT ?", limit);
}

Result<std::vector<SecondRow>> SecondReviews::waiting(std::size_t each) const {
  return rows(
      "second WHERE block IN (SELECT block FROM (SELECT s.block, row_number() OVER (PARTITION BY "
      "r.enterprise ORDER BY s.block) AS place FROM second s LEFT JOIN review r ON r.start = "
      "s.start WHERE s.report IS NULL) WHERE place <= ?) ORDER BY block",
      each);
}

Result<std::vector<std::pair<std::string, std::uint64_t>>> SecondReviews::counts() const {
  LM_ASSIGN(auto q,
            db_.prepare("SELECT CASE agrees WHEN 1 THEN 'agrees' WHEN 0 THEN 'objects' ELSE "
                        "'waiting' END AS state, count(*) FROM second GROUP BY state"));
  std::vector<std::pair<std::string, std::uint64_t>> out;
  while (true) {
    LM_ASSIGN(bool row, q.step());
    if (!row) return out;
    out.emplace_back(q.text(0), q.u64(1));
  }
}

Status SecondReviews::keep(const SecondRow& row, const Sealed& report, std::string_view details,
                           bool agrees, Time now) {
  LM_ASSIGN(auto q,
            db_.prepare("UPDATE second SET report = ?, report_id = ?, details = ?, made = ?, "
                        "agrees = ? WHERE block = ?"));
  q.bind(1, report.bytes).bind(2, report.id).bind(3, details).bind(4, to_ms(now));
  return q.bind(5, agrees ? 1 : 0).bind(6, row.block).run();
}

}  // namespace lotmark::review
