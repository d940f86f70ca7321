#include "ledger-node/chain/private/disclosure.h"

#include "core/merkle/tree.h"
#include "core/wire/cbor_writer.h"
#include "core/wire/limits.h"

namespace lotmark::chain {

namespace {

// Samples a claim when `claims` share the 32 of a receipt: at most three, none for those behind the
// 32nd.
std::uint32_t share(std::size_t claims) {
  const std::size_t each =
      std::max<std::size_t>(1, limits::kSamples / std::max<std::size_t>(1, claims));
  return static_cast<std::uint32_t>(std::min<std::size_t>(kSamplesAClaim, each));
}

Result<std::vector<Sample>> draw_all(const RecordRow& release, const Digest& block_id,
                                     const WireFinder& find, const Digest& chain) {
  LM_ASSIGN(auto evidence, decode_evidence(release.record.evidence));
  const std::uint32_t each = share(evidence.size());
  std::vector<Sample> out;
  for (const auto& e : evidence) {
    if (out.size() + each > limits::kSamples) break;
    if (e.segment >= release.record.segments.size())
      return fail(Errc::kCorrupt, "evidence of no segment");
    LM_ASSIGN(auto s, decode<Segment>(release.record.segments[e.segment]));
    LM_ASSIGN(auto claim, decode<Claim>(s.content));
    LM_ASSIGN(auto drawn, draw_samples(e.segment, claim, e.bundles, block_id, each, find, chain));
    for (auto& d : drawn) out.push_back(std::move(d));
  }
  return out;
}

}  // namespace

Result<std::optional<Bytes>> make_disclosure(const Batch& b, const RecordRow& release,
                                             ByteView transaction, std::uint64_t block,
                                             const Digest& block_id, const WireFinder& find,
                                             const Digest& chain) {
  Disclosure d;
  d.transaction.bytes = to_bytes(transaction);
  merkle::MemoryTree transactions;
  for (const auto& id : b.tx_ids) transactions.append_entry(id.view());
  d.path = transactions.inclusion(b.tx_ids.size() - 1);
  d.record = release.record.head;
  merkle::MemoryTree segments;
  for (const auto& s : release.record.segments) segments.append_entry(s);
  for (std::uint64_t i = 0; i < release.record.segments.size(); ++i) {
    const Bytes& entry = release.record.segments[i];
    LM_ASSIGN(auto s, decode<Segment>(entry));
    if (s.audience == Audience::kPublic) d.segments.push_back({i, entry, segments.inclusion(i)});
  }
  if (d.segments.empty()) return std::optional<Bytes>();
  LM_ASSIGN(auto samples, draw_all(release, block_id, find, chain));
  return std::optional(cbor_bytes([&](CborWriter& w) {
    w.array(3);
    w.uint(block);
    w.raw(encode(d));
    w.array(samples.size());
    for (const auto& s : samples) w.raw(encode(s));
  }));
}

}  // namespace lotmark::chain
