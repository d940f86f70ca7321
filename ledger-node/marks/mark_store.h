// Keeps marks of use in marks.db, each once, before its bringer is answered; and the agency's reports that count them,
// each stored before it leaves. docs/format/mark.md.
//
// It has its own lock: all functions may be called from any thread.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <set>

#include "core/base/clock.h"
#include "core/store/database.h"
#include "core/wire/usage.h"

namespace lotmark::node {

// Marks of one lot and kind wait together for one report.
struct MarkGroup {
  Gtin gtin;
  LotNumber lot;
  UsageKind kind = UsageKind::kUsed;
  auto operator<=>(const MarkGroup&) const = default;
};

enum class ReportState : std::uint8_t {
  kMade,     // stored, and not handed on
  kGiven,    // on its way to whoever orders
  kFinal,    // a final block holds it
  kRefused,  // none ever will: its lot was cut first
};
std::string_view name(ReportState state);

// What became of a mark that was brought.
struct KeptMark {
  Digest id;          // under which it is kept: of the same fact, the first one's
  bool added = true;  // false: it was held already
};

struct StoredMark {
  std::uint64_t n = 0;
  Digest id;
  Mark mark;
  KeyId signer;
  std::uint64_t took = 0;  // ms UTC by this node's clock, which may have been wrong
  KeyId by;
  std::optional<Digest> report;
  std::optional<ReportState> state;  // of that report, where it was made of marks
  std::optional<std::uint64_t> block;
};

// What bundling needs of a mark that waits.
struct WaitingMark {
  std::uint64_t n = 0;
  std::optional<std::string> serial;
  std::uint64_t count = 0;
  std::uint64_t time = 0;
};

struct MadeReport {
  std::uint64_t n = 0;
  Digest id;
  MarkGroup group;
  Bytes object;
  std::string error;  // of the last attempt
};

// A report to be stored, and the marks that belong to it, or to reports that were there before.
struct Bundling {
  MarkGroup group;
  std::optional<Sealed> report;
  std::uint64_t units = 0;                                       // that it says
  std::vector<std::uint64_t> marks;                              // counted in it
  std::vector<std::pair<std::uint64_t, Digest>> counted_before;  // mark and report
};

class MarkStore {
 public:
  // Makes it if it is missing.
  static Result<std::unique_ptr<MarkStore>> open(const std::filesystem::path& file);

  // `signer_day`: marks of one signer in 24 h.
  void limit(std::uint64_t signer_day) { signer_day_ = signer_day; }

  Result<bool> holds(const Digest& id) const;
  // Keeps what is checked already; on disk when this returns, or nothing of it is (disk-full, io, store). Of each mark:
  // how it is kept; list-duplicate for another mark of its signer with its nonce; too-large beyond the signer's day.
  Result<std::vector<Result<KeptMark>>> keep(const std::vector<const Signed<Mark>*>& marks,
                                             const KeyId& by, Time now);

  struct Filter {
    std::optional<Gtin> gtin;  // with `lot`
    std::optional<LotNumber> lot;
    std::optional<std::string> serial;  // of that lot
  };
  // Marks behind row `after`, in order.
  Result<std::vector<StoredMark>> page(const Filter& filter, std::uint64_t after,
                                       std::size_t limit) const;

  // Marks that no report counts yet.
  std::uint64_t waiting() const { return waiting_; }
  // A group whose oldest mark waits for `every` or longer, or that has `many` serials, and none of `without`. One taken
  // while the clock ran ahead of `now` has waited long enough.
  Result<std::optional<MarkGroup>> due(Time now, Millis every, std::uint64_t many,
                                       const std::set<MarkGroup>& without = {}) const;
  // In the order in which they were taken.
  Result<std::vector<WaitingMark>> waiting_of(const MarkGroup& group, std::size_t limit) const;
  // The report that counts a mark of that unit and kind already.
  Result<std::optional<Digest>> counted(const MarkGroup& group, std::string_view serial) const;
  // All of it or nothing.
  Status bundle(const Bundling& bundling, Time now);

  // Behind row `after`, in the order in which they were made.
  Result<std::vector<MadeReport>> reports(ReportState state, std::uint64_t after,
                                          std::size_t limit) const;
  Result<std::uint64_t> count(ReportState state) const;
  Status set_state(const Digest& report, ReportState state, std::string_view error,
                   std::optional<std::uint64_t> block = std::nullopt);
  // A report that can never be taken goes, and its marks wait for another one.
  Status forget(const Digest& report);

  // A lot behind this one that has marks; nothing after the last.
  Result<std::optional<std::pair<Gtin, LotNumber>>> lot_after(const Gtin& gtin,
                                                              const LotNumber& lot) const;
  // Its marks and reports go.
  Status forget_lot(const Gtin& gtin, const LotNumber& lot);

  const store::Database& database() const { return db_; }
  // Waits for nobody who brings marks.
  std::vector<std::pair<std::string, double>> metrics() const;

 private:
  explicit MarkStore(store::Database db) : db_(std::move(db)) {}
  Status load();
  Status count_waiting();
  // `today`: marks of each signer in the 24 h before `now`, as far as they were counted.
  Result<KeptMark> insert(const Signed<Mark>& mark, const KeyId& by, std::uint64_t now,
                          std::map<KeyId, std::uint64_t>& today);
  Result<std::uint64_t> marks_today(const KeyId& signer, std::uint64_t now) const;
  // The one that says the same, or has its nonce.
  Result<std::optional<KeptMark>> find_same(const Signed<Mark>& mark) const;

  mutable std::mutex lock_;
  store::Database db_;
  std::uint64_t signer_day_ = 50'000;
  std::atomic<std::uint64_t> marks_ = 0;
  std::atomic<std::uint64_t> waiting_ = 0;
  std::atomic<std::uint64_t> again_ = 0;
};

}  // namespace lotmark::node
