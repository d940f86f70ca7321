// The engine that gives blocks one order when more than one node could be primary: a log that takes an entry only
// behind the entry its writer names, and a lease that changes hands by compare-and-set. It orders, it does not keep
// (docs/adr/0005): what it acknowledged may be lost again, and nothing is final before a quorum of votes.
//
// NATS JetStream in the product (jetstream_log.h), a log in memory in tests and the simulator. No call waits:
// requests go out, events come back, at the latest after kAnswerWithin. One thread at a time.
#pragma once

#include <variant>
#include <vector>

#include "core/base/bytes.h"
#include "core/base/clock.h"
#include "core/base/result.h"

namespace lotmark::node {

inline constexpr Millis kAnswerWithin{1500};

// Who may order. `beat` goes up by one at each renewal: who watches measures by its own clock how long it stood still.
struct Lease {
  KeyId holder;
  std::uint64_t term = 0;
  std::uint64_t beat = 0;
  bool operator==(const Lease&) const = default;
};

// The lease as the engine has it now; nothing: there is none (a new or an emptied engine, or it was deleted).
// `revision` is what the next put_lease must name; 0 when there is none.
struct LeaseSeen {
  std::optional<Lease> lease;
  std::uint64_t revision = 0;
};

// An entry of the log, each once and in rising order of seq after each LogFound. Bytes are an untrusted block.
struct EntrySeen {
  std::uint64_t seq = 0;
  Bytes block;
};

// The log as it was found after connecting, or made anew after somebody deleted it: entries with first <= seq <= last
// exist; none when last < first. What was seen of it before counts no more: all entries there are come again.
struct LogFound {
  std::uint64_t first = 1;
  std::uint64_t last = 0;
};

// The engine cannot be reached: requests are answered unavailable until LogFound says that it is back.
struct LogLost {};

// The answer to append or put_lease: the seq or the revision it got. conflict: another one was there first.
// unavailable: it is not known whether it was taken.
struct Answered {
  std::uint64_t request = 0;
  Result<std::uint64_t> place;
};

using OrderEvent = std::variant<LeaseSeen, EntrySeen, LogFound, LogLost, Answered>;

class OrderLog {
 public:
  virtual ~OrderLog() = default;
  // What came since the last call, in its order; at most a few hundred at a time.
  virtual std::vector<OrderEvent> poll() = 0;
  // Adds `block` as the entry after `last` (0: the first of an empty log). Several may be on their way, each naming
  // the one before.
  virtual void append(std::uint64_t request, std::uint64_t last, ByteView block) = 0;
  // Sets the lease if its revision still is `revision`.
  virtual void put_lease(std::uint64_t request, std::uint64_t revision, const Lease& lease) = 0;
};

}  // namespace lotmark::node
