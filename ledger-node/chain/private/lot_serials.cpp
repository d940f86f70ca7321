#include "ledger-node/chain/private/lot_serials.h"

#include <fmt/format.h>

#include "core/base/random.h"
#include "core/crypto/sha256.h"
#include "core/wire/limits.h"
#include "ledger-node/chain/private/serial_order.h"

namespace lotmark::chain {

namespace {

constexpr std::string_view kSerialStates[] = {"none",   "sending",     "sealing",
                                              "sealed", "withdrawing", "withdrawn"};

// Rows that one portion of a withdrawal takes away.
constexpr std::uint64_t kPagesGone = 16;
constexpr std::uint64_t kPartsGone = 4096;

// Column `withdrawn` of serials_sent.
enum class Withdrawal : std::uint8_t { kNo, kGoing, kGone };

struct SerialsSent {
  proof::LotSalt salt;
  Withdrawal withdrawn = Withdrawal::kNo;
};

Result<std::optional<SerialsSent>> sending_of(const store::Database& db, const Digest& start) {
  LM_ASSIGN(auto q, db.prepare("SELECT salt, withdrawn FROM serials_sent WHERE start = ?"));
  LM_ASSIGN(const bool row, q.bind(1, start).step());
  if (!row) return std::optional<SerialsSent>();
  SerialsSent out;
  LM_ASSIGN(out.salt, q.fixed<proof::LotSalt>(0));
  if (q.u64(1) > static_cast<std::uint64_t>(Withdrawal::kGone))
    return fail(Errc::kCorrupt, "whether a lot's serials are withdrawn is not readable");
  out.withdrawn = static_cast<Withdrawal>(q.integer(1));
  return std::optional(out);
}

// Page `page` as it came: serials up to its end, and what names them. Nothing if it did not come.
struct SentPage {
  std::uint64_t total = 0;
  Digest through;
};
Result<std::optional<SentPage>> sent_page(const store::Database& db, const Digest& start,
                                          std::uint64_t page) {
  LM_ASSIGN(auto q, db.prepare("SELECT total, through FROM serials_sent_page WHERE start = ? AND "
                               "page = ?"));
  LM_ASSIGN(const bool row, q.bind(1, start).bind(2, page).step());
  if (!row) return std::optional<SentPage>();
  SentPage out{q.u64(0), {}};
  LM_ASSIGN(out.through, q.fixed<Digest>(1));
  return std::optional(out);
}

Result<std::optional<ItemsOf>> items_sealed(const store::Database& db, const Digest& start) {
  LM_ASSIGN(auto q, db.prepare("SELECT count, root FROM lot_items WHERE start = ?"));
  LM_ASSIGN(const bool row, q.bind(1, start).step());
  if (!row) return std::optional<ItemsOf>();
  ItemsOf out{q.u64(0), {}};
  LM_ASSIGN(out.root, q.fixed<Digest>(1));
  return std::optional(out);
}

Status check_serials(std::uint64_t page, const std::vector<std::string>& serials) {
  if (serials.empty() || serials.size() > LotSerials::kSentMax)
    return fail(Errc::kFieldRange, fmt::format("a page has 1 to {} serials", LotSerials::kSentMax));
  for (std::size_t i = 0; i < serials.size(); ++i) {
    if (proof::valid_serial(serials[i])) continue;
    return fail(
        Errc::kFieldRange,
        fmt::format("serial {} of page {} is not 1 to 20 characters of a lot's set", i, page));
  }
  return {};
}

Status not_taking(SerialsState state) {
  if (state == SerialsState::kSealed)
    return fail(Errc::kConflict, "the lot's serials are sealed; withdraw them to send others");
  if (state == SerialsState::kSealing)
    return fail(Errc::kConflict,
                "the lot's serials are being sealed; withdraw them to send others");
  if (state == SerialsState::kWithdrawing)
    return fail(Errc::kConflict, "the lot's serials are being withdrawn: withdraw them to the end");
  return {};
}

Status run_for(const store::Database& db, std::string_view sql, const Digest& start) {
  LM_ASSIGN(auto q, db.prepare(sql));
  return q.bind(1, start).run();
}

// A salt of its own each time serials are sent anew.
Status expect_others(const store::Database& db, const Digest& start, Withdrawal withdrawn) {
  LM_ASSIGN(auto q, db.prepare("INSERT OR REPLACE INTO serials_sent(start, salt, withdrawn) "
                               "VALUES(?, ?, ?)"));
  return q.bind(1, start)
      .bind(2, random_fixed<proof::LotSalt>())
      .bind(3, static_cast<int>(withdrawn))
      .run();
}

}  // namespace

std::string_view name(SerialsState s) { return kSerialStates[static_cast<std::size_t>(s)]; }

Digest sent_through(const Digest& before, const std::vector<std::string>& serials) {
  Sha256 page;
  for (const auto& s : serials) {
    page.update(as_bytes(s));
    page.update(as_bytes("\n"));
  }
  return sha256({before.view(), page.finish().view()});
}

Result<SerialsStanding> LotSerials::standing(const Digest& start) const {
  SerialsStanding out;
  LM_ASSIGN(const auto sent, sending_of(*db_, start));
  LM_ASSIGN(auto q, db_->prepare("SELECT page + 1, total, through FROM serials_sent_page WHERE "
                                 "start = ? ORDER BY page DESC LIMIT 1"));
  LM_ASSIGN(const bool came, q.bind(1, start).step());
  if (came) {
    out.pages = q.u64(0);
    out.sent = q.u64(1);
    LM_ASSIGN(out.through, q.fixed<Digest>(2));
  }
  LM_ASSIGN(out.items, items_sealed(*db_, start));
  LM_ASSIGN(const std::uint64_t pages, placed_pages(*db_, start));
  if (out.items) out.state = SerialsState::kSealed;
  else if (sent && sent->withdrawn == Withdrawal::kGoing) out.state = SerialsState::kWithdrawing;
  else if (!sent && pages != 0)
    out.state = SerialsState::kWithdrawing;  // of a copy: the rest is not
  else if (sent && sent->withdrawn == Withdrawal::kGone) out.state = SerialsState::kWithdrawn;
  else if (pages != 0) out.state = SerialsState::kSealing;
  else if (sent) out.state = SerialsState::kSending;
  out.placed = out.items ? out.items->count : pages * kPageEntries;
  return out;
}

Result<SerialsStanding> LotSerials::announce(const Digest& start) const {
  LM_ASSIGN(const auto now, standing(start));
  if (now.state == SerialsState::kWithdrawing) LM_TRY(not_taking(now.state));
  if (now.state != SerialsState::kNone && now.state != SerialsState::kWithdrawn) return now;
  LM_TRY(expect_others(*db_, start, Withdrawal::kNo));
  return standing(start);
}

Result<SerialsStanding> LotSerials::declare_none(const Digest& start) const {
  LM_ASSIGN(const auto now, standing(start));
  const bool any = now.pages != 0 || now.placed != 0 || now.state == SerialsState::kWithdrawing;
  if (any) return fail(Errc::kConflict, "serials of the lot came: withdraw them first");
  LM_TRY(run_for(*db_, "DELETE FROM serials_sent WHERE start = ?", start));
  return standing(start);
}

Result<SerialsStanding> LotSerials::take(const Digest& start, std::uint64_t page,
                                         const std::vector<std::string>& serials) const {
  LM_TRY(check_serials(page, serials));
  LM_ASSIGN(const auto now, standing(start));
  LM_TRY(not_taking(now.state));
  if (page > now.pages)
    return fail(Errc::kConflict, fmt::format("page {} is the next one, not {}", now.pages, page));
  Digest before;
  if (page > 0) {
    LM_ASSIGN(const auto last, sent_page(*db_, start, page - 1));
    if (!last) return fail(Errc::kCorrupt, "a page of serials that came is missing");
    before = last->through;
  }
  const Digest through = sent_through(before, serials);
  if (page < now.pages) {
    LM_ASSIGN(const auto came, sent_page(*db_, start, page));
    if (came && came->through == through) return now;
    return fail(Errc::kConflict,
                fmt::format("page {} came before with other serials; withdraw them first", page));
  }
  const std::uint64_t total = now.sent + serials.size();
  if (total > limits::kSerials)
    return fail(Errc::kTooLarge, fmt::format("a lot has at most {} serials", limits::kSerials));
  LM_TRY(db_->transaction([&]() -> Status {
    LM_ASSIGN(auto sent, sending_of(*db_, start));
    if (!sent || sent->withdrawn == Withdrawal::kGone) {
      LM_TRY(expect_others(*db_, start, Withdrawal::kNo));
      LM_ASSIGN(sent, sending_of(*db_, start));
    }
    if (!sent) return fail(Errc::kInternal, "the salt of a lot's serials was not kept");
    LM_TRY(keep_parts(*db_, start, page, sent->salt, serials));
    LM_ASSIGN(auto q, db_->prepare("INSERT INTO serials_sent_page(start, page, total, through) "
                                   "VALUES(?, ?, ?, ?)"));
    return q.bind(1, start).bind(2, page).bind(3, total).bind(4, through).run();
  }));
  return standing(start);
}

Result<SerialsStanding> LotSerials::seal(const Digest& start, std::uint64_t count,
                                         const Digest& through) const {
  LM_ASSIGN(const auto now, standing(start));
  if (now.state == SerialsState::kWithdrawing) LM_TRY(not_taking(now.state));
  if (count == 0 || now.sent != count || now.through != through)
    return fail(Errc::kConflict,
                fmt::format("{} serials came, and not those that are to be sealed", now.sent));
  if (now.state == SerialsState::kSealed) return now;
  LM_ASSIGN(const auto sent, sending_of(*db_, start));
  if (!sent) return fail(Errc::kCorrupt, "the salt of a lot's serials is missing");
  LM_TRY(db_->transaction([&]() -> Status {
    LM_ASSIGN(const bool all, place_portion(*db_, start));
    if (!all) return {};
    LM_ASSIGN(const auto items, items_placed(*db_, start));
    if (items.count != count)
      return fail(Errc::kCorrupt,
                  fmt::format("of {} serials that came, {} are there", count, items.count));
    LM_ASSIGN(auto q, db_->prepare("INSERT INTO lot_items(start, salt, count, root) "
                                   "VALUES(?, ?, ?, ?)"));
    LM_TRY(q.bind(1, start).bind(2, sent->salt).bind(3, items.count).bind(4, items.root).run());
    return run_for(*db_, "DELETE FROM serials_sent_part WHERE start = ?", start);
  }));
  return standing(start);
}

Result<SerialsStanding> LotSerials::withdraw(const Digest& start) const {
  LM_ASSIGN(const auto now, standing(start));
  if (now.state == SerialsState::kNone || now.state == SerialsState::kWithdrawn) return now;
  LM_TRY(db_->transaction([&]() -> Status {
    LM_TRY(run_for(*db_, "DELETE FROM lot_items WHERE start = ?", start));
    LM_TRY(run_for(*db_, "UPDATE serials_sent SET withdrawn = 1 WHERE start = ?", start));
    LM_ASSIGN(auto pages, db_->prepare("DELETE FROM lot_serials WHERE n IN (SELECT n FROM "
                                       "lot_serials WHERE start = ? LIMIT ?)"));
    LM_TRY(pages.bind(1, start).bind(2, kPagesGone).run());
    const bool pages_left = db_->changes() == static_cast<std::int64_t>(kPagesGone);
    LM_ASSIGN(auto parts, db_->prepare("DELETE FROM serials_sent_part WHERE (start, part, page) IN "
                                       "(SELECT start, part, page FROM serials_sent_part WHERE "
                                       "start = ? LIMIT ?)"));
    LM_TRY(parts.bind(1, start).bind(2, kPartsGone).run());
    if (pages_left || db_->changes() == static_cast<std::int64_t>(kPartsGone)) return {};
    LM_TRY(run_for(*db_, "DELETE FROM serials_sent_page WHERE start = ?", start));
    return expect_others(*db_, start, Withdrawal::kGone);
  }));
  return standing(start);
}

}  // namespace lotmark::chain
