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
};

struct AuditRun {
  const store::Database& db;
  const PublicChain& chain;
  const AuditProgress& progress;
  AuditReport& report;

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
  // An enrolled key or a member's; null if nobody's.
  const PublicKey* key_of(const KeyId& kid) const;
  WireFinder wires() const;
  // The log's tree against every head of this node that the chain logged.
  void check_heads(std::string_view table, const merkle::MemoryTree& tree, LogKind log);
};

Status audit_chain(AuditRun& run);
Status audit_intake(AuditRun& run);
Status audit_received(AuditRun& run);
Status audit_lots(AuditRun& run);
Status audit_reviews(AuditRun& run);
Status audit_answers(AuditRun& run);

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
// Claims of one record against the intake log; `shown` collects the contents of the steps' claims.
void audit_claims(AuditRun& run, const AuditLot& lot, const RecordRow& row,
                  std::multiset<Bytes>& shown);

}  // namespace lotmark::chain
