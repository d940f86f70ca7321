// What API processes bring: POST /control/v1/captures, and the access log's own (access_desk.h). docs/operate/peer.md. Any
// thread, without the node's lock.
#pragma once

#include <functional>

#include "ledger-node/capture/access_desk.h"
#include "ledger-node/capture/event_store.h"

namespace lotmark::node {

class CaptureDesk {
 public:
  // Waits until every standby holds the rows up to that place in `moved`; false if that takes too long, or `most` wait
  // already. Empty: no standby.
  using Held = std::function<bool(std::uint64_t moved, int most)>;
  // Of the four threads that answer operators: captures leave one to the access log, and both leave one to all else.
  static constexpr int kCapturesWait = 2;
  static constexpr int kAllWait = 3;

  static Result<std::unique_ptr<CaptureDesk>> open(const std::filesystem::path& private_db,
                                                   Held held);

  // Whose time captured events get as they are written; it must outlive the desk. Without it, that of the call.
  void set_clock(const Clock& clock) { clock_ = &clock; }

  static bool serves(const Call& call, const Route& route);
  // `by`: whose token came with the call. Captures, and entries of the access log, are answered once all of it is on
  // disk, here and at the standbys.
  Reply control(const Call& call, const Route& route, const KeyId& by, Time now);
  std::vector<std::pair<std::string, double>> metrics() const;
  // As long as the desk.
  AccessStore& accesses() const { return accesses_->store(); }

 private:
  std::unique_ptr<EventStore> store_;
  std::unique_ptr<AccessDesk> accesses_;
  Held held_;
  const Clock* clock_ = nullptr;
};

}  // namespace lotmark::node
