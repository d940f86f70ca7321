// Start signals on their way: published on every broker until the enterprise and a reviewer answered with an
// arrival. One thread; the times come with each call.
#pragma once

#include "edge-agent/uplink/answers.h"
#include "edge-agent/uplink/uplink.h"

namespace lotmark::agent {

class StartRelay {
 public:
  // Buses and outbox outlive this.
  StartRelay(std::string organisation, std::vector<bus::Bus*> buses, const Outbox& outbox,
             std::chrono::milliseconds resend)
      : organisation_(std::move(organisation)),
        buses_(std::move(buses)),
        outbox_(outbox),
        resend_(resend) {}

  // A signal is let go after so long without both answers, counted while the agent runs: a node that was out of reach for
  // weeks still gets it.
  static constexpr std::chrono::hours kUnansweredMax{24 * 60};

  // The row to store for a signal that came from `device`; nothing if it is stored already. Errors of the
  // object, and too-large when a hundred of its key wait unanswered, or four hundred of which none gives way.
  Result<std::optional<StoredStart>> take(const std::string& device, ByteView object,
                                          const Digest& chain) const;
  // The row that gives way to `start`, where four hundred wait: of the key with the most of them.
  std::optional<StoredStart> makes_room(const StoredStart& start) const;
  // Rows that waited too long.
  std::vector<StoredStart> expired(Monotonic now);
  // The row to store after this arrival; nothing if it names no signal that waits, or says nothing new.
  std::optional<StoredStart> answered(const KeptArrival& arrival) const;

  // A broker is back: all at once.
  void rewind() { sent_.clear(); }
  void pump(Monotonic now);
  std::optional<Monotonic> deadline() const;

 private:
  std::optional<StoredStart> room_for(std::size_t of_signer) const;

  std::string organisation_;
  std::vector<bus::Bus*> buses_;
  const Outbox& outbox_;
  std::chrono::milliseconds resend_;
  std::map<Digest, Monotonic> sent_;
  std::map<Digest, Monotonic> since_;  // when this run first saw it
};

}  // namespace lotmark::agent
