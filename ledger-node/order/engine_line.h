// What a supervisory node does with the ordering engine: keeps or watches the lease, reads the log, and puts one
// block after another behind the log's end. No I/O of its own.
#pragma once

#include <algorithm>
#include <functional>
#include <memory>

#include "ledger-node/order/lease.h"

namespace lotmark::node {

class EngineLine {
 public:
  EngineLine(std::unique_ptr<OrderLog> log, KeyId self, unsigned rank);

  // Takes what came; each entry's bytes go to `entry`.
  void pump(Time now, const std::function<void(ByteView)>& entry);
  // Renews or takes the lease where that is due; `wanted` is the term it is to name.
  void keep_lease(std::uint64_t wanted, Time now);
  bool held(std::uint64_t term, Time now) const { return lease_.held(term, now); }
  std::uint64_t lease_term() const { return lease_.term(); }
  void rest(Time until) { lease_.rest(until); }

  // The log was found and read to its end: a block may be placed.
  bool readable() const { return found_ && position_ >= end_; }
  bool connected() const { return found_; }
  // The newest entry's bytes since the log was found; empty if there is none.
  const Bytes& newest() const { return newest_; }
  // For how long the engine was not seen to take anything from anybody, or its log could not be read: an engine
  // that lives renews somebody's lease twice a second.
  Millis silence(Time now) const { return now - std::min(took_, read_); }
  // The block that is to be placed was asked for again and again, for too long.
  bool stuck(Time now) const;
  bool leased_to_other() const { return lease_.others(); }
  // How often the log was found anew: what it lacks is to be put back then.
  std::uint64_t founds() const { return founds_; }

  // Asks for `block` as the next entry, again and again until placed() gives it back, or it is dropped.
  void place(Bytes block);
  bool placing() const { return block_.has_value(); }
  std::optional<Bytes> placed();
  void drop() { block_.reset(), placed_ = false, request_ = 0; }

 private:
  void on(const LeaseSeen& e);
  void on(const EntrySeen& e);
  void on(const LogFound& e);
  void on(const LogLost& e);
  void on(const Answered& e);
  void ask();

  std::unique_ptr<OrderLog> log_;
  LeaseKeeper lease_;
  Time now_{};
  Time took_{};   // when it was last seen to take something
  Time read_{};   // when its log was last readable
  Time begun_{};  // of the present block's placing
  std::optional<Lease> lease_seen_;
  const std::function<void(ByteView)>* entry_ = nullptr;
  bool found_ = false;
  std::uint64_t position_ = 0;  // of the newest entry seen
  std::uint64_t end_ = 0;       // of the log when it was found
  std::uint64_t founds_ = 0;
  Bytes newest_;
  std::uint64_t requests_ = 0;
  std::uint64_t lease_request_ = 0;  // 0: none on its way
  std::uint64_t request_ = 0;        // of the block on its way, 0: none
  Time again_{};                     // when to ask again
  std::optional<Bytes> block_;
  bool placed_ = false;
  std::uint64_t refusals_ = 0;  // answers that the present block was not placed
};

}  // namespace lotmark::node
