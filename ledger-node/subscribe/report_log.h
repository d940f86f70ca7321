// Reports to subscribers in the access log: what leaves on its own is a read of private data as much as what is asked
// for. docs/format/access.md. Any thread.
#pragma once

#include <functional>
#include <mutex>

#include "ledger-node/capture/access_store.h"
#include "ledger-node/subscribe/report.h"
#include "ledger-node/subscribe/subscription.h"

namespace lotmark::node {

class ReportLog {
 public:
  // The place in `moved` up to which every standby holds rows. Empty: no standby.
  using RowsHeld = std::function<std::uint64_t()>;

  // `store` outlives it. `by`: the node.
  ReportLog(AccessStore& store, const KeyId& by, RowsHeld rows_held);

  // Of a report that is about to leave for `receiver`: its entry is on disk when this returns, here and at the standbys,
  // which are waited for at most `longest` (unavailable then).
  Status note(const Subscription& subscription, const Report& report, const std::string& receiver,
              Time now, Millis longest = Millis{2000});

 private:
  Result<KeptAccesses> keep(AccessEntry entry, Time now);

  AccessStore& store_;
  const KeyId by_;
  const RowsHeld rows_held_;
  const decltype(AccessEntry::run) run_;
  std::mutex lock_;
  std::uint64_t number_ = 0;  // of the newest entry that was kept
};

}  // namespace lotmark::node
