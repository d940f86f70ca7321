#include "ledger-node/join/joiner.h"

#include <algorithm>

#include "core/base/hex.h"
#include "core/base/log.h"
#include "core/wire/cbor_writer.h"
#include "core/wire/limits.h"
#include "ledger-node/archive/archive_reader.h"
#include "ledger-node/chain/public/cut_store.h"

namespace lotmark::node {

namespace {

constexpr std::size_t kListMax = 200'000;
constexpr Millis kPause{3000};
constexpr Millis kOthersFirst{15'000};  // who failed is passed over so long
// Who is slower than this is left for another: a minute, a second for each cut, and one for every 64 KiB that came.
constexpr Millis kPatience{60'000};
constexpr Millis kPatiencePerCut{1000};
constexpr std::uint64_t kSlowest = 64 * 1024;

// Items of a page of tombstones, each a bstr of less than 256 bytes.
Result<std::uint64_t> count_items(ByteView page) {
  std::uint64_t n = 0;
  for (; !page.empty(); ++n) {
    const std::size_t size =
        page[0] == 0x58 && page.size() > 1 ? 2u + page[1] : page[0] - 0x40u + 1;
    if (page[0] < 0x40 || page[0] > 0x58 || size > page.size()) return Errc::kCborTruncated;
    page = page.subspan(size);
  }
  return n;
}

}  // namespace

// Leaves, kept blocks and tombstones on their way to the chain.
class JoinFiles final : public chain::JoinParts {
 public:
  static Result<std::unique_ptr<JoinFiles>> create(const std::filesystem::path& folder) {
    std::error_code ec;
    std::filesystem::remove_all(folder, ec);
    std::filesystem::create_directories(folder, ec);
    if (ec) return fail(Errc::kIo, "cannot make " + folder.string() + ": " + ec.message());
    std::unique_ptr<JoinFiles> out(new JoinFiles(folder));
    for (const char* name : {"leaves", "kept"}) std::ofstream(folder / name, std::ios::binary);
    return out;
  }
  ~JoinFiles() override {
    std::error_code none;
    std::filesystem::remove_all(folder_, none);
  }

  Status append(const std::string& name, ByteView bytes) const {
    std::ofstream out(folder_ / name, std::ios::binary | std::ios::app);
    out.write(reinterpret_cast<const char*>(bytes.data()),
              static_cast<std::streamsize>(bytes.size()));
    out.flush();
    return out ? Status() : fail(Errc::kIo, (folder_ / name).string() + " cannot be written");
  }
  static std::string tombstones_of(std::uint64_t first) {
    return "tombstones-" + std::to_string(first);
  }

  Result<Digest> leaf(std::uint64_t number) const override {
    if (!leaves_.is_open()) leaves_.open(folder_ / "leaves", std::ios::binary);
    Digest out;
    leaves_.clear();
    leaves_.seekg(static_cast<std::streamoff>(number * Digest::kSize));
    leaves_.read(reinterpret_cast<char*>(out.data()), Digest::kSize);
    if (leaves_.gcount() != static_cast<std::streamsize>(Digest::kSize))
      return fail(Errc::kCutContent, "a leaf is missing");
    return out;
  }
  Result<std::optional<Bytes>> next_kept() override {
    if (!kept_) {
      LM_ASSIGN(auto file, ItemFile::open(folder_ / "kept"));
      kept_.emplace(std::move(file));
    }
    return kept_->bstr(limits::kBlock);
  }
  Result<std::vector<Tombstone>> tombstones(const SnapshotHead& cut) override {
    std::vector<Tombstone> out;
    if (cut.tombstones.size == 0) return out;
    LM_ASSIGN(auto file, ItemFile::open(folder_ / tombstones_of(cut.first)));
    while (true) {
      LM_ASSIGN(const auto entry, file.bstr(limits::kCutHead));
      if (!entry) return out;
      LM_ASSIGN(auto t, decode<Tombstone>(*entry));
      if (out.size() == limits::kCutBlocks) return Errc::kCutContent;
      out.push_back(t);
    }
  }

 private:
  explicit JoinFiles(std::filesystem::path folder) : folder_(std::move(folder)) {}
  std::filesystem::path folder_;
  mutable std::ifstream leaves_;
  std::optional<ItemFile> kept_;
};

Joiner::Joiner(chain::PublicChain& chain, std::filesystem::path folder)
    : chain_(chain), folder_(std::move(folder)) {}

Joiner::~Joiner() = default;

void Joiner::behind(const KeyId& source) {
  if (joining() || now_ < due_) return;
  if (failed_ == source && now_ < due_ + kOthersFirst - kPause) return;
  auto files = JoinFiles::create(folder_);
  if (!files) return failed(files.error());
  files_ = *std::move(files);
  source_ = source;
  offer_ = {};
  point_.reset();
  at_ = 0;
  cut_ = 0;
  came_ = 0;
  begun_ = now_;
  step_ = Step::kCuts;
  log::info("join.begun", {{"source", short_hex(source)}, {"size", chain_.size()}});
}

std::optional<Reply> Joiner::control(const Route& /*route*/, const Call& /*call*/,
                                     const chain::Enrolled& /*from*/, Time /*now*/) {
  return std::nullopt;
}

std::string Joiner::path() const {
  const std::string from = "from=" + std::to_string(at_);
  switch (step_) {
    case Step::kCuts: return "/peer/v1/cuts";
    case Step::kStatements: return "/peer/v1/membership";
    case Step::kState: return "/peer/v1/state?cut=" + std::to_string(at_cut_) + "&" + from;
    case Step::kLeaves: return "/peer/v1/leaves?" + from;
    case Step::kKept:
      return "/peer/v1/kept?" + from + "&to=" + std::to_string(point_->cut_block - 1);
    case Step::kTombstones:
      return "/peer/v1/tombstones?first=" + std::to_string(point_->cuts[cut_].first) + "&" + from;
    case Step::kIdle: break;
  }
  return {};
}

std::vector<Outgoing> Joiner::tick(Time now) {
  now_ = now;
  std::vector<Outgoing> out;
  if (!joining() || busy_) return out;
  busy_ = true;
  out.push_back({source_, "GET", path(), {}, [this](const Reply& reply) { took(reply); }});
  return out;
}

void Joiner::took(const Reply& reply) {
  busy_ = false;
  if (!joining()) return;
  const auto list =
      reply.ok()
          ? decode_list(reply.body, kListMax)
          : Result<std::vector<Bytes>>(reply.error.value_or(fail(Errc::kUnavailable, "no answer")));
  came_ += reply.body.size();
  auto done = list ? take(*list) : Result<bool>(list.error());
  if (done && too_slow()) done = fail(Errc::kUnavailable, "its answers come too slowly");
  if (!done) return failed(done.error());
  if (!*done) return;
  if (const auto next = next_step(); !next) failed(next.error());
}

bool Joiner::too_slow() const {
  const auto per_bytes = Millis{static_cast<std::int64_t>(came_ * 1000 / kSlowest)};
  const auto per_cuts = kPatiencePerCut * static_cast<std::int64_t>(cut_);
  return now_ > begun_ + kPatience + per_bytes + per_cuts;
}

Result<bool> Joiner::take(const std::vector<Bytes>& list) {
  const bool page = list.size() == 1 && !list[0].empty();
  switch (step_) {
    case Step::kCuts: {
      if (list.size() < 2) return fail(Errc::kCutContent, "no cut was offered");
      offer_.cut_block = list[0];
      offer_.heads.assign(list.begin() + 1, list.end());
      LM_ASSIGN(const auto block, open_receipt_block(list[0], chain_.chain_id()));
      at_cut_ = block.block.body.number;
      return true;
    }
    case Step::kStatements: offer_.statements = list; return true;
    case Step::kState:
      if (!page) return true;
      at_ += list[0].size();
      if (at_ > limits::kState) return Errc::kObjectTooLarge;
      offer_.state.insert(offer_.state.end(), list[0].begin(), list[0].end());
      return false;
    case Step::kLeaves:
      if (!page) return fail(Errc::kCutContent, "leaves are missing");
      return take_leaves(list[0]);
    case Step::kKept:
      for (const auto& bytes : list) LM_TRY(take_kept(bytes));
      return list.empty();
    case Step::kTombstones: {
      if (!page) return true;
      const auto& cut = point_->cuts[cut_];
      LM_TRY(files_->append(JoinFiles::tombstones_of(cut.first), list[0]));
      LM_ASSIGN(const std::uint64_t items, count_items(list[0]));
      at_ += items;
      if (at_ > cut.tombstones.size) return fail(Errc::kCutContent, "too many tombstones");
      return at_ == cut.tombstones.size;
    }
    case Step::kIdle: break;
  }
  return true;
}

// As many as the voted root is of; once all are here they must be those.
Result<bool> Joiner::take_leaves(ByteView page) {
  if (page.size() % Digest::kSize != 0) return fail(Errc::kCutContent, "leaves are missing");
  const std::uint64_t wanted = point_->voted.size - at_;
  page = page.first(
      static_cast<std::size_t>(std::min<std::uint64_t>(page.size(), wanted * Digest::kSize)));
  LM_TRY(files_->append("leaves", page));
  for (; !page.empty(); page = page.subspan(Digest::kSize), ++at_) {
    Digest leaf;
    std::copy_n(page.begin(), Digest::kSize, leaf.data());
    leaves_.append(leaf);
  }
  if (at_ < point_->voted.size) return false;
  if (leaves_.root() != point_->voted.root)
    return fail(Errc::kTreePath, "leaves not those voted on");
  return true;
}

// Only what stands on the tree is written: a member must not fill the disk with blocks of its own.
Status Joiner::take_kept(const Bytes& bytes) {
  LM_ASSIGN(const auto block, lotmark::open<Block>(bytes, chain_.chain_id()));
  const std::uint64_t number = block.body.number;
  if (number < at_) return fail(Errc::kCutContent, "kept blocks out of order");
  if (number >= point_->cut_block)
    return fail(Errc::kCutContent, "a block behind the cut among the kept ones");
  LM_ASSIGN(const Digest leaf, files_->leaf(number));
  if (chain::loses_body(block.body.kind) || leaf != merkle::leaf_hash(block.id.view()))
    return fail(Errc::kCutContent,
                "kept block " + std::to_string(number) + " is not the one voted on");
  at_ = number + 1;
  return files_->append("kept", cbor_bytes([&](CborWriter& w) { w.bytes(bytes); }));
}

Status Joiner::next_step() {
  at_ = 0;
  switch (step_) {
    case Step::kCuts: step_ = Step::kStatements; return {};
    case Step::kStatements: step_ = Step::kState; return {};
    case Step::kState: {
      LM_ASSIGN(point_, chain::check_offer(chain_, offer_));
      offer_ = {};
      if (chain_.size() > point_->last() + 1)
        return fail(Errc::kConflict, "this chain is beyond the cut already");
      leaves_ = {};
      step_ = Step::kLeaves;
      return {};
    }
    case Step::kLeaves: step_ = Step::kKept; return {};
    case Step::kKept: step_ = Step::kTombstones; break;
    case Step::kTombstones: ++cut_; break;
    case Step::kIdle: return {};
  }
  while (cut_ < point_->cuts.size() && point_->cuts[cut_].tombstones.size == 0) ++cut_;
  return cut_ < point_->cuts.size() ? Status() : finish();
}

Status Joiner::finish() {
  LM_TRY(chain::install(chain_, *point_, *files_));
  ++joined_;
  failed_.reset();
  log::info("join.done", {{"size", chain_.size()}, {"cuts", point_->cuts.size()}});
  step_ = Step::kIdle;
  files_.reset();
  point_.reset();
  return {};
}

void Joiner::failed(const Error& error) {
  ++failures_;
  log::warn("join.failed", {{"source", short_hex(source_)}, {"error", error.message()}});
  step_ = Step::kIdle;
  files_.reset();
  point_.reset();
  offer_ = {};
  due_ = now_ + kPause;
  failed_ = source_;
}

std::vector<std::pair<std::string, double>> Joiner::metrics() const {
  return {{"lotmark_joins_total", static_cast<double>(joined_)},
          {"lotmark_join_failures_total", static_cast<double>(failures_)}};
}

}  // namespace lotmark::node
