#include "ledger-node/evidence/witness.h"

#include "core/base/hex.h"
#include "core/base/log.h"
#include "core/crypto/sha256.h"
#include "core/proof/lot_objects.h"
#include "ledger-node/evidence/device_forks.h"

namespace lotmark::node {

namespace {

constexpr std::size_t kLookedAt = 4096;
constexpr std::uint64_t kBackwards = 64;  // blocks below the final one that are asked for
constexpr Millis kInquiryPause{60000};
constexpr Millis kJudgePause{5000};
constexpr Millis kPromisePause{5000};

bool by_a_supervisor(const Signed<Block>& block, const chain::PublicChain& chain) {
  const Membership* judge = chain.statements().of_epoch(block.body.epoch);
  if (judge == nullptr) return false;
  return bool(proof::signed_by_member(block, *judge, Role::kSupervising, Errc::kBlockSigner));
}

}  // namespace

Witness::Witness(chain::PublicChain& chain, EvidenceStore& store, const KeyId& self)
    : chain_(chain),
      store_(store),
      self_(self),
      turns_(store.database()),
      promises_(store.database()),
      taken_back_(chain.taken_back()) {}

std::optional<std::string> Witness::block_forker(const KeyId& kid) const {
  return store_.against(kid, EvidenceKind::kBlockFork);
}

void Witness::keep(const Result<Bytes>& file) {
  Status kept = file ? Status() : Status(file.error());
  if (file) {
    const auto done = store_.keep(*file, std::nullopt, now_);
    if (!done) kept = done.error();
  }
  if (kept) return;
  if (!is_own_fault(kept.code())) {
    log::info("evidence.none", {{"error", kept.error().message()}});
    return;
  }
  looked_at_.clear();  // when it is shown again
  log::error("evidence.not_kept", {{"error", kept.error().message()}});
}

bool Witness::is_new(ByteView a, ByteView b) {
  Bytes both = to_bytes(a);
  both.insert(both.end(), b.begin(), b.end());
  if (looked_at_.size() >= kLookedAt) looked_at_.clear();
  return looked_at_.insert(sha256(both)).second;
}

void Witness::accuse(Make make, ByteView a, ByteView b) {
  if (is_new(a, b)) keep(make(a, b, proof::statements_for_evidence(chain_.statements())));
}

// ---- what is shown -------------------------------------------------------------------------------

// With the block held of that number, and with the first ones of other branches.
void Witness::compare(const Signed<Block>& theirs) {
  const auto against = [&](const Bytes& bytes) {
    const auto held = lotmark::open<Block>(bytes, chain_.chain_id());
    if (held && held->kid == theirs.kid && held->id != theirs.id &&
        held->body.term == theirs.body.term && held->body.number == theirs.body.number)
      accuse(proof::make_block_fork, bytes, theirs.bytes);
  };
  const auto ours = chain_.block(theirs.body.number);
  if (ours) against(*ours);
  for (const auto& b : branches_.all()) {
    if (b.from == theirs.body.number && !b.first.empty()) against(b.first);
  }
}

void Witness::remember_ours(std::uint64_t from) {
  ours_.reset();
  const auto base = chain_.id_of(from - 1);
  if (!base) return;
  Branch b{from, *base, {}, {}};
  for (std::uint64_t n = from; n < chain_.size() && b.ids.size() < Branches::kIds; ++n) {
    const auto id = chain_.id_of(n);
    if (!id) return;
    b.ids.push_back(*id);
  }
  if (auto first = chain_.block(from)) b.first = *std::move(first);
  if (!b.ids.empty()) ours_ = std::move(b);
}

// What was ours and is not any more.
void Witness::note_taken_back() {
  if (chain_.taken_back() == taken_back_) return;
  taken_back_ = chain_.taken_back();
  votes_due_ = true;
  if (ours_) branches_.add(*std::exchange(ours_, std::nullopt));
}

void Witness::parted(const std::vector<Signed<Block>>& theirs) {
  note_taken_back();
  if (theirs.empty() || theirs.front().body.number == 0) return;
  if (!by_a_supervisor(theirs.front(), chain_)) return;
  for (const auto& block : theirs) {
    if (block.body.number >= chain_.size()) break;
    if (block.kid != theirs.front().kid && !by_a_supervisor(block, chain_)) break;
    compare(block);
    if (block_forker(block.kid)) break;  // one pair is enough
  }
  const Signed<Block>& first = theirs.front();
  if (!first.body.prev) return;
  remember_ours(first.body.number);
  Branch b{first.body.number, *first.body.prev, {}, first.bytes};
  for (const auto& block : theirs) b.ids.push_back(block.id);
  if (branches_.add(std::move(b))) votes_due_ = true;
}

// A signature that fits no root here is of another history: whoever showed the vote may know it.
void Witness::voted(ByteView bytes, const KeyId& from, const Status& added) {
  auto vote = read_vote(bytes, chain_.chain_id(), false);
  if (!vote) return;
  if (added) {
    if (votes_.has_strange(vote->kid)) votes_due_ = true;
    return;
  }
  if (added.code() != Errc::kCoseSignature) return;
  const std::uint64_t size = vote->claims.size;
  if (!votes_.strange(*std::move(vote), from)) return;
  votes_due_ = true;
  inquire(from, size);
}

void Witness::turned(const Signed<Turn>& turn) {
  const auto other = turns_.see(turn, chain_.chain_id());
  if (other && *other) accuse(proof::make_turn_fork, **other, turn.bytes);
}

void Witness::forked(ByteView transaction, ByteView other) {
  accuse(proof::make_transaction_fork, transaction, other);
}

void Witness::forked_device(ByteView wire, ByteView other) {
  if (is_new(wire, other)) keep(make_device_fork(chain_, wire, other));
}

void Witness::promised(const Signed<Promise>& promise, ByteView object, const Digest& application) {
  const Status added = promises_.add(promise, object, application);
  if (!added)
    log::warn("evidence.not_made",
              {{"promise", short_hex(promise.id)}, {"error", added.error().message()}});
}

// ---- what is asked and due -----------------------------------------------------------------------

void Witness::inquire(const KeyId& from, std::uint64_t vote_size) {
  if (from == self_) return;
  const std::uint64_t at = std::min(vote_size, std::max<std::uint64_t>(chain_.final_size(), 1));
  Inquiry& i = inquiries_[from];
  i.from = std::max<std::uint64_t>(1, at - std::min(at, kBackwards));
  i.wanted = true;
}

void Witness::answered(const Reply& reply) {
  auto list = reply.ok() ? decode_list(reply.body) : Result<std::vector<Bytes>>(Errc::kNetwork);
  if (!list) return;
  std::vector<Signed<Block>> theirs;
  for (const auto& bytes : *list) {
    auto block = lotmark::open<Block>(bytes, chain_.chain_id());
    if (!block || (!theirs.empty() && block->body.prev != theirs.back().id)) break;
    const auto ours = chain_.has_id(block->body.number, block->id);
    if (theirs.empty() && (!ours || *ours)) continue;
    theirs.push_back(*std::move(block));
  }
  parted(theirs);
}

std::vector<Outgoing> Witness::tick(Time now) {
  now_ = now;
  note_taken_back();
  std::vector<Outgoing> out;
  for (auto& [kid, i] : inquiries_) {
    if (!i.wanted || now < i.due) continue;
    i.wanted = false;
    i.due = now + kInquiryPause;
    out.push_back({kid,
                   "GET",
                   "/peer/v1/blocks?from=" + std::to_string(i.from),
                   {},
                   [this](const Reply& reply) { answered(reply); }});
  }
  if (votes_due_ && now >= judge_due_) {
    votes_due_ = false;
    judge_due_ = now + kJudgePause;
    const auto files = votes_.judge(chain_, branches_);
    if (!files) keep(files.error());
    else
      for (const auto& file : *files) keep(file);
  }
  if (now >= promises_due_) {
    promises_due_ = now + kPromisePause;
    look_at_promises(now);
  }
  return out;
}

void Witness::look_at_promises(Time now) {
  const auto files = promises_.due(chain_);
  if (!files) return keep(files.error());
  for (const auto& file : *files) keep(file);
  promises_unmet_ += files->size();
  const auto counts = promises_.count(chain_, now);
  if (!counts) return keep(counts.error());
  promises_now_ = *counts;
}

std::vector<std::pair<std::string, double>> Witness::metrics() const {
  return {{"lotmark_evidence_files", static_cast<double>(store_.size())},
          {"lotmark_evidence_turned_away_total", static_cast<double>(store_.turned_away())},
          {"lotmark_promises_held", static_cast<double>(promises_now_.held)},
          {"lotmark_promises_overdue", static_cast<double>(promises_now_.overdue)},
          {"lotmark_promises_unmet_total", static_cast<double>(promises_unmet_)}};
}

}  // namespace lotmark::node
