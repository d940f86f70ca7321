// A source of readings: a file, a child program, a line with frames. Each runs on a thread of its own, so
// that one that is dead or slow stalls no other.
#pragma once

#include <atomic>
#include <vector>

#include "core/base/bytes.h"
#include "core/base/result.h"
#include "edge-agent/source/reading.h"

namespace lotmark::agent {

// A signed object that came ready from a device behind the agent; carried on as it is.
enum class ObjectKind { kStart, kBundle, kState };
struct DeviceObject {
  ObjectKind kind = ObjectKind::kStart;
  Bytes object;
};

// Where a source hands things to. Its calls block while the agent cannot take more; false: stop now.
class Sink {
 public:
  virtual ~Sink() = default;
  virtual bool put(std::vector<Reading> readings) = 0;
  virtual bool put(DeviceObject object) = 0;
  // As put(), for what cannot wait: a sensor is read on. What finds no room within `patience` is left with the caller, to be
  // declared (outbox-full) with what comes next.
  enum class Offer { kTaken, kFull, kClosed };
  virtual Offer offer(std::vector<Reading>& readings, Millis /*patience*/) {
    return put(std::move(readings)) ? Offer::kTaken : Offer::kClosed;
  }
  // Gaps of a source that was told to stop: they are taken whatever is full.
  virtual void last(std::vector<Reading> /*gaps*/) {}
  // A recorded input has nothing more for now: what it put is sealed, and after a restart it goes on at `at`.
  virtual bool pause(Position /*at*/) { return true; }
};

// Read from any thread.
struct SourceCounts {
  std::atomic<std::uint64_t> records = 0;  // lines or frames that were understood
  std::atomic<std::uint64_t> bad = 0;      // passed over: no time, no JSON, too long, damaged
};

// What a source is made with beside its options.
struct SourcePlace {
  const Clock& clock;  // outlives the source
  Digest chain;        // told to a device that is not yet enrolled
  Position start;      // a recorded input goes on here
};

class Source {
 public:
  virtual ~Source() = default;
  // Times come from the input, and the input ends.
  virtual bool recorded() const = 0;
  // Runs until the input ends (a value: where) or stop() was called (nothing). An error is final.
  virtual Result<std::optional<Position>> run(Sink& sink) = 0;
  // From any thread; run() returns soon after.
  virtual void stop() = 0;
  // Hands an answer (an arrival, an ack) or a newer checkpoint down to a device behind the agent.
  virtual void answer(ByteView /*object*/) {}
  virtual void anchor(std::uint64_t /*size*/, const Digest& /*root*/) {}
  const SourceCounts& counts() const { return counts_; }

 protected:
  SourceCounts counts_;
};

// Runs the source; what it throws is its error, and nobody else's.
Result<std::optional<Position>> run_guarded(Source& source, Sink& sink);

}  // namespace lotmark::agent
