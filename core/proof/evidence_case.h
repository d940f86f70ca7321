// One kind of evidence and its four checks (docs/format/evidence.md). Included by core/proof's own sources only.
#pragma once

#include <memory>

#include "core/proof/evidence.h"
#include "core/wire/evidence.h"

namespace lotmark::proof {

// A promise counts as unmet when the chain passed its deadline by this: no voter takes a block further ahead
// of its clock (docs/format/public.md, block-time).
inline constexpr std::uint64_t kPromiseGraceMs = 120000;

// The checks of one kind, called in this order, each only after the one before held. `file` and `held` must
// outlive it.
class EvidenceCase {
 public:
  EvidenceCase(const Evidence& file, const Statements& held) : file_(file), held_(held) {}
  virtual ~EvidenceCase() = default;
  virtual Status open_objects() = 0;
  virtual Status contradict() const = 0;
  virtual Status check_signers() = 0;
  virtual Status prove() { return {}; }
  // After all of them held.
  virtual Accusation accuse() const = 0;

 protected:
  const Bytes& object(std::size_t i) const { return file_.objects[i]; }
  const Digest& chain() const { return held_.chain(); }
  // Of the newest statement held that has the kid with that role; null if none has.
  const Member* member(const KeyId& kid, Role role) const;

  const Evidence& file_;
  const Statements& held_;
};

std::unique_ptr<EvidenceCase> make_block_case(const Evidence& file, const Statements& held);
std::unique_ptr<EvidenceCase> make_vote_case(const Evidence& file, const Statements& held);
std::unique_ptr<EvidenceCase> make_transaction_case(const Evidence& file, const Statements& held);
std::unique_ptr<EvidenceCase> make_bundle_case(const Evidence& file, const Statements& held);
std::unique_ptr<EvidenceCase> make_promise_case(const Evidence& file, const Statements& held);
std::unique_ptr<EvidenceCase> make_turn_case(const Evidence& file, const Statements& held);

// A block's signer was supervising in the epoch the block names, and its signature holds.
Status check_block_signer(const Signed<Block>& block, const Statements& held);
Culprit as_culprit(const Member& member, std::string role);
// "supervising member prov-1 (key 1f..)".
std::string named(const Culprit& by);

}  // namespace lotmark::proof
