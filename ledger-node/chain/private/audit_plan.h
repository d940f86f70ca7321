// The order in which an audit's parts are done, on how many threads, and what is left out of them because an earlier
// run did it. Included by the audit's own sources only.
#pragma once

#include <deque>

#include "ledger-node/chain/private/audit_files.h"
#include "ledger-node/chain/private/audit_state.h"

namespace lotmark::chain {

class AuditPlan {
 public:
  // `sound`: chain.db could be opened as it is; else one thread works on the copy in memory.
  static Result<AuditPlan> open(const AuditFile& file, PublicChain chain, bool sound,
                                const AuditOptions& options, std::shared_ptr<AuditBook> book,
                                const AuditProgress& progress);

  Status audit_chain();
  // Gives the organisation whose file it is; empty if nothing says so.
  Result<std::string> audit_private(const AuditFile& file, int number);
  // What one private file says of another's.
  Status audit_across();
  // For what is told afterwards; the plan is of no more use.
  Result<std::shared_ptr<AuditSheet>> sheet();

 private:
  // A private file that was audited, for what is told of it afterwards.
  struct Audited {
    int number = 0;
    std::string place;
    OwnKeys keys;
    std::string node;
  };
  AuditPlan(const AuditOptions& options, std::shared_ptr<AuditBook> book,
            const AuditProgress& progress)
      : options_(options), book_(std::move(book)), progress_(progress) {}
  AuditReader& reader(std::size_t thread) {
    return readers_.size() == 1 ? readers_.front() : readers_[thread + 1];
  }
  // This thread's run, which writes to the book.
  AuditRun run(int number, const OwnKeys& keys, AuditReport& report) {
    return {readers_.front(), *book_, options_.scope, number, keys, report};
  }
  // An error once the audit is to end.
  Status tell(std::string_view what, std::uint64_t done, std::uint64_t total) const;
  std::size_t threads() const { return readers_.size() > 1 ? readers_.size() - 1 : 1; }
  Status check_same_chain(std::uint64_t cursor, const std::string& root) const;
  Status audit_blocks();
  // A part that is done at once, anew by every run.
  Status whole(int number, const OwnKeys& keys, AuditStage stage, std::string_view table,
               Status (*part)(AuditRun&));
  Status audit_log(int number, const OwnKeys& keys, AuditStage stage, std::string_view table,
                   Result<std::unique_ptr<LogAudit>> (*make)(AuditRun&));
  Status audit_events(int number, const OwnKeys& keys);
  using OneAudit = Status (*)(AuditRun&, const Digest&, bool&);
  struct Unit {
    Digest start;
    std::int64_t place = 0;
    bool wanted = false;
  };
  struct Found {
    AuditReport report;
    std::vector<Digest> sent;
    bool settled = false;
  };
  Found audit_unit(AuditReader& reader, int number, const OwnKeys& keys, std::string_view table,
                   const Digest& start, OneAudit one) const;
  Status audit_units(int number, const OwnKeys& keys, AuditStage stage, std::string_view table,
                     OneAudit one);
  Result<std::vector<Unit>> next_units(const AuditRun& run, std::string_view table,
                                       const std::optional<Unit>& after) const;

  AuditOptions options_;
  std::shared_ptr<AuditBook> book_;
  AuditProgress progress_;
  // The first is this thread's, and its book the one that is written; one more a thread.
  std::deque<AuditReader> readers_;
  std::vector<Audited> audited_;
};

// One view of all its tables: the transaction lasts as long as the connection.
Result<store::Database> look_into(const AuditFile& file);

}  // namespace lotmark::chain
