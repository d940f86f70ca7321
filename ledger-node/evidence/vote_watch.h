// Votes that contradict each other: of one voter in one term, on two histories. A vote does not carry its root, so one
// that fits no tree here is kept until a branch is known whose root it signed.
#pragma once

#include <deque>
#include <map>

#include "core/proof/evidence_writer.h"
#include "ledger-node/evidence/branches.h"

namespace lotmark::node {

class VoteWatch {
 public:
  static constexpr std::size_t kOfSource = 64;  // the newest of what one member showed

  // A vote that fits no root here, as `from` showed it. True if it is new.
  bool strange(Vote vote, const KeyId& from);
  bool has_strange(const KeyId& voter) const;

  // Evidence files to be judged, at most one a voter and term. Reads all of the chain's ids where a branch is known.
  Result<std::vector<Bytes>> judge(const chain::PublicChain& chain, const Branches& branches) const;

 private:
  std::map<KeyId, std::deque<Vote>> strange_;  // by who showed them
};

}  // namespace lotmark::node
