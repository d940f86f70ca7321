#include "ledger-node/evidence/promise_watch.h"

#include "core/base/hex.h"
#include "core/base/log.h"
#include "core/proof/evidence_writer.h"
#include "ledger-node/chain/public/events.h"

namespace lotmark::node {

namespace {

constexpr std::uint64_t kAtOnce = 16;

// As the next block would be checked.
bool fits(const chain::PublicChain& chain, const Bytes& object) {
  return bool(chain::check_submission(chain, object));
}

}  // namespace

struct PromiseWatch::Row {
  Digest id;
  std::uint64_t past = 0;
  Bytes bytes;
  Bytes object;
  Digest application;
};

Status PromiseWatch::add(const Signed<Promise>& promise, ByteView object,
                         const Digest& application) {
  LM_ASSIGN(auto count, db_->prepare("SELECT count(*) FROM promise"));
  LM_ASSIGN(bool row, count.step());
  if (row && count.u64(0) >= kPromises) return fail(Errc::kTooLarge, "too many promises wait");
  count.reset();
  LM_ASSIGN(auto q, db_->prepare("INSERT OR IGNORE INTO promise(id, past, bytes, object, "
                                 "application) VALUES(?, ?, ?, ?, ?)"));
  q.bind(1, promise.id).bind(2, proof::promise_limit(promise.body)).bind(3, promise.bytes);
  return q.bind(4, object).bind(5, application).run();
}

Result<std::optional<Bytes>> PromiseWatch::judge(const chain::PublicChain& chain,
                                                 const Row& row) const {
  LM_ASSIGN(auto decided, chain.block_of(row.application));
  if (decided || !fits(chain, row.object)) return std::optional<Bytes>();
  LM_ASSIGN(auto last, chain.first_after(row.past));
  std::vector<Bytes> blocks;
  std::size_t total = 0;
  for (std::uint64_t n = 1; n <= *last && total <= limits::kEvidence; ++n) {
    LM_ASSIGN(auto block, chain.block(n));
    total += block.size();
    blocks.push_back(std::move(block));
  }
  if (total > limits::kEvidence)
    return fail(Errc::kObjectTooLarge, "the chain is longer than an evidence file may be");
  LM_ASSIGN(auto votes, chain.votes_on(*last));
  LM_ASSIGN(auto file,
            proof::make_promise_unmet(row.bytes, std::move(blocks), votes,
                                      proof::statements_for_evidence(chain.statements())));
  return std::optional(std::move(file));
}

Result<PromiseWatch::Counts> PromiseWatch::count(const chain::PublicChain& chain, Time now) const {
  Counts out;
  const auto limit = proof::promise_limit({{}, static_cast<std::uint64_t>(to_ms(now))});
  LM_ASSIGN(auto q, db_->prepare("SELECT past, application FROM promise"));
  while (true) {
    LM_ASSIGN(bool more, q.step());
    if (!more) return out;
    LM_ASSIGN(const auto application, q.fixed<Digest>(1));
    LM_ASSIGN(const auto decided, chain.block_of(application));
    if (decided && chain.is_final(*decided)) continue;
    ++out.held;
    if (q.u64(0) < limit) ++out.overdue;
  }
}

Result<std::vector<Bytes>> PromiseWatch::due(const chain::PublicChain& chain) {
  std::vector<Bytes> out;
  if (chain.final_size() == 0) return out;
  LM_ASSIGN(auto q, db_->prepare("SELECT id, past, bytes, object, application FROM promise"));
  std::vector<Row> rows;
  while (rows.size() < kAtOnce) {
    LM_ASSIGN(bool more, q.step());
    if (!more) break;
    Row row;
    LM_ASSIGN(row.id, q.fixed<Digest>(0));
    row.past = q.u64(1);
    LM_ASSIGN(row.application, q.fixed<Digest>(4));
    LM_ASSIGN(auto decided, chain.block_of(row.application));
    const bool answered = decided && chain.is_final(*decided);
    LM_ASSIGN(auto last, chain.first_after(row.past));
    if (!answered && !(last && chain.is_final(*last))) continue;
    row.bytes = to_bytes(q.blob(2));
    row.object = to_bytes(q.blob(3));
    rows.push_back(std::move(row));
  }
  q.reset();
  LM_ASSIGN(auto forget, db_->prepare("DELETE FROM promise WHERE id = ?"));
  for (const auto& row : rows) {
    auto file = judge(chain, row);
    if (!file)
      log::warn("evidence.not_made",
                {{"promise", short_hex(row.id)}, {"error", file.error().message()}});
    else if (*file) out.push_back(**std::move(file));
    LM_TRY(forget.bind(1, row.id).run());
  }
  return out;
}

}  // namespace lotmark::node
