#include "ledger-node/replicate/replica.h"

#include "core/base/hex.h"
#include "core/base/log.h"

namespace lotmark::node {

namespace {
constexpr std::size_t kAnswerMax = 1024 * 1024;
constexpr Millis kPrimaryPause{2000};
constexpr unsigned kThenAnother = 5;
constexpr Millis kSilent{2000};
constexpr Millis kCutPause{1000};  // what is lacking was cut there: it comes otherwise
// A page so large that there is more behind it.
constexpr std::size_t kWholePage = 100;
constexpr Millis kVotesBehind{5000};
constexpr Millis kTell{10000};
constexpr std::size_t kPartedMax = 64u << 20;
constexpr unsigned kPartedPages = 8;        // and two for each MiB
constexpr std::int64_t kPartedTime = 4000;  // ms, and a second for each MiB
constexpr Millis kPartedAgain{60'000};
constexpr Millis kHeard{5000};  // or four times the pause between two questions

Reply list_or_error(const Result<std::vector<Bytes>>& list) {
  return list ? reply_cbor(encode_list(*list)) : reply_error(list.error());
}

// From `from` on if the asker's newest block is ours too, else from where it says that its chain is final.
Result<std::vector<Bytes>> serve_blocks(const chain::PublicChain& chain, const Route& route) {
  std::uint64_t from = route.number("from").value_or(1);
  const auto prev = route.text("prev");
  if (!prev) return chain.blocks(from, kAnswerMax);
  const auto id = fixed_from_hex<Digest>(*prev);
  bool shared = false;
  if (id && from > 0 && from <= chain.size()) {
    LM_ASSIGN(shared, chain.has_id(from - 1, *id));
  }
  if (!shared) from = route.number("final").value_or(1);
  return chain.blocks(from, kAnswerMax);
}

// Epoch 1 on: statement 0 stands in the genesis.
std::vector<Bytes> statements_of(const chain::PublicChain& chain) {
  std::vector<Bytes> statements;
  const auto& held = chain.statements().held();
  for (std::size_t e = 1; e < held.size(); ++e) statements.push_back(held[e].object);
  return statements;
}

}  // namespace

std::string blocks_path(const chain::PublicChain& chain) {
  return "/peer/v1/blocks?from=" + std::to_string(chain.size()) +
         "&prev=" + to_hex(chain.tip().id) +
         "&final=" + std::to_string(std::max<std::uint64_t>(chain.final_size(), 1));
}

Replica::Replica(chain::PublicChain& chain, KeyId self, PrimaryNow primary, Millis poll)
    : chain_(chain), self_(self), primary_(std::move(primary)), poll_(poll) {}

std::optional<Reply> Replica::peer(const Route& route, const Call& call, const Member& /*from*/,
                                   Time /*now*/) {
  if (call.method != "GET") return std::nullopt;
  const std::string& what = route.parts[2];
  if (what == "blocks") return list_or_error(serve_blocks(chain_, route));
  if (what == "votes" && !route.number("at"))
    return list_or_error(chain_.votes(route.number("from").value_or(0)));
  if (what != "membership") return std::nullopt;
  return reply_cbor(encode_list(statements_of(chain_)));
}

std::optional<Reply> Replica::control(const Route& route, const Call& call,
                                      const chain::Enrolled& /*from*/, Time /*now*/) {
  if (call.method != "GET" || route.parts.size() != 3 || route.parts[2] != "membership")
    return std::nullopt;
  return reply_cbor(encode_list(statements_of(chain_)));
}

// Only the primary makes blocks: the others know what it said last, and of one another nothing newer, unless the
// role has moved. So it is asked first again as soon as a pause is over, and the others every fifth time.
std::optional<KeyId> Replica::choose_source() {
  if (only_) return only_;
  std::vector<KeyId> others;
  const auto primary = primary_();
  bool known = false;
  for (const auto& m : chain_.statements().newest().members) {
    if (!m.has(Role::kSupervising) || m.kid == self_) continue;
    if (primary == m.kid) known = true;
    else others.push_back(m.kid);
  }
  if (known && now_ >= primary_due_ && (others.empty() || ++asked_ % kThenAnother != 0))
    return primary;
  if (others.empty()) return std::nullopt;
  return others[turn_++ % others.size()];
}

std::vector<Outgoing> Replica::tick(Time now) {
  now_ = now;
  give_up_silent();
  if (asking_ || now < due_) return {};
  const auto source = parted_ ? std::optional(source_) : choose_source();
  due_ = now + poll_;
  if (!source) return {};
  asking_ = true;
  asked_at_ = now;
  source_ = *source;
  const std::uint64_t ask = ++ask_;
  const bool alone = behind_ && !parted_ && now < votes_due_;  // without votes
  std::vector<Outgoing> out;
  if (parted_) {
    const std::uint64_t next = parted_->from + parted_->blocks.size();
    out.push_back({source_,
                   "GET",
                   "/peer/v1/blocks?from=" + std::to_string(next),
                   {},
                   [this, ask](const Reply& r) { on_more(r, ask); }});
  } else {
    out.push_back({source_,
                   "GET",
                   blocks_path(chain_),
                   {},
                   [this, ask, alone, from = source_](const Reply& r) {
                     if (alone && ask == ask_) asking_ = false;
                     on_blocks(r, ask, from);
                   }});
  }
  if (alone) return out;
  votes_due_ = now + kVotesBehind;
  out.push_back({source_,
                 "GET",
                 "/peer/v1/votes?from=" + std::to_string(chain_.final_size()),
                 {},
                 [this, ask](const Reply& r) { on_votes(r, ask); }});
  return out;
}

// A stopped machine takes calls and answers none until they time out, which is long: large answers need time.
void Replica::give_up_silent() {
  if (!asking_ || now_ < asked_at_ + kSilent) return;
  asking_ = false;
  ++ask_;
  parted_.reset();
  failed("no answer yet");
}

void Replica::failed(const std::string& why) {
  ++failures_;
  log::debug("replica.source_failed", {{"source", short_hex(source_)}, {"error", why}});
  if (primary_() == source_) primary_due_ = now_ + kPrimaryPause;
}

// Whole blocks, from our size on or from an earlier one where the chains part: a page is one transaction. Where one of
// them is refused, those before it are kept.
Status Replica::take(const std::vector<Bytes>& blocks) {
  LM_ASSIGN(auto first, lotmark::open<Block>(blocks.front(), chain_.chain_id()));
  const Status whole = chain_.adopt(blocks, now_);
  if (whole || first.body.number < chain_.size()) return whole;
  for (const auto& block : blocks) LM_TRY(chain_.append(block, now_));
  return {};
}

bool Replica::heard(const KeyId& kid) const {
  const auto at = heard_.find(kid);
  return at != heard_.end() && now_ < at->second + std::max(kHeard, 4 * poll_);
}

void Replica::on_blocks(const Reply& reply, std::uint64_t ask, const KeyId& from) {
  if (reply.ok()) heard_[from] = now_;
  const bool late = ask != ask_;
  auto list = reply.ok() ? decode_list(reply.body) : Result<std::vector<Bytes>>(Errc::kNetwork);
  if (!list && late) return;
  if (!list) {
    if (reply.error && reply.error->code == Errc::kBodyCut && when_behind_) {
      due_ = std::max(due_, now_ + kCutPause);
      when_behind_(from);
    }
    return failed(reply.error ? reply.error->message() : "bad answer");
  }
  behind_ = list->size() >= kWholePage;
  if (list->empty()) return;
  const std::uint64_t size = chain_.size();
  const std::uint64_t taken_back = chain_.taken_back();
  const Status done = take(*list);
  if (chain_.size() > size) tell_progress(chain_.size() - size);
  note_taken_back(size, taken_back);
  if (done) {
    if (chain_.size() > size) due_ = now_;  // there may be more
    return;
  }
  if (done.code() == Errc::kBlockFork) {  // as far as it was heard, of the same term or a lower one
    log::debug("replica.not_adopted",
               {{"source", short_hex(source_)}, {"error", done.error().message()}});
    const auto first = lotmark::open<Block>(list->front(), chain_.chain_id());
    if (late || !first || first->body.number < chain_.final_size()) return;
    if (const auto at = lingered_.find(from); at != lingered_.end() && now_ < at->second) return;
    parted_ = Parted{first->body.number, {}, 0, now_};
    add_parted(*std::move(list));
    return;
  }
  ++refused_;
  log::warn("replica.block_refused",
            {{"number", chain_.size()}, {"error", done.error().message()}});
  if (!late) failed(done.error().message());
}

void Replica::add_parted(std::vector<Bytes> page) {
  for (auto& b : page) {
    parted_->bytes += b.size();
    parted_->blocks.push_back(std::move(b));
  }
  if (parted_->bytes > kPartedMax) parted_.reset();
  else due_ = now_;
}

void Replica::on_more(const Reply& reply, std::uint64_t ask) {
  if (ask != ask_ || !parted_) return;
  auto list = reply.ok() ? decode_list(reply.body) : Result<std::vector<Bytes>>(Errc::kNetwork);
  if (!list || list->empty()) return parted_.reset();
  add_parted(*std::move(list));
  if (!parted_) return;
  ++parted_->pages;
  const std::uint64_t size = chain_.size();
  const std::uint64_t taken_back = chain_.taken_back();
  const Status done = chain_.adopt(parted_->blocks, now_);
  note_taken_back(size, taken_back);
  if (done || done.code() != Errc::kBlockFork) return parted_.reset();
  if (!lingers(*parted_)) return;
  log::debug("replica.not_adopted", {{"source", short_hex(source_)}, {"error", "it has no end"}});
  lingered_[source_] = now_ + kPartedAgain;
  parted_.reset();
}

bool Replica::lingers(const Parted& parted) const {
  const std::size_t mib = parted.bytes >> 20;
  return parted.pages > kPartedPages + 2 * mib ||
         now_ > parted.begun + Millis{kPartedTime + 1000 * static_cast<std::int64_t>(mib)};
}

void Replica::note_taken_back(std::uint64_t size, std::uint64_t before) const {
  if (chain_.taken_back() == before) return;
  log::warn("replica.taken_back", {{"source", short_hex(source_)},
                                   {"size", size},
                                   {"now", chain_.size()},
                                   {"term", chain_.term()}});
}

void Replica::tell_progress(std::uint64_t taken) {
  if (!progress_) {
    if (!behind_) return;
    progress_ = Progress{now_, now_, 0, 0};
  }
  Progress& p = *progress_;
  p.blocks += taken;
  const auto per_s = [](std::uint64_t blocks, Millis time) {
    return blocks * 1000 / std::max<std::uint64_t>(1, static_cast<std::uint64_t>(time.count()));
  };
  if (behind_ && now_ < p.told + kTell) return;
  log::info(behind_ ? "replica.behind" : "replica.caught_up",
            {{"source", short_hex(source_)},
             {"size", chain_.size()},
             {"of", std::max(told_size_, chain_.size())},
             {"blocks", p.blocks},
             {"blocks_s", behind_ ? per_s(p.blocks - p.blocks_told, now_ - p.told)
                                  : per_s(p.blocks, now_ - p.since)}});
  p.told = now_;
  p.blocks_told = p.blocks;
  if (!behind_) progress_.reset();
}

void Replica::on_votes(const Reply& reply, std::uint64_t ask) {
  if (ask == ask_) asking_ = false;
  auto list = reply.ok() ? decode_list(reply.body) : Result<std::vector<Bytes>>(Errc::kNetwork);
  if (!list) return;
  for (const auto& vote : *list) {
    if (behind_) {  // on trees that are not here yet: they come again
      const auto read = read_vote(vote, chain_.chain_id(), false);
      if (read) told_size_ = std::max(told_size_, read->claims.size);
      if (!read || read->claims.size > chain_.size()) continue;
    }
    Status done = chain_.add_vote(vote, now_);
    chain_.onlooker().voted(vote, source_, done);
    if (done || done.code() == Errc::kNeedSeq) continue;
    ++refused_;
    log::warn("replica.vote_refused", {{"error", done.error().message()}});
  }
}

std::vector<std::pair<std::string, double>> Replica::metrics() const {
  const double final_size =
      chain_.checkpoint() ? static_cast<double>(chain_.checkpoint()->checkpoint.size) : 0;
  return {{"lotmark_chain_size", static_cast<double>(chain_.size())},
          {"lotmark_chain_final_size", final_size},
          {"lotmark_replica_refused_total", static_cast<double>(refused_)},
          {"lotmark_replica_source_failures_total", static_cast<double>(failures_)}};
}

}  // namespace lotmark::node
