// Fetches one applied lot's rows and bundles from the enterprise. No I/O of its own: it says what to ask and
// takes the replies. docs/operate/peer.md.
#pragma once

#include "core/base/clock.h"
#include "ledger-node/peer/call.h"
#include "ledger-node/review/findings.h"

namespace lotmark::review {

struct FetchSettings {
  KeyId enterprise;
  Digest start;
  std::uint64_t intake_until = 0;  // ms UTC: how long to wait for the chain to log the evidence
  std::uint64_t give_up_at = 0;  // ms UTC: of an enterprise that cannot be reached, or whose sealed
                                 // segments do not open here
  Digest chain;
  std::shared_ptr<const sealed::OpeningKey> opening_key = nullptr;  // null: it has none
};

// What came of it; what is missing is unreadable.
struct Fetched {
  std::optional<LotRows> rows;
  Bytes rows_bytes;
  std::string unreadable;
  std::map<Digest, FetchedBundle> bundles;
};

class Fetch : public std::enable_shared_from_this<Fetch> {
 public:
  explicit Fetch(const FetchSettings& settings) : settings_(settings) {}

  // Takes what was answered and gives what is to be asked now. `head`: the enterprise's newest intake head that
  // a period block logged. Replies reach it only while it lives.
  std::vector<node::Outgoing> tick(const Checkpoint& head, Time now);
  bool done() const { return done_; }
  // Why it is still asked for, in at most limits::kText bytes of which an enterprise may have said some; empty: nothing
  // that is waited for went wrong so far. Until the next tick.
  std::string_view why() const;
  Fetched take();

 private:
  // One thing asked for until it is there or given up.
  struct Ask {
    std::string path;
    std::uint64_t due = 0;
    unsigned bad = 0;      // answers that were none
    unsigned silent = 0;   // times nothing came back
    bool waiting = false;  // a call is out
    std::optional<node::Reply> reply;
    std::string why;  // of the newest failure
    bool given_up = false;
  };
  struct BundleAsk {
    Digest id;
    Ask ask;
    std::optional<FetchedBundle> got;
    Checkpoint head;  // when it was asked for
  };

  void take_rows(std::uint64_t now);
  void keep_rows(LotRows rows);
  std::string closed_in(const LotRows& rows);
  void take_bundles(std::uint64_t now);
  // False if the reply holds nothing; then it is asked again later, or given up.
  bool usable(Ask& ask, std::uint64_t now);
  // Asked for again later and later, at least every `again_max` ms.
  void failed(Ask& ask, std::string why, bool bad, std::uint64_t now, std::uint64_t again_max);
  node::Outgoing call(Ask& ask, std::function<Ask*(Fetch&)> find);
  void ask_bundles(const Checkpoint& head, std::uint64_t now, std::vector<node::Outgoing>& out);
  bool waits_for_head(const Checkpoint& head, std::uint64_t now);

  FetchSettings settings_;
  Ask rows_ask_;
  Fetched out_;
  struct {
    std::size_t row = 0;
    std::uint64_t segment = 0;
  } opened_;            // sealed segments before it opened once
  bool named_ = false;  // the rows are read: bundles_ holds what they name
  std::vector<BundleAsk> bundles_;
  std::size_t held_bytes_ = 0;
  bool done_ = false;
};

}  // namespace lotmark::review
