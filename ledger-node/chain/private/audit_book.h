// What an audit remembers: an index of the chain and of the logs that grows on disk instead of in memory, the faults
// found, and how far it is, so that a killed one goes on (docs/operate/audit.md). A SQLite file of its own; one
// connection a thread, of which one writes. Included by the audit's own sources and their tests only.
#pragma once

#include <functional>

#include "core/store/database.h"
#include "core/wire/sign1.h"
#include "core/wire/usage.h"
#include "ledger-node/chain/private/audit.h"
#include "ledger-node/chain/private/audit_sheet.h"

namespace lotmark::chain {

// Parts of an audit, in the order of the report. File 0 is the chain; private files count from 1.
enum class AuditStage : int {
  kFiles = 0,
  kChain = 1,
  kIndex = 2,
  kSelf = 3,
  kIntake = 4,
  kReceived = 5,
  kLots = 6,
  kOrphans = 7,
  kReviews = 8,
  kAnswers = 9,
  kEvidence = 10,
  kDecided = 11,
  kSubmissions = 12,
  kAcross = 13,
  kEvents = 14,
  kPeriods = 15,
  kEventSets = 16,
  kJobs = 17,
  kAccesses = 18,
  kAccessSpans = 19,
};

// A head that a period block logged.
struct SeenHead {
  std::uint64_t size = 0;
  Digest root;
  std::uint64_t block = 0;
  std::uint64_t time = 0;  // ms UTC, by its signer's clock
};

// What the blocks that hold say of a lot. Nothing of it comes from chain.db's own tables.
struct SeenLot {
  std::uint64_t block = 0;
  std::uint64_t time = 0;  // of the block
  Digest block_id;
  KeyId reviewer;  // who released it
  Bytes application;
  Digest application_id;
  KeyId enterprise;
  Digest start;
  std::string gtin, lot;
};
// What an agency reported of a lot in a period block.
struct SeenUsage {
  std::string gtin, lot;
  UsageKind kind = UsageKind::kUsed;
  std::uint64_t units = 0;
  std::vector<std::string> serials;
};
// A transaction in a period block: of a member's period chain.
struct SeenPeriod {
  KeyId kid;
  Digest transaction;
  std::uint64_t block = 0;
};
struct SeenRefusal {
  Digest application;
  std::uint64_t block = 0;
  KeyId reviewer;
};

// What is audited at once: a lot, a stretch of rows, or a whole part.
struct AuditUnit {
  Bytes key;                // its own within its part; empty: the whole
  std::uint64_t place = 0;  // in the order of the report
  bool settled = false;     // nothing can change what it says any more
};

class AuditBook {
 public:
  // A new book in `file` (made, or emptied of what it held), or the one that is there with `again`.
  static Result<AuditBook> open(const std::filesystem::path& file, bool again);
  // Another connection to it, for a thread that reads.
  Result<AuditBook> reader() const;

  // The first error of the file, if there was one: whatever was answered since says nothing.
  Status fine() const { return error_; }
  Status transaction(const std::function<void()>& work);

  // The blocks.
  void add_head(const KeyId& kid, LogKind log, const SeenHead& head);
  void add_once(const Digest& id, std::uint64_t block);
  void add_lot(const SeenLot& lot);
  void add_refusal(const SeenRefusal& refusal);
  void add_period(const SeenPeriod& period);
  void add_usage(const SeenUsage& usage);  // in the order in which serials come
  std::optional<SeenLot> lot_at(std::uint64_t block) const;
  // The newest release of that lot; `enterprise` too where one is named.
  std::optional<SeenLot> released(const KeyId& by, std::string_view gtin,
                                  std::string_view lot) const;
  std::optional<SeenRefusal> refusal(const Digest& application) const;
  // All reports on a lot together; of the serials that came again the first `named` by their bytes.
  SheetUse use_of(std::string_view gtin, std::string_view lot, std::size_t named) const;
  std::optional<std::uint64_t> once(const Digest& id) const;
  // The block that released or refused the application.
  std::optional<std::uint64_t> decided(const Digest& application) const;
  void each_lot(const std::function<void(const SeenLot&)>& take) const;
  void each_refusal(const std::function<void(const SeenRefusal&)>& take) const;
  void each_once(const std::function<void(const Digest&, std::uint64_t block)>& take) const;
  // In the order of blocks.
  void each_period(
      const std::vector<KeyId>& of,
      const std::function<void(const Digest& transaction, std::uint64_t block)>& take) const;
  // Heads of one node's log, whichever of its keys signed them. By size, then block.
  using Keys = std::vector<KeyId>;
  std::vector<SeenHead> heads(const Keys& of, LogKind log, std::uint64_t from_size,
                              std::size_t limit, std::uint64_t after_block) const;
  std::uint64_t head_count(const Keys& of, LogKind log) const;
  std::optional<SeenHead> longest_head(const Keys& of, LogKind log) const;
  std::optional<SeenHead> newest_head(const Keys& of) const;  // by its time
  // How much of the log the chain had logged with that block and before.
  std::uint64_t logged(const Keys& of, LogKind log, std::uint64_t block) const;

  // A private file's logs.
  void add_bundle(int file, const Digest& id, std::uint64_t idx);
  std::optional<std::uint64_t> bundle(int file, const Digest& id) const;
  void add_received(int file, const Digest& id);
  bool received(int file, const Digest& id) const;
  void add_sent(int file, const Digest& id);
  bool sent(int file, const Digest& id) const;
  void add_applied(int file, bool review, const Digest& application);
  bool applied(int file, bool review, const Digest& application) const;

  // Words kept for a later run.
  void set(std::string_view key, std::string_view value);
  std::string get(std::string_view key) const;
  struct Progress {
    std::uint64_t cursor = 0;
    std::string state;
    bool done = false;
  };
  void set_progress(int file, AuditStage stage, const Progress& progress);
  Progress progress(int file, AuditStage stage) const;

  // A unit of work that is over: its faults and counts take the place of those it had before.
  void add_unit(int file, AuditStage stage, const AuditUnit& unit, const AuditReport& found);
  bool settled(int file, AuditStage stage, ByteView key) const;
  void forget(int file, AuditStage stage);
  // Everything together, as a report; `node` is left to the caller.
  AuditReport report() const;
  // Of that lot; of its block where the fault names one.
  std::uint64_t faults_of_lot(std::string_view lot, std::uint64_t block) const;

 private:
  explicit AuditBook(std::filesystem::path file, store::Database db)
      : file_(std::move(file)), db_(std::move(db)) {}
  // Runs a statement; remembers its error. True with a row.
  std::optional<store::Query> ask(std::string_view sql) const;
  // `table`: fault or remark.
  void write_list(std::string_view table, int file, AuditStage stage, const AuditUnit& unit,
                  const std::vector<AuditFault>& list);
  std::vector<AuditFault> read_list(std::string_view table) const;
  bool step(store::Query& q) const;
  void run(store::Query& q) const { (void)step(q); }

  std::filesystem::path file_;
  store::Database db_;
  mutable Status error_;
};

}  // namespace lotmark::chain
