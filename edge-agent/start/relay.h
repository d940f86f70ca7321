// Start signals on their way: published on every broker until the enterprise and every reviewer answered with an
// arrival. With the enterprise's and one reviewer's a lot can be opened; a reviewer that was out of reach takes no
// opening before it had the signal itself, so it is sent on to the others for a day. One thread; the times come with
// each call.
#pragma once

#include <set>

#include "edge-agent/uplink/answers.h"
#include "edge-agent/uplink/uplink.h"

namespace lotmark::agent {

class StartRelay {
 public:
  // Buses and outbox outlive this. `reviewers`: all whose arrivals count.
  StartRelay(std::string organisation, std::vector<bus::Bus*> buses, const Outbox& outbox,
             std::set<KeyId> reviewers, std::chrono::milliseconds resend)
      : organisation_(std::move(organisation)),
        buses_(std::move(buses)),
        outbox_(outbox),
        reviewers_(std::move(reviewers)),
        resend_(resend) {}

  // A signal is let go after so long without both answers, counted while the agent runs: a node that was out of reach for
  // weeks still gets it.
  static constexpr std::chrono::hours kUnansweredMax{24 * 60};
  // And so long after both, though not every reviewer answered.
  static constexpr std::chrono::hours kOthersMax{24};
  // Between two sendings for those others, as they stay away: from `resend` to this.
  static constexpr std::chrono::minutes kOthersPauseMax{5};

  // The row to store for a signal that came from `device`; nothing if it is stored already. Errors of the
  // object, and too-large when a hundred of its key wait unanswered, or four hundred of which none gives way.
  Result<std::optional<StoredStart>> take(const std::string& device, ByteView object,
                                          const Digest& chain) const;
  // The row that gives way to `start`, where there are four hundred: of those that only some reviewers lack the one that
  // was answered first, else one of the key with the most of them.
  std::optional<StoredStart> makes_room(const StoredStart& start) const;
  // Rows that waited too long.
  std::vector<StoredStart> expired(Monotonic now);
  // The row to store after this arrival, let go if it was the last; nothing if it names no signal that waits, or says
  // nothing new.
  std::optional<StoredStart> answered(const KeptArrival& arrival);

  // A broker is back: all at once.
  void rewind() { sent_.clear(); }
  void pump(Monotonic now);
  std::optional<Monotonic> deadline() const;
  // Rows that want the enterprise's answer or a first reviewer's.
  std::size_t unanswered() const;

 private:
  struct Since {  // as this run saw it
    Monotonic kept;
    std::optional<Monotonic> answered;
  };
  struct Heard {
    bool enterprise = false;
    std::set<KeyId> reviewers;
  };
  std::size_t unanswered_of(const std::optional<KeyId>& signer) const;
  const StoredStart* answered_first() const;
  const StoredStart* of_most(std::size_t of_signer) const;
  std::optional<StoredStart> room_for(std::size_t of_signer) const;
  void note(Monotonic now);
  std::chrono::milliseconds pause(const Digest& id, Monotonic now) const;

  std::string organisation_;
  std::vector<bus::Bus*> buses_;
  const Outbox& outbox_;
  std::set<KeyId> reviewers_;
  std::chrono::milliseconds resend_;
  std::map<Digest, Monotonic> sent_;  // when it is due again
  std::map<Digest, Since> since_;
  std::map<Digest, Heard> heard_;  // a restart asks all again: nodes answer each time
};

}  // namespace lotmark::agent
