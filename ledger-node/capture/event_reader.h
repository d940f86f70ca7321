// What is asked of captured events: by eventID, by a simple event query, by resource; and where each stands on the
// chain. Reads private.db beside the node that writes it. One thread at a time.
#pragma once

#include <chrono>
#include <map>
#include <memory>

#include "core/epcis/query/query.h"
#include "ledger-node/capture/event_candidates.h"
#include "ledger-node/capture/event_index.h"

namespace lotmark::node {

struct EventPage {
  std::vector<StoredEvent> events;
  std::optional<EventPlace> next;  // after which the next page begins; none: there is no more
};

struct CaptureJob {
  std::uint64_t k = 0;  // its row: jobs in order of capture
  std::string id;
  std::uint64_t created = 0, finished = 0;  // ms UTC
  bool proceed = false;
  bool success = false;
  std::string errors;                                             // JSON list of problems
  std::optional<std::pair<std::uint64_t, std::uint64_t>> events;  // first and last row it stored
  std::string owner;                                              // client's id; empty: not known
};

struct JobPage {
  std::vector<CaptureJob> jobs;
  bool is_last = true;
};

// The record that an event stands in, and what brings that record onto the chain.
struct EventRecord {
  Digest commitment;
  std::uint64_t segment = 0;
  std::uint64_t at = 0;       // place of its entry in that segment's tree
  std::optional<Digest> lot;  // start signal of the lot; none: of the organisation's period chain
  std::optional<Digest> transaction;   // id, of a period record
  std::optional<std::uint64_t> block;  // of a lot that is decided
};

class EventReader {
 public:
  // Rows one page looks at before it gives what it has.
  static constexpr std::uint64_t kLookedAtMax = 20'000;
  static constexpr std::size_t kPageBytes = 4 * 1024 * 1024;
  static constexpr std::chrono::milliseconds kPageTime{1500};

  static Result<std::unique_ptr<EventReader>> open(const std::filesystem::path& private_db);

  // In the order of capture: of one eventID several where errors were declared.
  Result<std::vector<StoredEvent>> by_id(std::string_view id);
  // Those behind row `after`, in the order of capture; fewer than `limit` where they are large.
  Result<std::vector<StoredEvent>> behind(std::uint64_t after, std::size_t limit);
  // At most `limit` events that match, in the query's order; fewer, with a next page, where many had to be looked at.
  Result<EventPage> find(const epcis::SimpleQuery& query, std::optional<EventPlace> after,
                         std::size_t limit);
  // The @context of an event's document: as JSON text, and read.
  struct KnownContext {
    std::string json;
    epcis::Context context;
  };
  Result<std::shared_ptr<const KnownContext>> context(std::uint64_t k);

  Result<std::optional<CaptureJob>> job(std::string_view id);
  // Newest first, those before row `before`: of that owner, or everybody's. At most `limit` of them, and fewer where
  // their errors come to kPageBytes.
  Result<JobPage> jobs(std::uint64_t before, std::size_t limit,
                       std::optional<std::string_view> owner = {});
  // Distinct values behind `after`, in order of their bytes.
  Result<std::vector<std::string>> values(ResourceKind kind, std::string_view after,
                                          std::size_t limit);
  Result<bool> has_value(ResourceKind kind, std::string_view value);

  Result<std::optional<EventRecord>> record_of(std::uint64_t n);
  // The records of events first to last, and how many of these each holds; those in none yet are not among them.
  struct RecordPart {
    EventRecord record;
    std::uint64_t count = 0;
  };
  Result<std::vector<RecordPart>> records_of(std::uint64_t first, std::uint64_t last);

  // For what else is read in the same file (ledger-node/subscribe); in this reader's thread.
  const store::Database& database() const { return db_; }

 private:
  explicit EventReader(store::Database db) : db_(std::move(db)) {}
  friend class EventSearch;
  store::Database db_;
  std::map<std::uint64_t, std::shared_ptr<const KnownContext>> contexts_;
};

}  // namespace lotmark::node
