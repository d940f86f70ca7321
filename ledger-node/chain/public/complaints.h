// Complaints and rulings (docs/format/complaints.md): events of a period block, and what follows from them.
#pragma once

#include "core/wire/complaint.h"
#include "ledger-node/chain/public/events.h"

namespace lotmark::chain {

Result<CheckedEvent> check_complaint(const EventScope& scope, ByteView object);
Status take_complaint(const PublicChain& chain, const Membership& judge, ByteView object,
                      std::uint64_t block);
// By a supervising member, on a complaint that an earlier block holds and none has settled.
Result<CheckedEvent> check_ruling(const EventScope& scope, ByteView object);
// Counts it; with the quorum's last equal one the complaint is settled.
Status take_ruling(const PublicChain& chain, const Membership& judge, ByteView object,
                   std::uint64_t block);

struct Settled {
  std::uint64_t block = 0;
  RulingOutcome outcome = RulingOutcome::kDismissed;
  std::vector<PenaltyKind> penalties;
  std::uint64_t points = 0;
  std::uint64_t reward = 0;
  std::string text;                // of the ruling that settled it
  std::optional<KeyId> penalised;  // the subject, or of a false complaint its maker
};

struct KnownComplaint {
  Digest id;
  KeyId by;
  std::uint64_t block = 0;
  Complaint complaint;
  std::uint64_t rulings = 0;  // members that ruled
  std::optional<Settled> settled;
};

// In the order of their blocks, those behind block `after`: about `limit`, and all of a block or none.
Result<std::vector<KnownComplaint>> complaints(const PublicChain& chain, std::uint64_t after,
                                               std::size_t limit);
Result<std::optional<KnownComplaint>> find_complaint(const PublicChain& chain, const Digest& id);

// What rulings must agree in: all but the words and the time.
Bytes terms_of(Ruling ruling);
// Whom a ruling with that outcome penalises: the subject, of a false complaint who made it, nobody where it is dismissed.
std::optional<KeyId> penalised(RulingOutcome outcome, const KeyId& subject, const KeyId& by);

// Points that settled complaints took from a key and gave to it.
struct Tally {
  std::uint64_t taken = 0;
  std::uint64_t given = 0;
};
Result<Tally> tally(const PublicChain& chain, const KeyId& kid);

}  // namespace lotmark::chain
