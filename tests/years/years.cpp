#include "tests/years/years.h"

#include <fmt/format.h>

#include "core/proof/archived.h"
#include "ledger-node/chain/public/archived.h"
#include "ledger-node/chain/public/cut_content.h"
#include "ledger-node/chain/public/cut_range.h"

namespace lotmark::years {

namespace {

using std::chrono::year_month_day;

constexpr unsigned kReceiptEvery = 100;
constexpr std::uint64_t kDropAtOnce = 1000;
constexpr Millis kOpens = std::chrono::hours(8);

test::ConsortiumOptions consortium_of(const Options& o) {
  test::ConsortiumOptions c;
  c.count = 1;
  c.period_s = 86400 * o.days_a_period;
  c.retention = o.retention;
  c.begin = Time(std::chrono::sys_days(std::chrono::January / 1 / 2026));
  return c;
}

Expiry expires_of(year_month_day date, unsigned validity) {
  year_month_day day = date + std::chrono::years(validity);
  if (!day.ok()) day = day.year() / day.month() / std::chrono::last;
  return {static_cast<std::uint64_t>(static_cast<int>(day.year())) * 10000 +
          static_cast<unsigned>(day.month()) * 100 + static_cast<unsigned>(day.day())};
}

Status wrong(std::string text) { return fail(Errc::kInternal, std::move(text)); }

constexpr const char* kHead =
    "year   blocks     lots cut lots   bodies  body KiB     rows  used KiB  file KiB receipts "
    "archived\n";

std::string line_of(const Year& y) {
  return fmt::format("{:4} {:8} {:8} {:8} {:8} {:9} {:8} {:9} {:9} {:8} {:8}\n", y.year, y.blocks,
                     y.lots, y.cut_lots, y.bodies, y.body_bytes / 1024, y.rows, y.used_bytes / 1024,
                     y.file_bytes / 1024, y.receipts, y.archived);
}

}  // namespace

Years::Years(const Options& options, const std::filesystem::path& folder)
    : options_(options), file_(folder / "chain.db"), c_(consortium_of(options)) {}

Status Years::run(std::ostream& out) {
  LM_ASSIGN(chain_, chain::PublicChain::open(file_, c_.anchor));
  out << kHead << std::flush;
  const auto begin = std::chrono::sys_days(std::chrono::January / 1 / 2026);
  unsigned year = 1;
  for (std::chrono::sys_days at = begin;; at += std::chrono::days(1)) {
    const year_month_day date(at);
    if (static_cast<int>(date.year()) - 2026 == static_cast<int>(year)) {
      LM_TRY(end_year(year));
      out << line_of(table_.back()) << std::flush;
      if (year++ == options_.years) return {};
    }
    c_.clock.set(Time(at) + kOpens);
    LM_TRY(day(date));
  }
}

Status Years::day(year_month_day date) {
  const bool audit_day = static_cast<unsigned>(date.day()) == 1 &&
                         (static_cast<unsigned>(date.month()) - 1) % options_.months_an_audit == 0;
  for (unsigned i = 0; i < options_.lots_a_day; ++i) LM_TRY(release_lot(date));
  const auto days = std::chrono::sys_days(date).time_since_epoch().count();
  if (days % options_.days_a_period == 0) LM_TRY(close_period());
  LM_TRY(vote());
  LM_TRY(give_receipts());
  return audit_day ? audit_round() : Status();
}

Status Years::release_lot(year_month_day date) {
  c_.clock.advance(std::chrono::minutes(1));
  Application a;
  a.start = merkle::leaf_hash(as_bytes(std::to_string(lots_)));
  a.opening = a.start;
  a.programme = c_.programme.id;
  a.gtin = test::Consortium::gtin();
  a.product = "Vaccine A";
  a.lot = {fmt::format("{}-{:06}", static_cast<int>(date.year()), lots_)};
  a.expires = expires_of(date, options_.validity);
  a.tx_count = c_.programme.count + 1;
  LM_ASSIGN(const auto application, seal(a, *c_.enterprise.signer, c_.chain));
  LM_TRY(append(maker_.lot_block(application.bytes, "CN-" + a.lot.text)));
  if (lots_ % kReceiptEvery == 0) wanted_.push_back(a.lot);
  ++lots_;
  log_.append_entry(application.id.view());
  return {};
}

Status Years::close_period() {
  Bytes head = maker_.head(c_.enterprise, LogKind::kIntake, log_, logged_);
  logged_ = log_.size();
  return append(maker_.period_block({std::move(head)}));
}

Status Years::append(ByteView block) { return chain_->append(block, now()); }

Status Years::vote() {
  for (const auto& v : maker_.votes()) LM_TRY(chain_->add_vote(v, now()));
  LM_TRY(chain_->thin(kDropAtOnce));
  return {};
}

Status Years::give_receipts() {
  for (auto& lot : wanted_) {
    LM_ASSIGN(const auto entry, chain_->find_lot(test::Consortium::gtin(), lot));
    if (!entry) return wrong("no lot " + lot.text);
    LM_ASSIGN(auto receipt, chain_->receipt(entry->block));
    given_.push_back({std::move(lot), std::move(receipt)});
  }
  wanted_.clear();
  return {};
}

Status Years::audit_round() {
  for (bool cut_any = true; cut_any;) LM_TRY(cut_once(cut_any));
  return {};
}

Status Years::cut_once(bool& cut_any) {
  const auto as_of = chain::cut_as_of(*chain_, now());
  if (!as_of) return wrong("no checkpoint");
  LM_ASSIGN(const auto plan, chain::plan_cut(*chain_, *as_of));
  cut_any = !plan.empty();
  if (!cut_any) return {};
  LM_ASSIGN(const auto content, chain::make_cut_content(*chain_, plan.first, plan.last));
  CutBody body{plan.first, plan.last, content.archive, content.snapshot, {}};
  const Promise flag{proof::flag_object({body.first, body.last, body.archive, body.snapshot}),
                     kFlagDeadline};
  std::map<KeyId, Bytes> flags;
  for (std::size_t i = 0; i < 2; ++i) {
    LM_ASSIGN(auto sealed, seal(flag, *c_.supervisors[i].signer, c_.chain));
    flags[c_.supervisors[i].kid()] = std::move(sealed.bytes);
  }
  for (auto& [kid, bytes] : flags) body.flags.push_back({std::move(bytes)});
  LM_TRY(append(maker_.block(BlockKind::kCut, std::move(body))));
  LM_TRY(vote());
  return drop_all();
}

Status Years::drop_all() {
  while (true) {
    LM_ASSIGN(const auto dropped, chain_->drop_bodies(kDropAtOnce));
    if (dropped == 0) return {};
  }
}

Result<std::uint64_t> Years::number_of(const char* sql) const {
  LM_ASSIGN(auto q, chain_->database().prepare(sql));
  LM_ASSIGN(const bool row, q.step());
  return row ? q.u64(0) : 0;
}

Status Years::end_year(unsigned year) {
  Year row;
  row.year = year;
  row.blocks = chain_->size();
  row.lots = lots_;
  LM_ASSIGN(row.cut_lots, number_of("SELECT count(*) FROM tombstone"));
  LM_ASSIGN(row.bodies, number_of("SELECT count(*) FROM block WHERE kind IN (0, 2)"));
  LM_ASSIGN(row.body_bytes,
            number_of("SELECT ifnull(sum(length(bytes)), 0) FROM block WHERE kind IN (0, 2)"));
  LM_ASSIGN(row.used_bytes,
            number_of("SELECT (page_count - freelist_count) * page_size FROM pragma_page_count, "
                      "pragma_freelist_count, pragma_page_size"));
  std::error_code none;
  row.file_bytes = std::filesystem::file_size(file_, none);
  LM_ASSIGN(auto tables,
            chain_->database().prepare("SELECT name FROM sqlite_master WHERE type = 'table'"));
  while (true) {
    LM_ASSIGN(const bool more, tables.step());
    if (!more) break;
    LM_ASSIGN(const auto rows, number_of(("SELECT count(*) FROM " + tables.text(0)).c_str()));
    row.rows += rows;
  }
  LM_TRY(ask_again(row));
  table_.push_back(row);
  return {};
}

Status Years::ask_again(Year& row) {
  for (const auto& g : given_) {
    const proof::Asked asked{test::Consortium::gtin().text, g.lot.text};
    const auto r = proof::verify_receipt(g.receipt, c_.anchor, asked, now());
    if (r.verdict != VerdictKind::kReleased && r.verdict != VerdictKind::kExpired)
      return wrong("the receipt of " + g.lot.text + " is now " + std::string(name(r.verdict)));
    ++row.receipts;
    LM_TRY(ask_about(g.lot, row));
  }
  return {};
}

Status Years::ask_about(const LotNumber& lot, Year& row) {
  const Gtin gtin = test::Consortium::gtin();
  const proof::Asked asked{gtin.text, lot.text};
  LM_ASSIGN(const auto entry, chain_->find_lot(gtin, lot));
  if (entry) {
    LM_ASSIGN(const auto fresh, chain_->receipt(entry->block));
    const auto r = proof::verify_receipt(fresh, c_.anchor, asked, now());
    if (r.verdict == VerdictKind::kReleased || r.verdict == VerdictKind::kExpired) return {};
    return wrong("lot " + lot.text + " is answered " + std::string(name(r.verdict)));
  }
  LM_ASSIGN(const auto proof, chain::archived_proof(*chain_, gtin, lot));
  if (!proof) return wrong("lot " + lot.text + " is gone without proof");
  const auto r = proof::verify_archived(*proof, c_.anchor, asked);
  if (r.verdict != VerdictKind::kArchived)
    return wrong("the proof for " + lot.text + " is " + std::string(name(r.verdict)));
  ++row.archived;
  return {};
}

double Years::bytes_a_cut_lot() const {
  const Year& a = table_.at(options_.flat_from() - 1);
  const Year& b = table_.back();
  const double grown = static_cast<double>(b.used_bytes) - static_cast<double>(a.used_bytes);
  return grown / static_cast<double>(b.cut_lots - a.cut_lots);
}

double Years::bodies_ratio() const {
  return static_cast<double>(table_.back().body_bytes) /
         static_cast<double>(table_.at(options_.flat_from() - 1).body_bytes);
}

}  // namespace lotmark::years
