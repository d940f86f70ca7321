// Looks through all private rows, again and again, while the node runs: the audit (chain/private/audit.h) on a thread
// of its own, at the lowest priority, in slices with rests between them, its place kept in a file, in constant memory.
// What it finds is told.
#pragma once

#include <condition_variable>
#include <thread>

#include "core/base/clock.h"
#include "ledger-node/chain/private/audit.h"

namespace lotmark::node {

struct WatchFiles {
  std::filesystem::path private_db, chain_db;
  std::filesystem::path state;  // how far a round is: one that was ended goes on after a restart
  Bytes anchor;
  KeyId self;  // the node's own key: its file is its own before any row says so
  std::shared_ptr<const sealed::OpeningKey> opening_key = nullptr;  // for what is sealed
};

class PrivateWatch {
 public:
  // Told after each round that came to its end, from the watch's thread. An error: what kept it from looking. `anew`:
  // all of it was read since this watch began, nothing taken from a round that a restart ended.
  using Told = std::function<void(const Result<chain::AuditReport>& report, bool anew)>;
  // The first round begins at once, each other `pause` after the end of the one before.
  PrivateWatch(WatchFiles files, std::chrono::seconds pause, Told told);
  // Ends a round that is under way.
  ~PrivateWatch();

 private:
  void run();
  Result<chain::AuditReport> round(bool& anew);
  Result<chain::AuditReport> look(const std::filesystem::path& state, bool& anew);
  void forget_state() const;
  // These say whether the watch is to end.
  bool rest();
  bool wait(std::chrono::milliseconds time);

  WatchFiles files_;
  std::chrono::seconds pause_;
  Told told_;
  std::mutex lock_;
  std::condition_variable wake_;
  bool stop_ = false;
  std::chrono::milliseconds since_{};  // CPU time of the thread at the end of the last rest
  std::thread thread_;
};

}  // namespace lotmark::node
