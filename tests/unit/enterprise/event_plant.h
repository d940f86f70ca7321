// A plant whose enterprise captures EPCIS events: some join the step of its open lot, the others period records, and
// some wait. Made by the parts that a node puts together.
#pragma once

#include "ledger-node/capture/access_store.h"
#include "ledger-node/capture/event_reader.h"
#include "ledger-node/capture/event_store.h"
#include "ledger-node/capture/period_recorder.h"
#include "tests/unit/enterprise/plant.h"

namespace lotmark::test {

class EventPlant {
 public:
  explicit EventPlant(Plant& plant);

  // Nothing of it may be used afterwards.
  void shut();

  // One document of so many events, of `lot` or of serials alone; every seventh has no eventID.
  void capture(int count, const std::string& lot = {});
  // So many entries of the access log, as an API process brings them.
  void log_accesses(int count);
  // What the recorder does now. The newest transaction it brought to whoever orders stands in `submitted`.
  void tick();
  void log_newest();  // in a period block

  // Two events of the lot in its first step, five and 40 in two period records of which the chain has one, three that
  // wait, of them one for the lot. The clock goes to minute 21.
  void run();

  Plant& plant;
  std::vector<Bytes> submitted;

 private:
  std::unique_ptr<node::EventStore> store_;
  std::unique_ptr<node::AccessStore> accesses_;
  std::optional<store::Database> db_;
  std::unique_ptr<node::PeriodRecorder> recorder_;
  int made_ = 0;
  std::uint64_t accessed_ = 0;
};

// A recorder over a private.db, which brings transactions to `submitted`. `resumed_at`: the rows came out of a copy then.
std::unique_ptr<node::PeriodRecorder> recorder_over(const store::Database& db,
                                                    const chain::PublicChain& chain,
                                                    const Signer& signer,
                                                    std::vector<Bytes>& submitted,
                                                    std::optional<Time> resumed_at = {});

// eventIDs of all events that a query over that file gives, by eventTime.
std::vector<std::string> found_events(
    const std::filesystem::path& private_db,
    const std::vector<std::pair<std::string, std::string>>& query);

}  // namespace lotmark::test
