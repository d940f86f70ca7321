// The bundles a claim rests on, as private.db and rows carry them, and their leaves in the evidence
// tree. docs/format/private.md (claim), trees.md (evidence tree), docs/operate/peer.md (rows).
#pragma once

#include <functional>

#include "core/wire/bundle_wire.h"

namespace lotmark::chain {

// A bundle and the place of the claim's channel in it; of a gap object, or a bundle without the
// channel, 0.
struct EvidenceRef {
  Digest bundle;
  std::uint64_t place = 0;
};
// The bundles of one claim, in the order of the device's log.
struct ClaimEvidence {
  std::uint64_t segment = 0;
  std::vector<EvidenceRef> bundles;
};

// As rows carry it: [(segment index, [[bundle id, place] ...]) ...].
Bytes encode_evidence(const std::vector<ClaimEvidence>& list);
Result<std::vector<ClaimEvidence>> decode_evidence(ByteView bytes);

// A leaf of a claim's evidence tree: where it stands, and its entry's bytes.
struct EvidenceLeaf {
  std::size_t ref = 0;  // place in the list of bundles
  Bytes entry;
  merkle::AnnotatedNode node;
};
// The channel of that name, if it has readings; nothing if it has none. claim if it is another than
// `like`.
Result<std::optional<EvidenceLeaf>> leaf_of(const Signed<Bundle>& bundle, const Claim& like);
// A stretch of time, ms UTC, both ends in it.
struct Span {
  std::uint64_t from = 0;
  std::uint64_t to = 0;
};
// Readings that declared or lost spans stand for in a step over [start, end), one an interval; no time counts
// twice.
std::uint64_t declared_readings(std::vector<Span> spans, std::uint64_t start, std::uint64_t end,
                                std::uint64_t interval);
// True for the bytes of a signed object (a gap) where a bundle wire might stand.
bool is_gap_object(ByteView stored);

// Gives the stored bytes of a bundle or gap by id.
using WireFinder = std::function<Result<Bytes>(const Digest& id)>;

// The evidence tree's leaves of a claim, bundles without readings of the channel left out.
Result<std::vector<EvidenceLeaf>> leaves_of(const Claim& claim,
                                            const std::vector<EvidenceRef>& bundles,
                                            const WireFinder& find, const Digest& chain);
// The first `count` readings drawn for a claim by the block's id (trees.md, sample index).
Result<std::vector<Sample>> draw_samples(std::uint64_t segment, const Claim& claim,
                                         const std::vector<EvidenceRef>& bundles,
                                         const Digest& block_id, std::uint32_t count,
                                         const WireFinder& find, const Digest& chain);

}  // namespace lotmark::chain
