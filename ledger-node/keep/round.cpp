#include "ledger-node/keep/round.h"

#include "core/base/log.h"
#include "ledger-node/chain/public/memory_sum.h"

namespace lotmark::node {

namespace {

Digest sum_of(std::uint64_t part, std::uint64_t at, std::uint64_t begun, std::uint64_t ended) {
  const std::string rest = std::to_string(begun) + " " + std::to_string(ended);
  return chain::memory_sum("checking", part, at, as_bytes(rest), {});
}

}  // namespace

Result<Round> Round::open(chain::PublicChain& chain) {
  LM_ASSIGN(auto check, chain::ChainCheck::begin(chain.database(), chain.anchor_bytes()));
  Round round(chain, std::move(check));
  auto q = chain.database().prepare("SELECT part, at, begun, ended, sum FROM checking");
  if (!q) return round;
  const auto row = q->step();
  if (!row || !*row) return round;
  const std::uint64_t part = q->u64(0);
  const auto sum = q->fixed<Digest>(4);
  if (!sum || *sum != sum_of(part, q->u64(1), q->u64(2), q->u64(3))) return round;
  round.begun_ = from_ms(q->integer(2));
  round.ended_ = from_ms(q->integer(3));
  round.running_ = part < static_cast<std::uint64_t>(chain::CheckPart::kDone);
  if (round.running_) {
    round.check_.go_on_at({static_cast<chain::CheckPart>(part), q->u64(1), {}});
    log::info("keep.round_goes_on", {{"part", chain::name(round.place().part)}, {"at", q->u64(1)}});
  }
  return round;
}

void Round::begin(Time now) {
  faults_.clear();
  check_.go_on_at({});
  begun_ = now;
  running_ = true;
}

Status Round::step(std::uint64_t rows, Time now) {
  std::vector<chain::Fault> found;
  LM_ASSIGN(const bool over, check_.step(rows, found));
  take(std::move(found));
  running_ = !over;
  reload_when_whole();
  if (!over) return {};
  ended_ = now;
  log::info("keep.round_done", {{"size", check_.size()},
                                {"found", faults_.size()},
                                {"open", open_faults()},
                                {"seconds", (unix_ms(ended_) - unix_ms(begun_)) / 1000}});
  return save();
}

Status Round::save() {
  const auto part = static_cast<std::uint64_t>(check_.place().part);
  const std::uint64_t at = check_.place().at;
  LM_ASSIGN(auto q, chain_->database().prepare(
                        "INSERT OR REPLACE INTO checking(only_one, part, at, begun, ended, sum) "
                        "VALUES(1, ?, ?, ?, ?, ?)"));
  q.bind(1, part).bind(2, at).bind(3, unix_ms(begun_)).bind(4, unix_ms(ended_));
  return q.bind(5, sum_of(part, at, unix_ms(begun_), unix_ms(ended_))).run();
}

std::uint64_t Round::open_faults() const {
  return static_cast<std::uint64_t>(
      std::count_if(faults_.begin(), faults_.end(),
                    [](const FoundFault& f) { return f.state == FaultState::kOpen; }));
}

// The tree last: it is made of the blocks' ids.
void Round::take(std::vector<chain::Fault> found) {
  if (found.empty()) return;
  std::stable_partition(found.begin(), found.end(),
                        [](const chain::Fault& f) { return f.remedy != chain::Remedy::kTree; });
  bool tree_mended = false;  // all of it at once
  for (auto& fault : found) {
    ++found_;
    log::error("keep.fault", {{"table", fault.table},
                              {"row", fault.row},
                              {"column", fault.column},
                              {"what", fault.what}});
    if (faults_.size() == kFaults) continue;
    faults_.push_back({std::move(fault), FaultState::kOpen, chain::Mended::kDone, {}});
    FoundFault& f = faults_.back();
    const bool of_tree = f.fault.remedy == chain::Remedy::kTree;
    if (of_tree && tree_mended) done(f, FaultState::kMended);
    else mend(f);
    tree_mended = tree_mended || (of_tree && f.state == FaultState::kMended);
  }
}

// Once all that follows from blocks was looked at: half of it would be worse than what memory holds.
void Round::reload_when_whole() {
  if (!stale_ || (running_ && place().part < chain::CheckPart::kVotes)) return;
  stale_ = false;
  if (Status ok = chain_->reload(); !ok)
    log::error("keep.mend_failed", {{"what", "reload"}, {"error", ok.error().message()}});
}

void Round::mend(FoundFault& f) {
  const auto outcome = chain::Mend(check_).mend(f.fault);
  if (!outcome) {
    log::error("keep.mend_failed",
               {{"what", f.fault.text()}, {"error", outcome.error().message()}});
    return;
  }
  f.wants = *outcome;
  switch (*outcome) {
    case chain::Mended::kDone: return done(f, FaultState::kMended);
    case chain::Mended::kForgotten:
      forgotten_ = true;
      log::warn("keep.forgotten", {{"what", f.fault.text()}});
      return done(f, FaultState::kMended);
    case chain::Mended::kRebuild: rebuild_ = true; return;
    case chain::Mended::kAskBlock:
    case chain::Mended::kAskVotes:
    case chain::Mended::kAskDisclosure:
    case chain::Mended::kNothing: return;
  }
}

void Round::done(FoundFault& f, FaultState state) {
  f.state = state;
  ++mended_;
  stale_ = true;
  log::info(state == FaultState::kMended ? "keep.mended" : "keep.lost", {{"what", f.fault.text()}});
}

void Round::put_block(FoundFault& f, ByteView block) {
  chain::Mend mend(check_);
  const std::uint64_t number = *f.fault.block;
  Status put = chain_->database().transaction([&] { return mend.put_block(number, block); });
  if (!put) {
    log::warn("keep.not_taken", {{"what", f.fault.text()}, {"error", put.error().message()}});
    return;
  }
  for (auto& other : faults_) {
    if (other.state == FaultState::kOpen && other.wants == chain::Mended::kAskBlock &&
        other.fault.block == number)
      done(other, FaultState::kMended);
  }
  reload_when_whole();
}

void Round::settle(FoundFault& f, bool nobody_has_it) {
  done(f, nobody_has_it ? FaultState::kLost : FaultState::kMended);
}

}  // namespace lotmark::node
