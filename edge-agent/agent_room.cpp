// What the agent does when the outbox is full, when nothing moves, and when a node refuses.
#include <algorithm>
#include <utility>

#include "core/base/log.h"
#include "core/wire/bundle_wire.h"
#include "edge-agent/agent.h"

namespace lotmark::agent {

namespace {

using Steady = std::chrono::steady_clock;
constexpr std::size_t kRecordedATurn = 256;  // of a recorded one beside live ones
constexpr int kRefusedTimes = 3;
constexpr int kRoundsMax = 64;
constexpr std::chrono::seconds kDropFor{
    2};  // of a turn: each gap is a signature, and some keys are slow

// A gap in its place helps: what the node does not take is what lies in the bundle. The others tell of the key, the life
// or the order, and a gap would be refused like the bundle.
bool about_the_content(Errc e) {
  switch (e) {
    case Errc::kNeedSeq:
    case Errc::kLifeClosed:
    case Errc::kSeqConflict:
    case Errc::kPrevMismatch:
    case Errc::kGapBelowPosition:
    case Errc::kKeyRevoked:
    case Errc::kDeviceUnknown: return false;
    default: return true;
  }
}

}  // namespace

// How many readings of each source a turn takes. A recorded input waits on its own disk as well as here: beside live
// sources it gets half of the room, and no more bundles on their way than a window, which live ones queue behind.
std::vector<std::size_t> Agent::wanted() const {
  std::vector<std::size_t> out(lanes_.size(), 0);
  if (stuck_ || !unbundled_.empty()) return out;
  bool live = false;
  for (const auto& lane : lanes_) live = live || (!lane.free && !recorded(lane.is));
  const bool room = outbox_.bytes() < config_.outbox_max_bytes;
  const bool half = outbox_.bytes() < config_.outbox_max_bytes / 2;
  const bool few = outbox_.chain().seq - acked() < config_.window;
  for (std::size_t i = 0; i < lanes_.size(); ++i) {
    const SourceConfig& s = lanes_[i].is;
    if (lanes_[i]
            .leaving) {  // its last words: it waits for them to be taken, and another waits for it
      out[i] = readings_a_turn_;
      continue;
    }
    if (recorded(s) && live) {
      out[i] = half && few ? kRecordedATurn : 0;
    } else if (room || (s.when_full != WhenFull::kBlock && !outbox_.conflict() && !all_stays_)) {
      out[i] = readings_a_turn_;
    }
  }
  return out;
}

// A turn that seals more than goes out with it keeps acks and bundles waiting while it signs: the next one takes less.
void Agent::note_load(std::size_t sealed) {
  if (sealed > 2 * config_.window) {
    readings_a_turn_ = std::max(config_.window, readings_a_turn_ / 2);
  } else if (sealed < config_.window) {
    readings_a_turn_ = std::min(kReadingsATurn, 2 * readings_a_turn_);
  }
}

std::uint64_t Agent::acked() const { return std::max(acked_, outbox_.first() - 1); }

// Its object stands in place of what it covers with the next commit.
Status Agent::add_gap(Gap gap, bool dropped) {
  gap.device = signer_->kid();
  const Digest id = gap.lost.value_or(Digest{});
  LM_ASSIGN(auto sealed, seal(gap, *signer_, config_.chain));
  batch_.gaps.push_back({{gap.seq, gap.last, id, std::move(sealed.bytes)}, dropped});
  ++counts_.gaps_sealed;
  return {};
}

// Old bundles and, in a full outbox, the oldest: of sources that allow it. Whole rounds, each one commit.
Status Agent::make_room() {
  const bool may_drop =
      !outbox_.conflict();  // a gap would be taken by nobody: what is here is kept for people
  const auto begun = Steady::now();
  all_stays_ = false;
  for (int round = 0; may_drop && round < kRoundsMax; ++round) {
    const std::uint64_t max = config_.outbox_max_bytes;
    const std::uint64_t age = config_.outbox_max_age_s * 1000;
    const bool full = outbox_.bytes() > max;
    if (!full && age == 0) break;
    const std::uint64_t old = age != 0 && ran_ms() > age ? ran_ms() - age : 0;
    LM_ASSIGN(auto stretches, outbox_.droppable(full ? outbox_.bytes() - max / 16 * 15 : 0, old));
    all_stays_ = full && stretches.empty();
    if (stretches.empty()) break;
    for (const auto& s : stretches) LM_TRY(drop(s));
    if (!commit() || Steady::now() - begun > kDropFor) break;
  }
  const bool full = outbox_.bytes() >= config_.outbox_max_bytes;
  if (full != full_) {
    full_ = full;
    if (full)
      log::warn("outbox.full", {{"bytes", outbox_.bytes()}, {"unacked", outbox_.unacked()}});
    if (!full) log::info("outbox.room", {{"bytes", outbox_.bytes()}});
  }
  return {};
}

Status Agent::drop(const Stretch& s) {
  Gap gap;
  gap.life = outbox_.chain().life;
  gap.seq = s.first;
  gap.last = s.last;
  gap.prev = s.prev;
  gap.lost = s.lost;
  gap.readings = s.readings;
  gap.reason = GapReason::kOutboxFull;
  LM_TRY(add_gap(std::move(gap), true));
  log::warn("outbox.dropped", {{"first", s.first}, {"last", s.last}, {"readings", s.readings}});
  return {};
}

// A bundle that waits for its ack and gets none is no alarm for a while; then it is one, whoever is silent: broker or node.
void Agent::watch_progress(Steady::time_point now) {
  const bool waits = outbox_.chain().seq > acked();
  if (!waits) progress_at_ = now;
  const bool stalled = waits && now - progress_at_ >= std::chrono::seconds(config_.alarm_s);
  if (stalled == stalled_) return;
  stalled_ = stalled;
  if (!stalled) return log::info("outbox.flows", {{"through", acked()}});
  ++counts_.stalls;
  const auto oldest = outbox_.oldest_ms();
  const std::uint64_t age_s = oldest && ran_ms() > *oldest ? (ran_ms() - *oldest) / 1000 : 0;
  log::error("outbox.stalled", {{"broker", uplink_->online() ? "connected" : "lost"},
                                {"unacked", outbox_.chain().seq - acked()},
                                {"oldest_s", age_s}});
}

// The node holds other bundles of this key and life: state_dir is an older copy of itself, or two agents run on copies of
// it. What it acks of that life is not what is kept here: nothing is let go for it any more.
bool Agent::contradicts(const Ack& ack) {
  if (ack.device != signer_->kid() || ack.life != outbox_.chain().life) return false;
  if (outbox_.conflict()) {
    (void)outbox_.note_conflict();  // where the disk did not take it before
    return true;
  }
  const auto other = std::ranges::find(ack.refused, static_cast<std::uint64_t>(Errc::kSeqConflict),
                                       &AckRefusal::error);
  if (other == ack.refused.end()) {
    const auto& newest = batch_.ack ? batch_.ack : outbox_.ack();
    const bool old = newest && ack.time < newest->body.time;  // of before a gap was widened
    if (old && ack.through <= outbox_.chain().seq) return false;
    const auto denied = outbox_.denied_by(ack);
    if (!denied) log::error("outbox.failed", {{"error", denied.error().message()}});
    if (denied && !*denied) return false;
    if (!denied) return true;  // it comes again
  }
  batch_.ack.reset();
  if (auto s = outbox_.note_conflict(); !s)
    log::error("outbox.failed", {{"error", s.error().message()}});
  tell_conflict(other == ack.refused.end() ? ack.through : other->seq, ack.through);
  return true;
}

// Another life of this key is open at the node, which took this one for over: of a second state_dir, or a second gateway. It
// can be a word of before, played back: it is told, and nothing is kept of it.
void Agent::note_closed(const Ack& ack) {
  const bool other = ack.device == signer_->kid() && ack.life != outbox_.chain().life;
  const auto over = static_cast<std::uint64_t>(Errc::kLifeClosed);
  if (!other || std::ranges::find(ack.refused, over, &AckRefusal::error) == ack.refused.end())
    return;
  closed_ = true;
  if (const auto more = closed_told_.due(Steady::now()))
    log::error(
        "life.closed",
        {{"state_dir", config_.state_dir.string()},
         {"left_out", *more},
         {"remedy",
          "see that no other agent runs with this key; then stop, move outbox.db, "
          "outbox.db-wal and outbox.db-shm away and keep them, and start: a new life begins"}});
}

void Agent::tell_conflict(std::uint64_t seq, std::uint64_t through) const {
  log::error(
      "life.conflict",
      {{"seq", seq},
       {"through", through},
       {"sealed", outbox_.chain().seq},
       {"state_dir", config_.state_dir.string()},
       {"remedy",
        "stop; move outbox.db, outbox.db-wal and outbox.db-shm away and keep them; start: a new "
        "life begins"}});
}

// The node stands right before a bundle and will not take it: nothing after it can follow either. After the third time
// its bytes go to a folder, with the node's word, and a gap stands in its place. Of what a node can find wrong in bytes that
// are right here only the length of its window is not in them: the rest is of bytes that were changed on the way.
void Agent::take_refusals(const KeptAck& ack) {
  for (const auto& r : ack.body.refused) {
    const auto error = static_cast<Errc>(r.error);
    if (error == Errc::kNeedSeq) continue;
    ++counts_.refused;
    log::error("bundle.refused", {{"seq", r.seq}, {"error", name(error)}});
    if (r.seq != ack.body.through + 1 || !about_the_content(error)) continue;
    if (ack.body.time <= refused_at_) continue;  // played back: it counted already
    refused_at_ = ack.body.time;
    refused_times_ = refused_seq_ == r.seq ? refused_times_ + 1 : 1;
    refused_seq_ = r.seq;
    uplink_->rewind_for(ack.body.through, Steady::now());
    if (refused_times_ < kRefusedTimes) continue;
    if (auto s = reject(r.seq, error, ack.bytes); !s) {
      log::error("reject.failed", {{"seq", r.seq}, {"error", s.error().message()}});
    }
  }
}

Status Agent::reject(std::uint64_t seq, Errc error, ByteView ack) {
  if (!batch_.gaps.empty()) return {};
  LM_ASSIGN(auto rows, outbox_.from(seq, 1));
  if (rows.empty() || rows[0].seq != seq || is_gap(rows[0].object)) return {};
  const auto mine = open_wire(rows[0].object, config_.chain, [&](const Signed<Bundle>& b) {
    return b.verified_by(signer_->public_key()) ? Errc::kOk : Errc::kCoseSignature;
  });
  if (mine && error != Errc::kBundleCrossesWindow) return {};  // somebody else's bytes, not these
  LM_TRY(rejected_.keep(outbox_.chain().life, seq, rows[0].object, ack));
  LM_ASSIGN(auto stretch, outbox_.stretch_of(seq, seq));
  Gap gap;
  gap.life = outbox_.chain().life;
  gap.seq = seq;
  gap.last = seq;
  gap.prev = stretch.prev;
  gap.lost = stretch.lost;
  gap.readings = stretch.readings;
  gap.reason = GapReason::kNotANumber;
  LM_TRY(add_gap(std::move(gap), false));
  refused_times_ = 0;
  log::error("bundle.rejected",
             {{"seq", seq}, {"error", name(error)}, {"folder", rejected_.folder().string()}});
  return {};
}

}  // namespace lotmark::agent
