// How captured EPCIS events and the access log stand in records, for the parts of an audit. Included by the audit's own sources only.
#pragma once

#include "ledger-node/chain/private/audit_state.h"
#include "ledger-node/chain/private/event_sets.h"

namespace lotmark::chain {

Result<std::unique_ptr<LogAudit>> make_event_audit(AuditRun& run);
Result<std::unique_ptr<LogAudit>> make_period_audit(AuditRun& run);
Result<std::unique_ptr<LogAudit>> make_job_audit(AuditRun& run);
Result<std::unique_ptr<LogAudit>> make_access_audit(AuditRun& run);
// Spans of accesses against one another, and of what records they are.
Status audit_access_spans(AuditRun& run);
// Sets against the records they are of, and spans against the sets.
Status audit_event_sets(AuditRun& run);

// How many of an event's sensor reports name a bundle, of how many it is not in the intake log, and how many tell values
// outside those of the bundle; each of these two is remarked.
struct RawDataSeen {
  std::uint64_t named = 0, missing = 0, outside = 0;
  std::vector<AuditFault> remarks;
};
// Of event `n`. An error is a table that cannot be read.
Result<RawDataSeen> look_at_raw_data(const AuditReader& reader, int file, std::uint64_t n,
                                     std::string_view body);

// A set as it is stored; nothing if there is none, an error if its spans cannot be read.
Result<std::optional<std::vector<EventSpan>>> read_event_set(const store::Database& db,
                                                             const Digest& commitment);

// The record whose segments are looked at.
struct EventHolder {
  Digest commitment;
  const std::vector<Bytes>& segments;
  std::string name;  // "period record 12"
  bool all = false;  // a period record: every segment is one of events or of accesses
};
// That the rows of the events that its set names give count and root of each segment `epcis`, and of a period record the
// rows that its spans name those of each segment `access`. `fault` is told what does not hold.
using EventFault = std::function<void(AuditFault)>;
Status check_event_segments(const store::Database& db, const EventHolder& holder,
                            const EventFault& fault);

}  // namespace lotmark::chain
