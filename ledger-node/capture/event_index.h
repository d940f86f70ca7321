// Rows that follow from captured events: the terms they are found by, and which of them stand in no record yet.
#pragma once

#include <map>

#include "core/store/database.h"
#include "ledger-node/capture/captured_event.h"

namespace lotmark::node {

// What events are found by, gathered and then written in the order of the tables: in that of events each term would be
// another page. In memory until then: 24 bytes a term.
class IndexRows {
 public:
  // The terms of event `n`, and the resources it names.
  void add(std::uint64_t n, const CapturedEvent& event);
  // Writes what was added since, and forgets it. In the caller's transaction.
  Status write(const store::Database& db);
  void clear();

 private:
  struct Term {
    std::int64_t h = 0;
    std::int64_t t = 0;
    std::uint64_t n = 0;
    auto operator<=>(const Term&) const = default;
  };
  std::vector<Term> terms_;
  std::vector<std::pair<ResourceKind, std::string>> values_;
};

struct StoredEvent {
  std::uint64_t n = 0;
  std::optional<std::string> id;
  Digest hash;
  std::uint64_t recorded = 0;  // ms UTC
  std::uint64_t context = 0;   // event_context.k
  std::string body;

  // eventID, or the event hash's URI where it was sent without.
  std::string id_text() const;
};
// eventTime, ms UTC. corrupt if it has none.
Result<std::int64_t> event_time_of(const StoredEvent& event);
// Gives an event that was sent without eventID the one it has here.
void add_own_id(epcis::EventFacts& facts, const Digest& hash);
// corrupt if its hash has another size. Nothing if there is none.
Result<std::optional<StoredEvent>> read_event(const store::Database& db, std::uint64_t n);
Result<std::string> read_context(const store::Database& db, std::uint64_t k);

// Contexts of documents, each read once, up to a bound. In one thread.
class ReadContexts {
 public:
  // `db` must outlive it.
  explicit ReadContexts(const store::Database& db) : db_(&db) {}
  // Of row `k`; good until the next is asked for. corrupt if it is missing, usage if it is none.
  Result<const epcis::Context*> of(std::uint64_t k);
  void clear() { known_.clear(); }

 private:
  const store::Database* db_;
  std::map<std::uint64_t, epcis::Context> known_;
};

// The start signal of the first lot among these that is open and not stopped.
Result<std::optional<Digest>> open_lot_of(const store::Database& db,
                                          const std::vector<LotName>& lots);

// Makes the pending rows anew from what stands in records: of rows that came out of a copy. An event that a prepared
// step holds, or that names an open lot, waits for that lot.
Status rebuild_pending(const store::Database& db);
// The same in the caller's transaction.
Status renew_pending(const store::Database& db);

}  // namespace lotmark::node
