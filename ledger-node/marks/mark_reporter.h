// Counts marks that wait in the agency's reports of use, and brings these onto the chain (docs/format/mark.md). One step
// a tick: a report of at most 1,000 serials is made and stored; stored ones are given to the Submitter, as they are,
// until a final block holds each. docs/adr/0044.
#pragma once

#include <map>

#include "ledger-node/marks/mark_store.h"
#include "ledger-node/peer/engine.h"

namespace lotmark::node {

struct MarkReporterConfig {
  Millis every = std::chrono::seconds(60);  // how long the oldest mark of a report waits for others
  std::string organisation;                 // the agency's
  // Puts an object on the chain, or says that it is on its way; the same again is fine.
  std::function<Status(ByteView object, Time now)> submit;
};

class MarkReporter final : public Engine {
 public:
  // Of its reports on the way at once: a member's events that wait are few (docs/operate/peer.md).
  static constexpr std::uint64_t kOnTheWay = 32;

  // `store`, `chain` and `signer` outlive it.
  MarkReporter(MarkStore& store, const chain::PublicChain& chain, const Signer& signer,
               MarkReporterConfig config)
      : store_(store), chain_(chain), signer_(signer), config_(std::move(config)) {}

  std::vector<Outgoing> tick(Time now) override;
  std::vector<std::pair<std::string, double>> metrics() const override;

 private:
  // Whether one was made. A group of which none can be made waits by itself.
  Result<bool> make(Time now);
  Result<Bundling> bundle(const MarkGroup& group) const;
  Result<std::optional<Digest>> counted_before(const MarkGroup& group,
                                               const std::string& serial) const;
  bool is_own(const KeyId& agency) const;
  // Those on their way, and the next ones.
  Status bring(Time now);
  Status look_after(const MadeReport& report, ReportState state, Time now);
  Status not_taken(const MadeReport& report, ReportState before, const Error& why, Time now);
  // Marks of lots that are cut, one lot a call.
  Status forget_cut_lots();

  MarkStore& store_;
  const chain::PublicChain& chain_;
  const Signer& signer_;
  MarkReporterConfig config_;
  Time look_due_{};
  Time bring_due_{};                    // later where nothing can be submitted
  std::map<MarkGroup, Time> make_due_;  // of groups that no report could be made of
  std::map<Digest, Time> report_due_;   // of reports that were not taken
  std::uint64_t turn_ = 0;              // the row behind which reports have their turn next
  std::pair<Gtin, LotNumber> looked_at_;
  std::uint64_t open_ =
      1;  // reports that no final block holds; at the start they are not counted yet
};

}  // namespace lotmark::node
