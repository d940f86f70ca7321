// Makes evidence files of what a node holds (docs/format/evidence.md). Two objects may come in any order: the same
// two give the same file, up to their signatures. Nothing is judged here: verify_evidence says whether a file proves
// anything, and a node asks it before it accuses. Errors: the first of reading an object's id; object-too-large when
// the file would be.
#pragma once

#include "core/merkle/tree.h"
#include "core/proof/statements.h"
#include "core/wire/evidence.h"
#include "core/wire/vote.h"

namespace lotmark::proof {

// Statements 1, 2, ... as evidence carries them for an anchor that pins none. One that pins some takes the
// overlap.
std::vector<Bytes> statements_for_evidence(const Statements& held);

Result<Bytes> make_block_fork(ByteView block_a, ByteView block_b, std::vector<Bytes> statements);
Result<Bytes> make_transaction_fork(ByteView a, ByteView b, std::vector<Bytes> statements);
Result<Bytes> make_turn_fork(ByteView a, ByteView b, std::vector<Bytes> statements);

// `other`: a bundle or a gap. `enrolment`: the device's, where statement 0 does not enrol it.
Result<Bytes> make_bundle_fork(ByteView bundle, ByteView other, std::optional<Bytes> enrolment,
                               std::vector<Bytes> statements);

// A vote read as it travels between nodes, and the root it signed.
struct VoteOnRoot {
  Vote vote;
  Digest root;
};
// `split` where their sizes differ: find_split, with the votes in the same order.
Result<Bytes> make_vote_fork(const VoteOnRoot& a, const VoteOnRoot& b,
                             std::optional<RootSplit> split, std::vector<Bytes> statements);
// The first place below both sizes at which two block trees have two leaves, with its paths; nothing where one
// extends the other. Reads that many leaves.
std::optional<RootSplit> find_split(const merkle::NodeSource& a, std::uint64_t size_a,
                                    const merkle::NodeSource& b, std::uint64_t size_b);

// The time (ms UTC) that the last block must be past: deadline + 120 s.
std::uint64_t promise_limit(const Promise& promise);
// `blocks`: 1, 2, ... to the first whose time is above promise_limit, as they travel between nodes; `votes`: a quorum's
// on a tree that covers the last, each with its proof (with_proof), ascending by kid.
Result<Bytes> make_promise_unmet(ByteView promise, std::vector<Bytes> blocks,
                                 const std::vector<Bytes>& votes, std::vector<Bytes> statements);

}  // namespace lotmark::proof
