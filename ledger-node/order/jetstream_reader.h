// Puts the entries of the order stream in order: those fetched one by one, whose answers may overtake each other, and
// those the stream republishes as it stores them, of which some may be missing. Pure: says what to fetch next.
// Memory: at most kWindow entries wait for one before them.
#pragma once

#include <map>
#include <vector>

#include "ledger-node/order/order_log.h"

namespace lotmark::node::js {

class Reader {
 public:
  static constexpr std::uint64_t kWindow = 32;

  // Begins anew: entries first..last are there.
  void begin(std::uint64_t first, std::uint64_t last);
  // The seq of the entry that is delivered next: all before it were.
  std::uint64_t next() const { return next_; }

  // Entries to ask for now, which then count as asked for. Nothing while `room` entries are not free.
  std::vector<std::uint64_t> to_fetch(std::uint64_t room);
  // An asked-for entry did not come: it is asked for again.
  void not_fetched(std::uint64_t seq);
  // An entry, by either way. One that was delivered already, or lies beyond the window, is let go.
  void came(std::uint64_t seq, Bytes block);
  // The stream is at least this long.
  void grew_to(std::uint64_t last) { last_ = std::max(last_, last); }
  // At most `room` entries that are next, in order.
  std::vector<EntrySeen> take(std::uint64_t room);

 private:
  std::uint64_t next_ = 1;
  std::uint64_t last_ = 0;
  std::map<std::uint64_t, std::optional<Bytes>> window_;  // asked for, and what came of it
};

}  // namespace lotmark::node::js
