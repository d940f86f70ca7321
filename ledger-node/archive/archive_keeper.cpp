#include "ledger-node/archive/archive_keeper.h"

#include <nlohmann/json.hpp>

#include "core/base/hex.h"
#include "core/base/log.h"
#include "core/wire/cbor_reader.h"
#include "core/wire/cbor_writer.h"

namespace lotmark::node {

namespace {

constexpr std::size_t kPage = 1024 * 1024;
constexpr std::size_t kListed = 4096;
constexpr Millis kAskAgain{5000};
constexpr Millis kPause{60'000};
constexpr Millis kWriteAgain{10'000};  // after an error
constexpr Millis kLookAgain{1000};

// An entry of the list of archives: (first, last, bytes).
Bytes encode_entry(const BlockRange& range, std::uint64_t bytes) {
  return cbor_bytes([&](CborWriter& w) {
    w.array(3);
    for (const auto v : {range.first, range.last, bytes}) w.uint(v);
  });
}

Result<std::pair<BlockRange, std::uint64_t>> decode_entry(ByteView entry) {
  LM_ASSIGN(const auto doc, CborDoc::parse(entry));
  const CborValue root = doc.root();
  if (root.type() != CborType::kArray || root.count() != 3) return Errc::kFieldType;
  std::uint64_t v[3] = {};
  CborValue item = root.first();
  for (auto& each : v) {
    if (item.type() != CborType::kInt || item.integer() < 0) return Errc::kFieldType;
    each = static_cast<std::uint64_t>(item.integer());
    item = item.next();
  }
  return std::pair{BlockRange{v[0], v[1]}, v[2]};
}

}  // namespace

std::vector<KeyId> archive_holders(const chain::PublicChain& chain) {
  std::vector<KeyId> members;  // ascending, as the statement has them
  for (const auto& m : chain.statements().newest().members) {
    if (m.has(Role::kSupervising)) members.push_back(m.kid);
  }
  const KeyId* primary = chain.holder();
  const auto at =
      primary == nullptr ? members.end() : std::find(members.begin(), members.end(), *primary);
  if (at == members.end()) return members;  // nobody orders: all of them
  const auto next = at + 1 == members.end() ? members.begin() : at + 1;
  return *next == *at ? std::vector{*at} : std::vector{*at, *next};
}

ArchiveKeeper::ArchiveKeeper(chain::PublicChain& chain, ArchiveFolder folder, const KeyId& self,
                             std::uint64_t at_once)
    : chain_(chain), folder_(std::move(folder)), self_(self), at_once_(at_once) {}

bool ArchiveKeeper::supervises() const {
  const Member* m = chain_.member(self_);
  return m != nullptr && m->has(Role::kSupervising);
}

bool ArchiveKeeper::holds() const {
  const auto holders = archive_holders(chain_);
  return std::find(holders.begin(), holders.end(), self_) != holders.end();
}

// ---- keeping -------------------------------------------------------------------------------------

bool ArchiveKeeper::may_drop(const chain::CutEntry& cut, Time now) {
  now_ = now;
  const BlockRange range = range_of(cut);
  waiting_.reset();
  if (!supervises() || folder_.has(range)) return true;
  if (chain_.dropped_end() > cut.first) return true;  // begun: there is no whole range to wait for
  const bool holder = holds();
  if (writing_ && (!holder || writing_->range() != range)) writing_.reset();
  if (holder) {
    if (now < write_due_) return false;
    const auto written = write(cut);
    if (written) return *written;
    writing_.reset();
    write_due_ = now + kWriteAgain;
    ++failures_;
    log::error("archive.not_written",
               {{"range", to_text(range)}, {"error", written.error().message()}});
    return false;
  }
  for (const auto& kid : archive_holders(chain_)) {
    const auto line = lines_.find(kid);
    if (line != lines_.end() && line->second.has.contains(range)) continue;
    waiting_ = range;
    return false;
  }
  return true;
}

Result<bool> ArchiveKeeper::write(const chain::CutEntry& cut) {
  if (!writing_) {
    LM_ASSIGN(auto begun, ArchiveWriter::begin(chain_, folder_, cut));
    writing_.emplace(std::move(begun));
  }
  LM_ASSIGN(const bool done, writing_->step(at_once_));
  if (!done) return false;
  const BlockRange range = range_of(cut);
  writing_.reset();
  ++written_;
  log::info("archive.written", {{"range", to_text(range)}, {"bytes", folder_.held().at(range)}});
  return true;
}

// ---- giving --------------------------------------------------------------------------------------

std::optional<Reply> ArchiveKeeper::peer(const Route& route, const Call& call,
                                         const Member& /*from*/, Time /*now*/) {
  if (call.method != "GET" || route.parts[2] != "archives") return std::nullopt;
  if (route.parts.size() == 4) return serve(route);
  std::vector<Bytes> list;
  for (const auto& [range, bytes] : folder_.held()) list.push_back(encode_entry(range, bytes));
  return reply_cbor(encode_list(list));
}

Reply ArchiveKeeper::serve(const Route& route) const {
  const auto range = to_range(route.parts[3]);
  if (!range) return reply_error(fail(Errc::kNotFound, "no archive " + route.parts[3]));
  const auto part =
      route.text("part") == "disclosures" ? ArchivePart::kDisclosures : ArchivePart::kBlocks;
  auto page = folder_.read(*range, part, route.number("from").value_or(0), kPage);
  if (!page) return reply_error(page.error());
  return reply_cbor(encode_list({*std::move(page)}));
}

std::optional<Reply> ArchiveKeeper::control(const Route& route, const Call& call,
                                            const chain::Enrolled& /*from*/, Time /*now*/) {
  const auto& p = route.parts;
  if (call.method != "GET" || p.size() < 3 || p[2] != "archives") return std::nullopt;
  if (p.size() == 4) return serve(route);
  return list_json();
}

Reply ArchiveKeeper::list_json() const {
  const auto list = chain::cuts(chain_, 0, kListed);
  if (!list) return reply_error(list.error());
  nlohmann::json all = nlohmann::json::array();
  for (const auto& cut : *list) {
    const auto held = folder_.held().find(range_of(cut));
    const auto hash = archive_hash(chain_, cut);
    if (!hash && hash.code() != Errc::kNotFound) return reply_error(hash.error());
    nlohmann::json j{{"first", cut.first}, {"last", cut.last},
                     {"block", cut.block}, {"final", chain_.is_final(cut.block)},
                     {"archive", nullptr}, {"held", held != folder_.held().end()}};
    if (hash) j["archive"] = to_hex(*hash);
    if (held != folder_.held().end()) {
      j["bytes"] = held->second;
      j["file"] = folder_.path(held->first, ArchivePart::kBlocks).string();
    }
    all.push_back(std::move(j));
  }
  nlohmann::json holders = nlohmann::json::array();
  for (const auto& kid : archive_holders(chain_)) {
    const Member* m = chain_.member(kid);
    holders.push_back({{"kid", to_hex(kid)}, {"organisation", m ? m->organisation : ""}});
  }
  return reply_json(nlohmann::json{{"archives", all}, {"holders", holders}}.dump());
}

// ---- fetching ------------------------------------------------------------------------------------

std::vector<Outgoing> ArchiveKeeper::tick(Time now) {
  now_ = now;
  std::vector<Outgoing> out;
  if (!supervises() || chain_.cut_end() <= 1) return out;
  if (waiting_ && folder_.has(*waiting_)) waiting_.reset();
  fetch_missing(out);
  ask_holders(out);
  return out;
}

Result<std::optional<chain::CutEntry>> ArchiveKeeper::missing() const {
  LM_ASSIGN(const auto list, chain::cuts(chain_, 0, kListed));
  for (const auto& cut : list) {
    const bool gone = chain_.dropped_end() > cut.first;
    if (gone && chain_.is_final(cut.block) && !folder_.has(range_of(cut)))
      return std::optional(cut);
  }
  return std::optional<chain::CutEntry>();
}

// What the others hold: while bodies here wait for it, and while a holder lacks a file.
void ArchiveKeeper::ask_holders(std::vector<Outgoing>& out) {
  if (!waiting_ && !(asks_until_ > now_ && holds())) return;
  for (const auto& m : chain_.statements().newest().members) {
    if (!m.has(Role::kSupervising) || m.kid == self_) continue;
    Line& line = lines_[m.kid];
    if (line.busy || now_ < line.due) continue;
    line.busy = true;
    line.due = now_ + kAskAgain;
    out.push_back({m.kid, "GET", "/peer/v1/archives", {}, [this, kid = m.kid](const Reply& r) {
                     Line& asked = lines_[kid];
                     asked.busy = false;
                     const auto list =
                         r.ok() ? decode_list(r.body) : Result<std::vector<Bytes>>(Errc::kNetwork);
                     if (!list) return;
                     asked.has.clear();
                     for (const auto& entry : *list) {
                       if (const auto e = decode_entry(entry)) asked.has.insert(*e);
                     }
                   }});
  }
}

void ArchiveKeeper::fetch_missing(std::vector<Outgoing>& out) {
  if (fetch_ && fetch_->state() == ArchiveFetch::State::kRunning) {
    for (auto& call : fetch_->tick()) out.push_back(std::move(call));
    return;
  }
  if (fetch_) {
    const bool done = fetch_->state() == ArchiveFetch::State::kDone;
    if (done) {
      ++fetched_;
      log::info("archive.fetched",
                {{"range", to_text(fetch_->range())}, {"from", short_hex(fetch_->source())}});
    } else {
      ++failures_;
      log::warn("archive.not_fetched", {{"range", to_text(fetch_->range())},
                                        {"from", short_hex(fetch_->source())},
                                        {"error", fetch_->error().message()}});
      Line& line = lines_[fetch_->source()];
      line.has.erase(fetch_->range());
      if (fetch_->told_wrongly()) line.told_wrongly.insert(fetch_->range());
    }
    fetch_.reset();
  }
  if (now_ < look_due_ || !holds()) return;
  look_due_ = now_ + kLookAgain;
  const auto cut = missing();
  if (!cut || !*cut) return;
  asks_until_ = now_ + kPause;  // the others are asked what they hold meanwhile
  const BlockRange range = range_of(**cut);
  for (const bool told_must_fit : {true, false}) {
    for (const auto& [kid, line] : lines_) {
      if (!line.has.contains(range) || line.told_wrongly.contains(range) == told_must_fit) continue;
      auto begun = ArchiveFetch::begin(chain_, folder_, **cut, kid, told_must_fit);
      if (begun) fetch_ = *std::move(begun);
      return;
    }
  }
}

std::vector<std::pair<std::string, double>> ArchiveKeeper::metrics() const {
  return {{"lotmark_archives_held", static_cast<double>(folder_.held().size())},
          {"lotmark_archives_written_total", static_cast<double>(written_)},
          {"lotmark_archives_fetched_total", static_cast<double>(fetched_)},
          {"lotmark_archive_failures_total", static_cast<double>(failures_)}};
}

}  // namespace lotmark::node
