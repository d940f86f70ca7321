// Sends what the outbox keeps, in order and with a window, until the node's acks name it. One thread; the
// times come with each call.
#pragma once

#include <atomic>
#include <deque>
#include <functional>

#include "core/bus/bus.h"
#include "edge-agent/outbox/outbox.h"

namespace lotmark::agent {

using Monotonic = std::chrono::steady_clock::time_point;

// What an ack means for this outbox.
struct AckPlan {
  enum class Kind {
    kIgnore,  // of another device or life, old, or impossible
    kTake,    // commit it
    kResend,  // the node stands below what it acked, or needs earlier numbers: send from there
    kGap,     // it asks for what was let go: seal a gap (receiver-lost) over first..last
  };
  Kind kind = Kind::kIgnore;
  const char* why = "";
  std::uint64_t first = 0;
  std::uint64_t last = 0;
};
// `newest` is the ack that counts so far. Bad outboxes aside, no I/O.
Result<AckPlan> plan_ack(const KeptAck& ack, const KeyId& device,
                         const std::optional<KeptAck>& newest, Outbox& outbox);

struct UplinkOptions {
  std::string topic;                        // lotmark/v1/ORG/DEVICE/bundle
  std::size_t window = 64;                  // objects sent and not acked
  std::chrono::milliseconds resend{10000};  // all unacked, after so long without progress
  unsigned backlog_rate =
      0;  // objects a second of those sealed before the connection; 0: any number
};

class Uplink {
 public:
  // `wake` is called, from the bus's thread, when the bus can take more. Bus and outbox outlive this.
  Uplink(UplinkOptions options, bus::Bus& bus, Outbox& outbox, std::function<void()> wake);

  // Told of every connect and loss; nothing is sent before the first. A new connection begins with everything
  // unacked.
  void set_online(bool online, Monotonic now);
  // Everything unacked is sent again.
  void rewind(Monotonic now);
  // The node asks for numbers it lacks; answered at most once a second for one place.
  void rewind_for(std::uint64_t through, Monotonic now);
  // Everything unacked is sent again, and from `seq` on what was acked and is kept still.
  void rewind_to(std::uint64_t seq, Monotonic now);
  // An ack let go up to here, whether it is committed or not.
  void progress(std::uint64_t through, Monotonic now);
  // Sends what window and bus allow.
  Status pump(Monotonic now);
  // When pump is due again without news; nothing while nothing is under way.
  std::optional<Monotonic> deadline() const;
  std::uint64_t sent() const { return sent_; }
  std::uint64_t resends() const { return resends_; }
  bool online() const { return online_; }

 private:
  std::size_t allowed(Monotonic now);

  UplinkOptions options_;
  bus::Bus& bus_;
  Outbox& outbox_;
  std::shared_ptr<std::atomic<bool>> blocked_;  // the bus was full: its next `done` wakes us
  std::function<void()> wake_;
  bool online_ = false;
  std::deque<std::uint64_t> under_way_;
  std::uint64_t next_ = 0;
  std::uint64_t acked_ = 0;
  std::uint64_t backlog_ = 0;  // last seq that was sealed before the connection
  double tokens_ = 0;
  Monotonic filled_at_{};
  std::uint64_t farthest_ = 0;
  Monotonic since_{};
  std::uint64_t asked_ = 0;
  Monotonic asked_at_{};
  std::uint64_t sent_ = 0;
  std::uint64_t resends_ = 0;
};

}  // namespace lotmark::agent
