// How many lots an enterprise opens and has released, against what it said it can make. More than that in the period is
// abnormal: a supervisory node sees the chain, a reviewer the openings too; whoever sees it tells the others over
// POST /peer/v1/rates (docs/operate/peer.md), whose token signs what is said. It accuses nobody and refuses nothing.
#pragma once

#include <deque>

#include "core/store/database.h"
#include "ledger-node/peer/engine.h"

namespace lotmark::node {

struct CapacityLimit {
  std::string organisation;
  std::uint64_t lots = 0;  // in any period
  std::uint64_t period_s = 86400;
};

class Capacity final : public Engine {
 public:
  // `chain` and `private_db` (of a reviewer, else null) must outlive it.
  Capacity(const chain::PublicChain& chain, const KeyId& self, std::vector<CapacityLimit> limits,
           const store::Database* private_db)
      : chain_(chain), self_(self), private_db_(private_db) {
    for (auto& l : limits) watched_.push_back({std::move(l), {}, {}, {}, false});
  }

  std::optional<Reply> peer(const Route&, const Call&, const Member&, Time) override;
  std::vector<Outgoing> tick(Time now) override;
  std::vector<std::pair<std::string, double>> metrics() const override;

  struct Report {
    std::string from;
    std::string what;  // releases, openings
    std::string organisation;
    std::uint64_t lots = 0, limit = 0, period_s = 0;
    std::uint64_t at = 0;  // ms UTC
  };
  // The newest of each who said it and of whom, this node's own among them; at most 256.
  const std::vector<Report>& reports() const { return reports_; }

 private:
  struct Watched {
    CapacityLimit limit;
    std::deque<std::uint64_t>
        released;              // block times of the newest lots, at most one above the limit
    std::optional<Time> told;  // when this node last told of it
    std::uint64_t rate = 0;    // as of the last look
    bool abnormal = false;
  };
  Status read_chain(Time now);
  Result<std::uint64_t> openings(const Watched& w, std::uint64_t since) const;
  void look(Watched& w, Time now, std::vector<Outgoing>& out);
  void tell(const Report& report, std::vector<Outgoing>& out);
  void keep(Report report);
  Result<Reply> take(const Call& call, const Member& from, Time now);

  const chain::PublicChain& chain_;
  KeyId self_;
  const store::Database* private_db_;
  std::vector<Watched> watched_;
  std::optional<std::uint64_t> seen_;  // the newest lot block that was counted
  Time due_{};
  std::vector<Report> reports_;
  std::map<std::string, std::uint64_t> told_by_peers_;  // by organisation told of
  std::uint64_t turned_away_ = 0;
};

}  // namespace lotmark::node
