// The next membership statement before it has a place on the chain (docs/format/membership.md).
//
// A statement names the block that carries it and the root of the tree below it, so its bytes are known only when the
// order stands still. What members agree to beforehand is a draft: the same payload with the place left out.
#pragma once

#include <map>

#include "core/proof/statements.h"

namespace lotmark::proof {

// The payload with first and size 0 and a root of zeros.
Bytes draft_of(const Membership& next);
// The payload at its place: the tree of the first `first` blocks has that root.
Bytes placed_payload(const Membership& draft, std::uint64_t first, const Digest& root);
// What approvals name: the hash of the draft.
Digest change_of(const Membership& next);

// A draft that may follow the newest of `held`: the format's own rules, statement-epoch, statement-first where a place
// is in it, and safe_step().
Result<Membership> read_draft(ByteView draft, const Statements& held);

// Whether every quorum of the one epoch shares a member with every quorum of the next: else two sides could both go
// on, each by the rules of its own epoch (docs/adr/0016). conflict, with what to do in its text.
Status safe_step(const Membership& now, const Membership& next);

// A statement as far as it is signed: payload, and the signatures that verify by the root key of its epoch or by a
// supervising member of the one in force.
struct PartlySigned {
  Membership body;
  Bytes payload;
  bool by_root = false;
  std::map<KeyId, Bytes> signatures;  // signed objects, the root's among them
  std::uint64_t members = 0;          // signatures of supervising members
};
// The errors of a statement's check, but for signatures that are missing.
Result<PartlySigned> read_partly_signed(ByteView object, const Statements& held);
// The Object, its signatures ascending by kid.
Bytes encode_partly_signed(const PartlySigned& statement);

}  // namespace lotmark::proof
