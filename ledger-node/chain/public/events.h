// The events of a period block (docs/format/public.md, period body): a table of their types, each with its checks and
// the rows that follow from it. A new type is one row of kTypes in events.cpp.
#pragma once

#include <set>

#include "ledger-node/chain/public/body_checks.h"

namespace lotmark::chain {

// What an event is checked against: the chain before its block, the statement of the block's epoch, and what the
// events before it in the same body said that may be said once there.
struct EventScope {
  const PublicChain& chain;
  const Membership& judge;
  std::set<Digest>& said;
};

struct CheckedEvent {
  KeyId kid;
  Digest id;
};

// Who signed it may, its key is not revoked, and it says what may be said now. enum-unknown for a type that is no event.
Result<CheckedEvent> check_event(const EventScope& scope, ByteView object);

// The rows of a block's event; in the transaction that takes the block. `chain` is as before the block.
Status take_event(const PublicChain& chain, const Membership& judge, ByteView object,
                  std::uint64_t block);

// Whose key an event may be: a member's, or an enrolled operator's; null for nobody's. `organisation` gets its name.
const PublicKey* event_key(const PublicChain& chain, const Membership& judge, const KeyId& kid,
                           std::string* organisation = nullptr);

// An enrolment as the next period block would take it.
Status check_enrolment(const PublicChain& chain, const Signed<Enrolment>& e,
                       const Membership& judge);

// A period record's transaction as the next period block would take it: a keeping member's own, whose key is not revoked.
Result<Signed<Transaction>> check_period_transaction(const PublicChain& chain, ByteView object,
                                                     const Membership& judge);

// Whether an object that is submitted by itself (a release, refusal, revocation, recall, enrolment, event or period
// record's transaction) would be taken by the next block. cose-type for another type.
Status check_submission(const PublicChain& chain, ByteView object);
// The peer route that takes an object of that type: "releases", "revocations", "recalls", "enrolments", "events",
// "transactions".
// Nothing: it is not submitted by itself.
std::optional<std::string_view> door_of(ByteView object);

}  // namespace lotmark::chain
