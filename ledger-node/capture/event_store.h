// Captures EPCIS events into private.db, each once, before anything is answered. docs/format/events.md.
//
// It has its own connection and its own lock: all functions may be called from any thread.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>

#include "core/base/clock.h"
#include "ledger-node/capture/capture_request.h"
#include "ledger-node/capture/event_index.h"

namespace lotmark::node {

// `errors` of a job that has not come to its end: of a capture that is under way, or was cut short between two parts.
inline constexpr std::string_view kUnendedErrors =
    R"([{"type":"epcisException:ImplementationException","title":"This capture has not come to its end","status":503,)"
    R"("detail":"what was kept by then stays: while nothing more comes, send the document again"}])";

struct CaptureOutcome {
  enum class State { kStored, kHeld, kRefused };  // kHeld: the same event was captured before
  struct Item {
    State state = State::kStored;
    std::string id;
    std::string why;  // of a refused one
  };
  std::string job;  // its id; empty for a single event
  bool success = true;
  std::vector<Item> items;  // as in the request
  std::uint64_t moved = 0;  // place of all this in `moved`: what a standby must hold
};

class EventStore {
 public:
  static Result<std::unique_ptr<EventStore>> open(const std::filesystem::path& private_db);

  // What is stored is on disk when this returns, and its recordTime never below an earlier one. An event whose eventID
  // is known is held already if it is the same by its event hash, stored beside it if it declares an error of it, and
  // refused else; so is one that cannot be hashed. Of kRollback, one refusal stores none.
  //
  // kProceed goes to the disk part by part, with a pause between two in which others write to private.db; each part's
  // recordTime is of when it is written. After an error the parts before are kept, as the job says; sent again they are
  // held already.
  Result<CaptureOutcome> capture(CaptureRequest request, const Clock& clock);
  Result<CaptureOutcome> capture(CaptureRequest request, Time now) {
    return capture(std::move(request), ManualClock(now));
  }

  // Waits for nobody who captures.
  std::vector<std::pair<std::string, double>> metrics() const;

 private:
  struct Group;
  explicit EventStore(store::Database db) : db_(std::move(db)) {}
  Status load();
  Result<std::uint64_t> context_row(const std::string& json);
  Result<CaptureOutcome::Item> judge(const CapturedEvent& event);
  Status insert(const CapturedEvent& event, std::uint64_t context);
  // Events of a request from one up to another.
  struct Part {
    std::size_t from = 0;
    std::size_t to = 0;
  };
  Status take(const Group& group, const Part& part, CaptureOutcome& outcome);
  Status take_or_none(const Group& group, CaptureOutcome& outcome);
  Status store_whole(const Group& group, CaptureOutcome& outcome);
  Status store_parts(const Group& group, const std::vector<Part>& parts, const Clock& clock,
                     CaptureOutcome& outcome);
  Status store_part(const Group& group, const Part& part, bool ends, std::uint64_t first,
                    CaptureOutcome& outcome);
  Result<std::uint64_t> moved_top() const;
  Status put_job(const CaptureRequest& request, CaptureOutcome& outcome, std::uint64_t first);
  Status write_job(const CaptureRequest& request, const CaptureOutcome& outcome,
                   std::uint64_t first, std::string_view errors);

  mutable std::mutex lock_;
  store::Database db_;
  IndexRows index_;                                       // of the transaction that is under way
  std::chrono::steady_clock::time_point others_until_{};  // after a capture of more than a part
  std::uint64_t last_ = 0;                                // newest event
  std::uint64_t time_ = 0;                                // its recordTime, ms UTC
  std::atomic<std::uint64_t> events_ = 0;                 // last_ as it is on disk
  std::atomic<std::uint64_t> stored_ = 0, held_ = 0, refused_ = 0;
};

}  // namespace lotmark::node
