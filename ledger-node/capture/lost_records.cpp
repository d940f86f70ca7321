#include "ledger-node/capture/lost_records.h"

namespace lotmark::node {

namespace {

constexpr std::uint64_t kBlocksAtOnce = 256;

}  // namespace

// Behind the newest record that is here: those before it follow one another.
Status LostRecords::begin() {
  next_ = 1;
  LM_ASSIGN(auto q, db_.prepare("SELECT time FROM period_record ORDER BY period DESC LIMIT 1"));
  LM_ASSIGN(const bool row, q.step());
  if (!row) return {};
  LM_ASSIGN(const auto first, chain_.first_after(q.u64(0)));
  next_ = std::max<std::uint64_t>(1, first.value_or(chain_.size()));
  return {};
}

Status LostRecords::look_at(std::uint64_t number) {
  const auto bytes = chain_.block(number);
  if (bytes.code() == Errc::kBodyCut) return {};
  if (!bytes) return bytes.error();
  LM_ASSIGN(const auto block, lotmark::open<Block>(*bytes, chain_.chain_id()));
  if (block.body.kind != BlockKind::kPeriod) return {};
  LM_ASSIGN(auto q, db_.prepare("SELECT 1 FROM period_record WHERE tx_id = ?"));
  for (const auto& o : std::get<PeriodBody>(block.body.body).transactions) {
    LM_ASSIGN(const auto t, lotmark::open<Transaction>(o.bytes, chain_.chain_id()));
    if (t.kid != kid_) continue;
    LM_ASSIGN(const bool here, q.bind(1, t.id).step());
    q.reset();
    if (here) continue;
    return fail(Errc::kCorrupt, "block " + std::to_string(number) +
                                    " holds the transaction of a period record that is not here: "
                                    "`lotmark restore` from a newer copy brings it back");
  }
  return {};
}

Result<bool> LostRecords::none() {
  if (over_) return true;
  if (next_ == 0) LM_TRY(begin());
  next_ = std::min(next_, chain_.size());  // blocks may have been taken back
  const std::uint64_t end = std::min(chain_.size(), next_ + kBlocksAtOnce);
  for (; next_ < end; ++next_) LM_TRY(look_at(next_));
  // What reached who orders before the copy came back stands in that block: transactions go first into one (PeriodPool).
  // One that the old node's disk alone has comes to nobody any more. One that waits at a node whose role as primary moved
  // away may come later: no block can tell of it.
  over_ = next_ == chain_.size() && chain_.last_period_time().value_or(0) > resumed_at_;
  return over_;
}

}  // namespace lotmark::node
