// Readings in, sealed bundles out: windows, numbers and links (docs/format/device.md, bundle). No I/O; the
// time comes with each call.
//
// Each source has a lane of its own, so that one whose times lag, or lie years back, does not cut the
// windows of another. All lanes share one chain of numbers.
#pragma once

#include <map>
#include <optional>
#include <vector>

#include "core/base/clock.h"
#include "edge-agent/bundle/window.h"
#include "edge-agent/source/when_full.h"

namespace lotmark::agent {

struct BundlerOptions {
  Digest chain;
  std::uint64_t window_ms = 60000;
};

// What goes on from run to run.
struct ChainState {
  LifeId life;
  std::uint64_t seq = 0;     // of the last bundle sealed, 0 before the first
  std::optional<Digest> id;  // its id
  std::uint64_t boot = 0;
  std::optional<Checkpoint> anchor;
  // Time of each channel's last sealed reading: evidence joins a channel's bundles, so times never fall.
  std::map<std::string, std::uint64_t, std::less<>> last;
};

struct SealedBundle {
  std::uint64_t seq = 0;
  Digest id;
  Bytes wire;
  std::uint64_t readings = 0;
  WhenFull when_full = WhenFull::kBlock;
};

// What became of a reading.
enum class Added {
  kTaken,  // it is in the open window, as a reading or a gap
  kLate,   // dropped: older than the newest of its channel or, live, ahead of the clock
  kAhead,  // recorded, and refused: later than can have been recorded
};

class Bundler {
 public:
  // `signer` outlives the bundler.
  Bundler(const BundlerOptions& options, const Signer& signer, ChainState state)
      : options_(options), signer_(signer), state_(std::move(state)), last_(state_.last) {}

  // Recorded: times come from an input file; else they are this machine's clock.
  std::size_t add_lane(bool recorded, WhenFull when_full = WhenFull::kBlock);

  // Seals what is open in the lane first, if the reading lies in another window or does not fit in. A reading
  // older than the newest of its channel is dropped and declared (clock-set), also a live one more than a minute
  // ahead of `now`. Where the newest of a live channel is that far ahead, the clock was, and is right now: the open
  // window it is in is let go and declared at the time of the reading, which is then taken; a sealed one forbids it.
  // A recorded one that far ahead is no record: it is declared (not-a-number) at the newest of its channel, if there
  // is one; an unset clock refuses none. field-range, and nothing done: a time or name no bundle can hold.
  Result<Added> add(std::size_t lane, const Reading& reading, Time now, ClockState clock,
                    std::vector<SealedBundle>& out);
  // Puts an alarm into the lane's open window: `rule` was raised or ended at `t` (ms UTC), `reading` is its channel's
  // last. Opens a window, or seals one that is full. field-range, and nothing done: a time no bundle can hold.
  Status alarm(std::size_t lane, const std::string& rule, std::int64_t t,
               const std::optional<Reading>& reading, Time now, ClockState clock,
               std::vector<SealedBundle>& out);
  // Seals live lanes whose window ended half a second ago or more.
  Status tick(Time now, ClockState clock, std::vector<SealedBundle>& out);
  // Seals what is open in the lane, if anything.
  Status seal(std::size_t lane, Time now, ClockState clock, std::vector<SealedBundle>& out);

  // Lets go of what is open in the lane as if it had never come: its input will be read again.
  void forget(std::size_t lane);

  // Where the input of the lane's open window begins; nothing if none is open.
  std::optional<Position> open_from(std::size_t lane) const;
  // The next tick that can seal something.
  std::optional<Time> deadline() const;

  // Takes a newer checkpoint; an older one is passed over.
  void set_anchor(const Checkpoint& anchor);
  const ChainState& state() const { return state_; }
  std::uint64_t dropped() const { return dropped_; }
  // Until when live readings are dropped because some of theirs were sealed under a clock that was ahead; the epoch if none
  // are.
  Time dropping_until() const { return dropping_until_; }

 private:
  struct Lane {
    bool recorded = false;
    WhenFull when_full = WhenFull::kBlock;
    std::optional<Window> window;
    ClockState worst = ClockState::kSynchronised;  // that the open window saw
  };
  Window& window_at(Lane& lane, std::uint64_t t, Position at);
  Status take_back(std::size_t place, const std::string& channel, std::uint64_t t, Time now,
                   ClockState clock, std::vector<SealedBundle>& out);
  Status declare(std::size_t place, const Reading& r, GapReason reason, std::uint64_t from,
                 std::uint64_t to, Time now, ClockState clock, std::vector<SealedBundle>& out);

  BundlerOptions options_;
  const Signer& signer_;
  ChainState state_;
  std::map<std::string, std::uint64_t, std::less<>> last_;  // open windows included
  std::vector<Lane> lanes_;
  std::uint64_t dropped_ = 0;
  Time dropping_until_{};
};

}  // namespace lotmark::agent
