#include "ledger-node/chain/private/claim_evidence.h"

#include "core/merkle/tree.h"
#include "core/wire/cbor_reader.h"
#include "core/wire/cbor_writer.h"

namespace lotmark::chain {

Bytes encode_evidence(const std::vector<ClaimEvidence>& list) {
  return cbor_bytes([&](CborWriter& w) {
    w.array(list.size());
    for (const auto& e : list) {
      w.array(2);
      w.uint(e.segment);
      w.array(e.bundles.size());
      for (const auto& b : e.bundles) {
        w.array(2);
        w.bytes(b.bundle.view());
        w.uint(b.place);
      }
    }
  });
}

namespace {

bool pair_of(CborValue v, CborType first, CborType second) {
  return v.type() == CborType::kArray && v.count() == 2 && v.first().type() == first &&
         v.first().next().type() == second;
}

Status read_refs(CborValue list, std::vector<EvidenceRef>& out) {
  CborValue r = list.first();
  for (std::size_t i = 0; i < list.count(); ++i, r = r.next()) {
    if (!pair_of(r, CborType::kBytes, CborType::kInt)) return Errc::kFieldType;
    const auto id = Digest::from(r.first().bytes());
    if (!id || r.first().next().integer() < 0) return Errc::kFieldRange;
    out.push_back({*id, static_cast<std::uint64_t>(r.first().next().integer())});
  }
  return {};
}

}  // namespace

Result<std::vector<ClaimEvidence>> decode_evidence(ByteView bytes) {
  LM_ASSIGN(auto doc, CborDoc::parse(bytes));
  const CborValue root = doc.root();
  if (root.type() != CborType::kArray) return Errc::kFieldType;
  std::vector<ClaimEvidence> out;
  CborValue e = root.first();
  for (std::size_t i = 0; i < root.count(); ++i, e = e.next()) {
    if (!pair_of(e, CborType::kInt, CborType::kArray)) return Errc::kFieldType;
    if (e.first().integer() < 0) return Errc::kFieldRange;
    auto& claim = out.emplace_back();
    claim.segment = static_cast<std::uint64_t>(e.first().integer());
    LM_TRY(read_refs(e.first().next(), claim.bundles));
  }
  return out;
}

std::uint64_t declared_readings(std::vector<Span> spans, std::uint64_t start, std::uint64_t end,
                                std::uint64_t interval) {
  std::sort(spans.begin(), spans.end(),
            [](const Span& a, const Span& b) { return a.from < b.from; });
  std::uint64_t declared = 0;
  std::uint64_t next = start;  // where the next span may count from
  for (const auto& s : spans) {
    const std::uint64_t from = std::max(s.from, next);
    const std::uint64_t to = std::min(s.to, end);
    if (from > to) continue;
    declared += (to - from) / interval + 1;
    next = to + 1;
  }
  return declared;
}

bool is_gap_object(ByteView stored) { return !stored.empty() && stored[0] == 0xd2; }

Result<std::optional<EvidenceLeaf>> leaf_of(const Signed<Bundle>& bundle, const Claim& like) {
  const auto& channels = bundle.body.channels;
  for (std::uint64_t place = 0; place < channels.size(); ++place) {
    const Channel& c = channels[place];
    if (c.name != like.channel || c.annotation.index() == 0) continue;
    const auto* annotation = std::get_if<merkle::Annotation>(&c.annotation);
    if (annotation == nullptr || c.unit != like.unit || c.exp != like.exp) {
      return fail(Errc::kClaim, "channel " + c.name + " is no quantity of one unit throughout");
    }
    EvidenceLeaf leaf;
    const merkle::AnnotatedNode root{*annotation, *c.root};
    leaf.entry = merkle::evidence_entry(bundle.id, place, root);
    leaf.node = {*annotation, merkle::leaf_hash(leaf.entry)};
    return std::optional(std::move(leaf));
  }
  return std::optional<EvidenceLeaf>();
}

Result<std::vector<EvidenceLeaf>> leaves_of(const Claim& claim,
                                            const std::vector<EvidenceRef>& bundles,
                                            const WireFinder& find, const Digest& chain) {
  std::vector<EvidenceLeaf> out;
  WireReader reader;
  for (std::size_t i = 0; i < bundles.size(); ++i) {
    LM_ASSIGN(auto stored, find(bundles[i].bundle));
    if (is_gap_object(stored)) continue;
    LM_ASSIGN(auto bundle, reader.open_bundle(stored, chain));
    if (bundle.kid != claim.device) return fail(Errc::kClaim, "a bundle of another device");
    LM_ASSIGN(auto leaf, leaf_of(bundle, claim));
    if (!leaf) continue;
    leaf->ref = i;
    out.push_back(*std::move(leaf));
  }
  return out;
}

namespace {

// Reading `at` of the bundle's channel, with its path in the channel's tree.
Status put_reading(Sample& s, ByteView stored, std::uint32_t place, std::uint64_t at,
                   const Digest& chain) {
  LM_ASSIGN(auto wire, open_wire(stored, chain, [](const auto&) { return Errc::kOk; }));
  if (place >= wire.channels.size()) return fail(Errc::kCorrupt, "no such channel");
  const auto& readings = wire.channels[place];
  std::vector<merkle::AnnotatedNode> nodes;
  for (std::uint32_t r = 0; r < readings.quantity.size(); ++r) {
    nodes.push_back(
        merkle::reading_leaf(wire.salt, place, r, readings.times[r], readings.quantity[r]));
  }
  if (at >= nodes.size()) return fail(Errc::kCorrupt, "no such reading");
  s.entry = leaf_entry(wire.salt, place, static_cast<std::uint32_t>(at), ChannelKind::kQuantity,
                       readings);
  LM_ASSIGN(s.path, merkle::annotated_path(nodes, at));
  return {};
}

}  // namespace

Result<std::vector<Sample>> draw_samples(std::uint64_t segment, const Claim& claim,
                                         const std::vector<EvidenceRef>& bundles,
                                         const Digest& block_id, std::uint32_t count,
                                         const WireFinder& find, const Digest& chain) {
  LM_ASSIGN(auto leaves, leaves_of(claim, bundles, find, chain));
  std::vector<merkle::AnnotatedNode> nodes;
  for (const auto& l : leaves) nodes.push_back(l.node);
  std::vector<Sample> out;
  for (std::uint32_t i = 0; i < count; ++i) {
    std::uint64_t at = merkle::sample_index(block_id, i, claim.annotation.count);
    std::size_t l = 0;
    while (l < nodes.size() && at >= nodes[l].annotation.count) at -= nodes[l++].annotation.count;
    if (l == nodes.size())
      return fail(Errc::kCorrupt, "a claim counts more readings than its bundles hold");
    const EvidenceRef& ref = bundles[leaves[l].ref];
    LM_ASSIGN(auto stored, find(ref.bundle));
    Sample s;
    s.segment = segment;
    s.i = i;
    LM_TRY(put_reading(s, stored, static_cast<std::uint32_t>(ref.place), at, chain));
    s.evidence_index = l;
    s.channel_entry = leaves[l].entry;
    LM_ASSIGN(s.evidence_path, merkle::annotated_path(nodes, l));
    out.push_back(std::move(s));
  }
  return out;
}

}  // namespace lotmark::chain
