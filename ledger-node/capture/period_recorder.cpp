#include "ledger-node/capture/period_recorder.h"

#include "core/base/hex.h"
#include "core/base/log.h"
#include "core/base/random.h"
#include "ledger-node/chain/private/batch_store.h"

namespace lotmark::node {

namespace {

constexpr Millis kLook{200};
constexpr Millis kAfterTrouble{5000};
constexpr Millis kSubmitAgain{30'000};   // what stands on no block: it may have been refused
constexpr std::uint64_t kAtOnce = 2048;  // events, and accesses, gathered a tick
// Of one record, 200 together; the rest waits for the next.
constexpr std::size_t kSegmentsMax = 184;
constexpr std::size_t kAccessSegmentsMax = 16;
// Runs of events that stand one behind another, of one record: each is a row written under the node's lock.
constexpr std::size_t kSpansMax = 16'384;

void add_segments(std::vector<Bytes>& out, std::string_view name, std::string_view media,
                  const std::vector<merkle::CompactRange>& trees) {
  for (const auto& tree : trees) {
    out.push_back(encode(Segment{random_fixed<Salt>(), std::string(name), Audience::kRegulator,
                                 std::string(media), chain::encode_event_tree(tree)}));
  }
}

}  // namespace

Result<std::unique_ptr<PeriodRecorder>> PeriodRecorder::open(const store::Database& private_db,
                                                             const chain::PublicChain& chain,
                                                             const Signer& signer,
                                                             PeriodRecorderConfig config) {
  std::unique_ptr<PeriodRecorder> r(
      new PeriodRecorder(private_db, chain, signer, std::move(config)));
  LM_TRY(r->load());
  return r;
}

Status PeriodRecorder::load() {
  LM_ASSIGN(left_behind_, accesses_.left_behind(kAccessSegmentsMax));
  LM_ASSIGN(auto q, db_.prepare("SELECT period, time, hash, tx_id, tx FROM period_record ORDER BY "
                                "period DESC LIMIT 1"));
  LM_ASSIGN(const bool row, q.step());
  if (!row) return {};
  Last last;
  last.period = q.u64(0);
  last.time = q.u64(1);
  LM_ASSIGN(last.hash, q.fixed<Digest>(2));
  LM_ASSIGN(last.tx_id, q.fixed<Digest>(3));
  last.tx = to_bytes(q.blob(4));
  LM_ASSIGN(last.fence, moved_top());
  last_ = std::move(last);
  return {};
}

Result<std::uint64_t> PeriodRecorder::moved_top() const {
  LM_ASSIGN(auto q, db_.prepare("SELECT coalesce(max(n), 0) FROM moved"));
  LM_TRY(q.step());
  return q.u64(0);
}

// Adds what came since to the trees of the next record.
Status PeriodRecorder::gather() {
  LM_TRY(gather_events());
  return gather_accesses();
}

// False: the record has no room for it. A row that is missing ends a segment: its places are those of rows without a hole.
bool PeriodRecorder::add_access(const chain::AccessLeaf& leaf) {
  auto& trees = gathered_.access_trees;
  auto& spans = gathered_.access_spans;
  if (trees.empty() || trees.back().size() == chain::kAccessInSegment ||
      leaf.n != spans.back().last + 1) {
    if (trees.size() == kAccessSegmentsMax) return false;
    spans.push_back({trees.size(), leaf.n, leaf.n});
    trees.emplace_back();
  }
  spans.back().last = leaf.n;
  trees.back().append(merkle::leaf_hash(chain::access_leaf_entry(leaf)));
  return true;
}

// What is too much for one record is found again for the next.
Status PeriodRecorder::gather_left_behind() {
  for (const auto& run : left_behind_) {
    for (std::uint64_t after = run.first - 1; after < run.last;) {
      LM_ASSIGN(const auto leaves, accesses_.behind(after, std::min(kAtOnce, run.last - after)));
      for (const auto& leaf : leaves) {
        if (leaf.n > run.last || !add_access(leaf)) return {};
      }
      if (leaves.empty()) return {};
      after = leaves.back().n;
    }
  }
  return {};
}

Status PeriodRecorder::gather_accesses() {
  if (!gathered_.accessed) {
    LM_TRY(gather_left_behind());
    LM_ASSIGN(gathered_.accessed, accesses_.placed());
  }
  LM_ASSIGN(const auto leaves, accesses_.behind(*gathered_.accessed, kAtOnce));
  for (const auto& leaf : leaves) {
    if (!add_access(leaf)) return {};
    gathered_.accessed = leaf.n;
  }
  return {};
}

Status PeriodRecorder::gather_events() {
  LM_ASSIGN(const auto leaves, sets_.pending(gathered_.last, kAtOnce));
  auto& trees = gathered_.trees;
  for (const auto& leaf : leaves) {
    if (gathered_.spans.size() >= kSpansMax) return {};
    if (trees.empty() || trees.back().size() == chain::kEventsInSegment) {
      if (trees.size() == kSegmentsMax) return {};
      trees.emplace_back();
    }
    chain::add_to_spans(gathered_.spans, trees.size() - 1, trees.back().size(), leaf.n);
    trees.back().append(merkle::leaf_hash(chain::event_entry(leaf)));
    gathered_.last = leaf.n;
  }
  return {};
}

// On disk, with its events and accesses placed, before anything of it can be sent; and never made again.
Status PeriodRecorder::seal_record(Time now) {
  const Digest& chain_id = chain_.chain_id();
  std::vector<Bytes> segments;
  add_segments(segments, chain::kEventsName, chain::kEventsMedia, gathered_.trees);
  auto accesses = gathered_.access_spans;
  for (auto& span : accesses) span.segment += segments.size();
  add_segments(segments, chain::kAccessName, chain::kAccessMedia, gathered_.access_trees);
  RecordHead head;
  head.kind = RecordKind::kPeriod;
  head.time = std::max(unix_ms(now), last_ ? last_->time : 0);
  head.author = signer_.kid();
  head.segments = segments.size();
  Last next;
  next.period = next_period();
  next.time = head.time;
  const Digest commitment = lotmark::commitment(
      chain_id, PeriodScope{config_.organisation, next.period}, head, segments_root(segments));
  const Digest previous = last_ ? last_->hash : chain_id;
  next.hash = row_hash(commitment, head.time, previous);
  LM_ASSIGN(auto object, seal(Record{commitment, {}}, signer_, chain_id));
  LM_ASSIGN(auto tx, seal(Transaction{commitment, last_ ? last_->tx_id : chain_id, head.time},
                          signer_, chain_id));
  next.tx_id = tx.id;
  next.tx = std::move(tx.bytes);
  // A copy takes the rows in this order, and those of one record together (standby/copy_page.cpp).
  LM_TRY(db_.transaction([&]() -> Status {
    LM_TRY(accesses_.place(commitment, accesses));
    LM_ASSIGN(auto q, db_.prepare("INSERT INTO period_record(period, commitment, head, segments, "
                                  "object, time, previous, hash, tx_id, tx) "
                                  "VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"));
    q.bind(1, next.period).bind(2, commitment).bind(3, encode(head));
    q.bind(4, chain::encode_segments(segments))
        .bind(5, object.bytes)
        .bind(6, head.time)
        .bind(7, previous);
    q.bind(8, next.hash).bind(9, next.tx_id).bind(10, next.tx);
    LM_TRY(q.run());
    LM_TRY(sets_.draft(commitment, std::nullopt, gathered_.spans));
    return sets_.place(commitment);
  }));
  LM_ASSIGN(next.fence, moved_top());
  if (!left_behind_.empty()) {
    LM_ASSIGN(left_behind_, accesses_.left_behind(kAccessSegmentsMax));
  }
  log::info("capture.period_record", {{"period", next.period}, {"commitment", to_hex(commitment)}});
  ++records_;
  last_ = std::move(next);
  return {};
}

Status PeriodRecorder::submit(Time now) {
  if (last_->submitted && now < *last_->submitted + kSubmitAgain) return {};
  if (config_.rows_held && config_.rows_held() < last_->fence) return {};
  LM_TRY(config_.submit(last_->tx, now));
  last_->submitted = now;
  return {};
}

Status PeriodRecorder::advance(Time now) {
  if (last_) {
    LM_ASSIGN(const auto block, chain_.block_of(last_->tx_id));
    if (!block) LM_TRY(submit(now));
    if (!block || next_period() <= last_->period) return gather();
  }
  LM_TRY(gather());
  if (gathered_.empty()) return {};
  if (lost_) {
    LM_ASSIGN(const bool none, lost_->none());
    if (!none) return {};
    lost_.reset();
  }
  const Status sealed = seal_record(now);
  gathered_ = {};
  LM_TRY(Status(sealed));
  return submit(now);
}

std::vector<Outgoing> PeriodRecorder::tick(Time now) {
  if (now < due_) return {};
  due_ = now + kLook;
  const Status done = advance(now);
  if (done) {
    trouble_.clear();
    return {};
  }
  due_ = now + kAfterTrouble;
  gathered_ = {};
  if (trouble_ != done.error().message())
    log::error("capture.not_recorded", {{"error", done.error().message()}});
  trouble_ = done.error().message();
  return {};
}

std::vector<std::pair<std::string, double>> PeriodRecorder::metrics() const {
  auto q = db_.prepare("SELECT count(*) FROM (SELECT 1 FROM event_pending LIMIT 1000000)");
  const auto step = q ? q->step() : Result<bool>(q.error());
  return {{"lotmark_events_pending", step && *step ? static_cast<double>(q->u64(0)) : 0},
          {"lotmark_period_records_total", static_cast<double>(records_)}};
}

}  // namespace lotmark::node
