#include "api/chain_lots.h"

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "core/base/file_id.h"
#include "core/base/log.h"
#include "ledger-node/chain/public/archived.h"
#include "ledger-node/chain/public/recalls.h"
#include "ledger-node/chain/public/usages.h"

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
    lot.recalled = true;
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
  Impl(std::filesystem::path f, Bytes a, PublicChain c)
      : file(std::move(f)), anchor(std::move(a)), chain_id(c.chain_id()), chain(std::move(c)) {}

  // These stay when the file is another one: no chain of another anchor is opened.
  const std::filesystem::path file;
  const Bytes anchor;
  const Digest chain_id;

  std::mutex mutex;  // guards chain
  PublicChain chain;
  Status last_refresh;
  std::atomic<std::uint64_t> version{0};

  std::mutex uses_mutex;  // guards uses; taken without the other
  // What was reported of a unit may be much to read: no scan of a lot waits for it.
  std::optional<store::Database> uses;

  // The refreshing thread's own.
  std::optional<store::Database> watch;
  FileId opened;  // what watch has open
  std::int64_t seen = -1;
  std::mutex stop_mutex;
  std::condition_variable stop_cv;
  bool stopping = false;
  std::thread thread;

  Result<std::int64_t> data_version();
  Status open_files(const FileId& there);
  Status follow_file();
  Status refresh();
  void run(Millis every);
};

// A number that changes when another connection commits; costs no read of the tables.
Result<std::int64_t> ChainLots::Impl::data_version() {
  LM_ASSIGN(auto q, watch->prepare("PRAGMA data_version"));
  LM_ASSIGN(const bool row, q.step());
  if (!row) return fail(Errc::kStore, "PRAGMA data_version gives nothing");
  return q.integer(0);
}

Status ChainLots::Impl::open_files(const FileId& there) {
  LM_ASSIGN(auto new_watch, store::Database::open(file, {.read_only = true}));
  LM_ASSIGN(auto new_uses, store::Database::open(file, {.read_only = true}));
  watch.emplace(std::move(new_watch));
  opened = there;
  seen = -1;
  std::lock_guard lock(uses_mutex);
  uses.emplace(std::move(new_uses));
  return {};
}

// A file in the place of the one that is open, as a restore, a promotion or a folder made anew puts there: the one before
// stands still for ever, and nothing of it would tell.
Status ChainLots::Impl::follow_file() {
  const FileId there = file_id(file);
  if (there == opened) return {};
  if (there == FileId{}) return fail(Errc::kIo, file.string() + " is not there any more");
  LM_ASSIGN(auto another, PublicChain::open(file, anchor, true));
  LM_TRY(open_files(there));
  std::lock_guard lock(mutex);
  chain = std::move(another);
  ++version;
  log::info("api.chain_reopened", {{"file", file.string()}});
  return {};
}

Status ChainLots::Impl::refresh() {
  LM_TRY(follow_file());
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
  const FileId there = file_id(chain_db);
  LM_ASSIGN(auto chain, PublicChain::open(chain_db, anchor, true));
  auto impl = std::make_unique<Impl>(chain_db, std::move(anchor), std::move(chain));
  LM_TRY(impl->open_files(there));
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

Result<std::optional<ChainPlaces::Place>> ChainLots::place_of(const Digest& id) {
  std::lock_guard lock(impl_->mutex);
  LM_ASSIGN(const auto block, impl_->chain.block_of(id));
  if (!block) return std::optional<Place>();
  return std::optional(Place{*block, impl_->chain.is_final(*block)});
}

bool ChainLots::is_final(std::uint64_t block) {
  std::lock_guard lock(impl_->mutex);
  return impl_->chain.is_final(block);
}

Result<std::vector<UnitMark>> ChainLots::uses_of(const UnitKey& unit) {
  const auto read = [&] {
    std::lock_guard lock(impl_->uses_mutex);
    return chain::serial_uses(*impl_->uses, chain_id(), unit.gtin, unit.lot, unit.serial);
  };
  LM_ASSIGN(const auto uses, read());
  std::vector<UnitMark> out;
  out.reserve(uses.size());
  std::lock_guard lock(impl_->mutex);
  for (const auto& use : uses)
    out.push_back(
        {use.kind, use.time, use.agency, use.block, impl_->chain.is_final(use.block), use.report});
  return out;
}

Result<ShownBlock> ChainLots::shown_block(std::uint64_t block) {
  std::lock_guard lock(impl_->mutex);
  return impl_->chain.shown_block(block);
}

std::uint64_t ChainLots::version() const { return impl_->version; }
const Bytes& ChainLots::anchor() const { return impl_->anchor; }

const Digest& ChainLots::chain_id() const { return impl_->chain_id; }

std::vector<std::string> ChainLots::prefixes() const {
  std::lock_guard lock(impl_->mutex);
  std::vector<std::string> out;
  for (const auto& m : impl_->chain.statements().newest().members)
    out.insert(out.end(), m.prefixes.begin(), m.prefixes.end());
  return out;
}

Status ChainLots::health() {
  std::lock_guard lock(impl_->mutex);
  return impl_->last_refresh;
}

}  // namespace lotmark::api
