// What the parts of an audit hand to one another. Included by the audit's own sources only.
#pragma once

#include <map>
#include <set>

#include "core/store/database.h"
#include "ledger-node/chain/private/audit.h"
#include "ledger-node/chain/private/audit_book.h"
#include "ledger-node/chain/private/batch_store.h"
#include "ledger-node/chain/private/claim_evidence.h"
#include "ledger-node/chain/private/segment_reader.h"
#include "ledger-node/chain/public/public_chain.h"

namespace lotmark::chain {

// A release as the blocks say it, its application opened.
struct Released {
  SeenLot seen;
  Signed<Application> application;
};

// One thread's view of the files. Nothing of it is shared with another.
struct AuditReader {
  std::optional<store::Database> db;  // private.db at hand
  PublicChain chain;
  store::Database chain_db;  // its tables, in a state no newer than `chain`
  AuditBook book;
  std::map<KeyId, Verifier> verifiers;
};

// As the newest statement that has that key says: what a member signed stays its own after it left.
const Member* member_of(const PublicChain& chain, const KeyId& kid);
// An enrolled key or a member's; null if nobody's.
const PublicKey* key_of(const PublicChain& chain, const KeyId& kid);
// A node's keys as its file shows them: the first it was found by, then those that key was renewed from and to. Empty:
// nobody's.
using OwnKeys = std::vector<KeyId>;

// What a fault of segment_key rows without a record is said of.
inline constexpr const char* kLeftOver = "left over";

// What a part of the audit works with: a reader, and where its faults go.
struct AuditRun {
  AuditReader& reader;
  AuditBook& book;  // the reader's, or the one that is written
  const AuditScope& scope;
  int file = 0;
  OwnKeys keys;  // whose private.db it is
  AuditReport& report;

  const store::Database& db = reader.db ? *reader.db : reader.chain_db;
  const PublicChain& chain = reader.chain;
  const store::Database& chain_db = reader.chain_db;
  std::vector<Digest> sent = {};  // ids of what members may have answered
  OpeningKeys opening_keys = {};  // of what is sealed
  bool own_keys = false;          // as in AuditOptions

  const Digest& id() const { return chain.chain_id(); }
  const Member* self() const { return keys.empty() ? nullptr : member_of(chain, keys.front()); }
  void fault(AuditFault f);
  void fault(std::string_view table, std::optional<std::uint64_t> row, Errc error, std::string text,
             std::optional<std::uint64_t> block = {});
  // No fault: it is listed, and everything still holds.
  void remark(AuditFault f);
  Result<std::uint64_t> count(std::string_view table) const;
  // The only member that keeps, in every statement: whatever nobody else applied for is its.
  bool sole_keeper() const;
  bool own(const KeyId& kid) const { return std::ranges::find(keys, kid) != keys.end(); }
  const PublicKey* key_of(const KeyId& kid) const { return chain::key_of(chain, kid); }
  WireFinder wires() const;
  bool received(const Digest& object) const { return book.received(file, object); }
  std::optional<std::uint64_t> bundle(const Digest& object) const {
    return book.bundle(file, object);
  }
  std::optional<Released> open(const std::optional<SeenLot>& seen) const;
  // Only one lot is looked at: logs are read by their ids, and bodies where the lot rests on them.
  bool light() const { return !scope.lot.empty(); }
  bool wanted(std::string_view gtin, std::string_view lot, const KeyId& enterprise) const;
  // Nothing of this file is left out.
  bool whole() const;
};

// A log's tree as it grows, held against every head of it that the chain logged.
class HeadCheck {
 public:
  HeadCheck(AuditRun& run, std::string_view table, LogKind log);
  // `state` of an earlier run; corrupt if it is none.
  Status restore(std::string_view state);
  std::string state() const;
  // The next row's leaf; the tree ends at the first hole.
  void append(const Digest& leaf);
  void stop() { whole_ = false; }
  // After the last row: heads that say more than there is.
  void finish();

 private:
  void compare();

