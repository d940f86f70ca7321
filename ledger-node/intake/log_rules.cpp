#include "ledger-node/intake/log_rules.h"

namespace lotmark::node {

namespace {

Placed refused(LifeNumber life, Errc error) { return {Placed::kRefused, error, life, 0, {}}; }

// Steps 4 to 6: at or below the position.
Result<Placed> place_below(const Claimed& o, LifeNumber life, HeldObjects& held) {
  LM_ASSIGN(const bool known, held.holds(o.device, o.id));
  if (known) return Placed{Placed::kAgain, Errc::kOk, life, 0, {}};
  if (o.gap) return refused(life, Errc::kGapBelowPosition);
  LM_ASSIGN(auto other, held.covering(life, o.seq));
  if (!other) return fail(Errc::kCorrupt, "nothing covers a seq below the position");
  // The last of a gap came after all: it is the object that the gap names.
  if (other->last == o.seq && other->end == o.id)
    return Placed{Placed::kAgain, Errc::kOk, life, 0, {}};
  // Within a gap nobody knows the ids: it gave way, and its device said so.
  if (o.seq < other->last) return refused(life, Errc::kGapBelowPosition);
  Placed p = refused(life, Errc::kSeqConflict);
  p.against = std::move(other->wire);
  return p;
}

// Step 8. Of a gap that is cut prev stands below the position: compared where the id there is known.
Result<bool> follows(const Claimed& o, LifeNumber n, const DeviceLogs::Life& life,
                     HeldObjects& held) {
  if (o.seq == 1) return o.prev ? held.holds(o.device, *o.prev) : Result<bool>(true);
  if (o.seq == life.seq + 1) return o.prev == life.id;
  LM_ASSIGN(auto before, held.covering(n, o.seq - 1));
  if (!before) return fail(Errc::kCorrupt, "nothing covers a seq below the position");
  return before->last != o.seq - 1 || before->end == o.prev;
}

}  // namespace

Result<Placed> place(const Claimed& o, DeviceLogs& logs, HeldObjects& held, std::uint64_t now) {
  std::optional<LifeNumber> open = logs.open_life(o.device);
  if (!open || logs.at(*open).life != o.life) {
    if (logs.is_closed(o.device, o.life)) return refused(open.value_or(0), Errc::kLifeClosed);
    open = logs.open(o.device, o.life, now);
  }
  const DeviceLogs::Life& life = logs.at(*open);
  if (o.last <= life.seq) return place_below(o, *open, held);
  if (o.seq > life.seq + 1) return refused(*open, Errc::kNeedSeq);
  LM_ASSIGN(const bool right, follows(o, *open, life, held));
  if (!right) return refused(*open, Errc::kPrevMismatch);
  return Placed{Placed::kNext, Errc::kOk, *open, life.seq + 1, {}};
}

}  // namespace lotmark::node
