// One batch under audit. Its rows are in audit_rows.cpp, its serials in audit_serials.cpp, the rest in audit_lot.cpp.
// Included by these only.
#pragma once

#include "core/proof/item.h"
#include "ledger-node/chain/private/audit_state.h"

namespace lotmark::chain {

class LotAudit {
 public:
  LotAudit(AuditRun& run, const Digest& start) : run_(run), start_(start) {}

  // Faults go to the run; an error is only a file that cannot be read.
  Status audit();
  // The chain decided on it, and everybody has what it discloses: no row of it will be written again.
  bool settled() const { return lot_.block && (lot_.state == "refused" || disclosed_); }

 private:
  void fault(std::string_view table, std::optional<std::uint64_t> row, Errc e, std::string text);
  // A column that differs from the signed object beside it.
  void same(bool equal, std::string_view column, std::string_view than);

  Result<bool> read_batch();
  void check_opening_columns(const store::Query& q);
  void read_application(const store::Query& q);
  void find_decision();
  void take_decision(std::uint64_t block, bool refused);
  void check_root();
  void check_slots();
  void check_claims();
  Status check_waiting();
  void check_waiting_row(const RecordRow& row);
  Status check_disclosure();
  // What is wrong with one page of serials, and at which of its entries.
  struct PageFault;
  class SerialPages;
  Status check_serials();
  Status check_unsealed(const std::optional<Checkpoint>& items);
  Status check_pages(const proof::LotSalt& salt, const Checkpoint& named);
  void page_fault(const PageFault& f);

  Status check_records();
  Status read_transactions();
  // Those without a record that are numbered below `end`, or all.
  void check_lone_transactions(std::optional<std::uint64_t> end);
  void check_record(const RecordRow& row, bool head_readable);
  void check_author(const RecordRow& row, const Digest& computed);
  void check_events(const RecordRow& row, const std::string& name);
  void check_link(const RecordRow& row, const Digest& computed);
  std::optional<Signed<Transaction>> read_transaction(std::uint64_t n);
  void check_transaction(std::uint64_t n, const std::optional<Digest>& commitment);
  void check_arrivals(std::string_view table, std::optional<std::uint64_t> row, const Digest& id,
                      std::string_view what);

  AuditRun& run_;
  Digest start_;
  AuditLot lot_;
  std::string what_;  // of the row at hand
  struct TransactionRow {
    std::optional<Digest> id;
    Bytes object;
  };
  std::map<std::uint64_t, TransactionRow> transactions_;  // by n; those checked are taken out
  std::optional<std::uint64_t> stored_block_;
  std::optional<Signed<Application>> stored_application_;
  std::optional<Bytes> disclosure_;
  bool disclosed_ = false;
  bool archived_ = false;           // the block that decided on it has no body here any more
  std::optional<Digest> row_hash_;  // of the row before, as stored
  std::uint64_t time_ = 0;
  std::uint64_t tx_time_ = 0;
};

}  // namespace lotmark::chain