  AuditRun& run_;
  std::string_view table_;
  LogKind log_;
  merkle::CompactRange tree_;
  std::vector<SeenHead> next_;  // heads to come, by size
  std::size_t at_ = 0;
  SeenHead last_;           // the one compared last
  std::uint64_t good_ = 0;  // rows up to here are as logged
  bool whole_ = true;
  bool differs_ = false;
};

// Before the chain is opened, which fails at a vote that cannot be read.
Status read_votes(const store::Database& chain_db, const Digest& chain, AuditReport& report);
// Blocks [from, to) as they are, for `take_blocks`.
struct BlockRows {
  std::vector<std::pair<KeyId, std::pair<LogKind, SeenHead>>> heads;
  std::vector<std::pair<Digest, std::uint64_t>> once;
  std::vector<SeenLot> lots;
  std::vector<SeenRefusal> refusals;
  std::vector<SeenPeriod> periods;
  std::vector<SeenUsage> usages;  // of lots that are looked at, in the order in which serials come
  AuditReport report;
};
BlockRows read_blocks(AuditReader& reader, const AuditScope& scope, std::uint64_t from,
                      std::uint64_t to);
void take_blocks(AuditBook& book, const BlockRows& rows);
// The reports of use in a period block.
Status read_usages(const AuditReader& reader, const AuditScope& scope, const PeriodBody& body,
                   const Membership& judge, std::vector<SeenUsage>& out);

// Each part's faults go to the run; its error is a table that cannot be read to its end.
Status audit_index(AuditRun& run);
// Whose files they are, where the run does not know, and the keys that one was renewed from and to; a fault if nothing
// says so.
Status find_self(AuditRun& run);
// One lot, one review; `settled` if nothing that it may still become can change what was found.
Status audit_lot(AuditRun& run, const Digest& start, bool& settled);
Status audit_review(AuditRun& run, const Digest& start, bool& settled);
Status audit_orphans(AuditRun& run);
Status audit_answers(AuditRun& run);
Status audit_evidence(AuditRun& run);
// What the chain decided of this node's lots, and what it received, has its rows.
Status audit_decided(AuditRun& run);
Status audit_submissions(AuditRun& run);

// The two logs, read in stretches of rows: what one stretch holds is found by any thread, in any order; what joins
// them is done in order.
class LogAudit {
 public:
  virtual ~LogAudit() = default;
  struct Stretch {
    virtual ~Stretch() = default;
  };
  // idx in [from, to).
  virtual Result<std::unique_ptr<Stretch>> read(AuditReader& reader, std::int64_t from,
                                                std::int64_t to) const = 0;
  virtual void take(Stretch& stretch) = 0;
  virtual Status finish() = 0;
  virtual std::string state() const = 0;
  virtual Status restore(std::string_view state) = 0;
};
Result<std::unique_ptr<LogAudit>> make_intake_audit(AuditRun& run);
Result<std::unique_ptr<LogAudit>> make_received_audit(AuditRun& run);
// One bundle or gap as the intake audit reads it, for a lot audited alone.
Status check_bundle(AuditReader& reader, std::uint64_t idx);

// Rows numbered from 0. Names each hole once, as a range, and never counts through it.
class RowNumbers {
 public:
  // The number of the next row; false (with a fault named by `missing` or of a number that is none)
  // if there is no place for it. Numbers must rise.
  template <class Fault>
  bool take(std::int64_t n, Fault&& fault) {
    if (n < 0) {
      fault(std::optional<std::uint64_t>(), "a row is numbered " + std::to_string(n));
      return false;
    }
    const auto at = static_cast<std::uint64_t>(n);
    if (at > next_) {
      whole_ = false;
      fault(std::optional(next_),
            at == next_ + 1 ? std::string("is missing")
                            : "is missing, and so is all up to row " + std::to_string(at - 1));
    }
    next_ = at + 1;
    return true;
  }
  bool whole() const { return whole_; }  // no hole so far
  std::uint64_t next() const { return next_; }
  void restore(std::uint64_t next, bool whole) { next_ = next, whole_ = whole; }

 private:
  std::uint64_t next_ = 0;
  bool whole_ = true;
};

// One lot while it is checked.
struct AuditLot {
  Signed<Opening> opening;
  std::string name;
  std::string state;
  std::optional<Signed<Application>> application;  // the chain's if it is there, else the row's
  std::optional<std::uint64_t> block;              // where the chain decided on it
  bool decided_final = false;
  std::vector<RecordRow> rows;  // those that could be read
  std::vector<Digest> tx_ids;
  std::vector<Bytes> transactions;
};
// What the steps of a lot claim.
struct ClaimsShown {
  std::multiset<Bytes> contents;
  bool whole = true;  // nothing of the steps stayed sealed
};
// Claims of one row of `record` or `waiting` against the intake log, and whom its sealed segments are wrapped for;
// `shown` collects the steps' claims.
void audit_claims(AuditRun& run, const AuditLot& lot, std::string_view table, const RecordRow& row,
                  ClaimsShown& shown);

}  // namespace lotmark::chain
