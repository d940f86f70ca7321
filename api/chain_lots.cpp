#include "api/chain_lots.h"

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "core/base/log.h"
#include "ledger-node/chain/public/archived.h"
#include "ledger-node/chain/public/recalls.h"

namespace lotmark::api {

using chain::PublicChain;

namespace {

// A recall counts before it is final: it can only make the answer worse.
Result<Lot> to_lot(const PublicChain& chain, const chain::LotEntry& e) {
  Lot lot{e.block, e.gtin, e.lot, e.product, {e.expires}, e.time, VerdictKind::kReleased};
  if (e.superseded) lot.state = VerdictKind::kSuperseded;
  LM_ASSIGN(const auto recall, chain::open_recall(chain, e.gtin, e.lot));
  if (recall) {
    lot.state = VerdictKind::kRecalled;
    const std::string day = to_iso(from_ms(static_cast<std::int64_t>(recall->time))).substr(0, 10);
    lot.note = "Recalled on " + day + ": " + recall->reason;
  }
  if (!e.final) lot.state = VerdictKind::kNotFinal;
  return lot;
}

CheckpointInfo to_info(const PublicChain& chain, const chain::FinalCheckpoint& c) {
  CheckpointInfo info;
  info.size = c.checkpoint.size;
  info.root = c.checkpoint.root;
  info.epoch = c.epoch;
  info.term = c.term;
  info.quorum = chain.statements().held().at(static_cast<std::size_t>(c.epoch)).body.quorum;
  for (const auto& v : c.votes) {
    info.voters.push_back(v.kid);
    info.time = std::max(info.time, v.claims.seconds * 1000);
  }
  return info;
}

}  // namespace

struct ChainLots::Impl {
  Impl(PublicChain c, store::Database w) : chain(std::move(c)), watch(std::move(w)) {}

  std::mutex mutex;  // guards chain
  PublicChain chain;
  Status last_refresh;
  std::atomic<std::uint64_t> version{0};

  store::Database watch;  // the refreshing thread's own
  std::int64_t seen = -1;
  std::mutex stop_mutex;
  std::condition_variable stop_cv;
  bool stopping = false;
  std::thread thread;

  Result<std::int64_t> data_version();
  Status refresh();
  void run(Millis every);
};

// A number that changes when another connection commits; costs no read of the tables.
Result<std::int64_t> ChainLots::Impl::data_version() {
  LM_ASSIGN(auto q, watch.prepare("PRAGMA data_version"));
  LM_ASSIGN(const bool row, q.step());
  if (!row) return fail(Errc::kStore, "PRAGMA data_version gives nothing");
  return q.integer(0);
}

Status ChainLots::Impl::refresh() {
  LM_ASSIGN(const std::int64_t now, data_version());
  if (now == seen) return {};
  std::lock_guard lock(mutex);
  LM_TRY(chain.refresh());
  seen = now;
  ++version;
  return {};
}

void ChainLots::Impl::run(Millis every) {
  std::unique_lock lock(stop_mutex);
  while (!stop_cv.wait_for(lock, every, [this] { return stopping; })) {
    const Status s = refresh();
    std::lock_guard chain_lock(mutex);
    if (!s && last_refresh) log::error("api.refresh_failed", {{"why", s.error().message()}});
    if (s && !last_refresh) log::info("api.refresh_works_again");
    last_refresh = s;
  }
}

Result<std::unique_ptr<ChainLots>> ChainLots::open(const std::filesystem::path& chain_db,
                                                   Bytes anchor, Millis refresh_every) {
  LM_ASSIGN(auto chain, PublicChain::open(chain_db, anchor, true));
  LM_ASSIGN(auto watch, store::Database::open(chain_db, {.read_only = true}));
  auto impl = std::make_unique<Impl>(std::move(chain), std::move(watch));
  Impl* raw = impl.get();
  LM_TRY(raw->refresh());
  raw->thread = std::thread([raw, refresh_every] { raw->run(refresh_every); });
  return std::unique_ptr<ChainLots>(new ChainLots(std::move(impl)));
}

ChainLots::ChainLots(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

ChainLots::~ChainLots() {
  {
    std::lock_guard lock(impl_->stop_mutex);
    impl_->stopping = true;
  }
  impl_->stop_cv.notify_all();
  impl_->thread.join();
}

Result<std::optional<Lot>> ChainLots::find(const Gtin& gtin, const LotNumber& lot) {
  std::lock_guard lock(impl_->mutex);
  LM_ASSIGN(const auto entry, impl_->chain.find_lot(gtin, lot));
  if (!entry) return std::optional<Lot>();
  LM_ASSIGN(auto found, to_lot(impl_->chain, *entry));
  return std::optional(std::move(found));
}

Result<Bytes> ChainLots::receipt(const Lot& lot) {
  std::lock_guard lock(impl_->mutex);
  return impl_->chain.receipt(lot.block);
}

Result<std::optional<ArchivedLot>> ChainLots::archived(const Gtin& gtin, const LotNumber& lot) {
  std::lock_guard lock(impl_->mutex);
  LM_ASSIGN(auto proof, chain::archived_proof(impl_->chain, gtin, lot));
  if (!proof) return std::optional<ArchivedLot>();
  LM_ASSIGN(const auto recall, chain::open_recall(impl_->chain, gtin, lot));
  return std::optional(ArchivedLot{*std::move(proof), recall.has_value()});
}

Result<std::vector<Lot>> ChainLots::lots(std::uint64_t after, std::size_t limit) {
  std::lock_guard lock(impl_->mutex);
  LM_ASSIGN(const auto entries, impl_->chain.lots(after, limit));
  std::vector<Lot> out;
  for (const auto& e : entries) {
    LM_ASSIGN(auto found, to_lot(impl_->chain, e));
    out.push_back(std::move(found));
  }
  return out;
}

Result<std::optional<CheckpointInfo>> ChainLots::checkpoint() {
  std::lock_guard lock(impl_->mutex);
  const auto& c = impl_->chain.checkpoint();
  return c ? std::optional(to_info(impl_->chain, *c)) : std::nullopt;
}

std::uint64_t ChainLots::version() const { return impl_->version; }
const Bytes& ChainLots::anchor() const { return impl_->chain.anchor_bytes(); }

Status ChainLots::health() {
  std::lock_guard lock(impl_->mutex);
  return impl_->last_refresh;
}

}  // namespace lotmark::api
