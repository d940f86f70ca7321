// What the parts of an audit hand to one another. Included by the audit's own sources only.
#pragma once

#include <map>
#include <set>

#include "core/store/database.h"
#include "ledger-node/chain/private/audit.h"
#include "ledger-node/chain/private/batch_store.h"
#include "ledger-node/chain/private/claim_evidence.h"
#include "ledger-node/chain/public/public_chain.h"

namespace lotmark::chain {

// A head that a period block logged.
struct SeenHead {
  KeyId kid;
  LogKind log = LogKind::kIntake;
  std::uint64_t size = 0;
  Digest root;
  std::uint64_t block = 0;
  std::uint64_t time = 0;  // ms UTC, by its signer's clock
};

// What the blocks that hold say of lots. Nothing of it comes from chain.db's own index tables.
struct ChainIndex {
  struct Lot {
    std::uint64_t block = 0;
    std::uint64_t time = 0;  // of the block
    KeyId reviewer;          // who released it
    Signed<Application> application;
  };
  struct Refused {
    std::uint64_t block = 0;
    KeyId reviewer;
  };
  std::map<std::uint64_t, Lot> lots;     // by block
  std::map<Digest, Refused> refusals;    // by application
  std::map<Digest, std::uint64_t> once;  // what may be on the chain once, and its block
  std::map<std::tuple<KeyId, std::string, std::string>, std::uint64_t>
      newest;  // by enterprise, GTIN and lot

  const Lot* released(const KeyId& by, const Gtin& gtin, const LotNumber& lot) const;
  const Lot* at(std::optional<std::uint64_t> block) const;
  // The block that released or refused the application.
  std::optional<std::uint64_t> decided(const Digest& application) const;
};

struct AuditRun {
  const store::Database& db;
  const PublicChain& chain;
  const store::Database& chain_db;  // its tables, in a state no newer than `chain`
  const AuditProgress& progress;
  AuditReport& report;

  ChainIndex index;

  std::optional<KeyId> self;                // whose private.db it is
  std::vector<SeenHead> heads;              // in order of blocks
  std::map<Digest, std::uint64_t> bundles;  // of the intake log: id to idx
  std::set<Digest> received;                // ids in the received log
  std::set<Digest> sent;                    // ids of what members may have answered

  const Digest& id() const { return chain.chain_id(); }
  void fault(AuditFault f);
  void fault(std::string_view table, std::optional<std::uint64_t> row, Errc error, std::string text,
             std::optional<std::uint64_t> block = {});
  void tell(std::string_view what, std::uint64_t done, std::uint64_t total) const;
  Result<std::uint64_t> count(std::string_view table) const;
  // The only member that keeps, in every statement: whatever nobody else applied for is its.
  bool sole_keeper() const;
  // An enrolled key or a member's; null if nobody's.
  const PublicKey* key_of(const KeyId& kid) const;
  WireFinder wires() const;
  // The log's tree against every head of this node that the chain logged.
  void check_heads(std::string_view table, const merkle::MemoryTree& tree, LogKind log);
};

// Before the chain is opened, which fails at a vote that cannot be read.
Status read_votes(const store::Database& chain_db, const Digest& chain, AuditReport& report);
// Each part's faults go to the run; its error is a table that cannot be read to its end.
Status audit_chain(AuditRun& run);
Status audit_index(AuditRun& run);
// Whose files they are; a fault if nothing in them says so.
Status find_self(AuditRun& run);
Status audit_intake(AuditRun& run);
Status audit_received(AuditRun& run);
Status audit_lots(AuditRun& run);
Status audit_reviews(AuditRun& run);
Status audit_answers(AuditRun& run);
Status audit_evidence(AuditRun& run);
// What the chain decided of this node's lots, and what it received, has its rows.
Status audit_decided(AuditRun& run);
Status audit_submissions(AuditRun& run);

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
// Claims of one row of `record` or `waiting` against the intake log; `shown` collects the contents of
// the steps' claims.
void audit_claims(AuditRun& run, const AuditLot& lot, std::string_view table, const RecordRow& row,
                  std::multiset<Bytes>& shown);

}  // namespace lotmark::chain
