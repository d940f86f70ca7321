#include "ledger-node/chain/public/cut_content.h"

#include <algorithm>

#include "core/crypto/sha256.h"
#include "core/wire/cbor_writer.h"
#include "ledger-node/chain/public/cut_store.h"

namespace lotmark::chain {

namespace {

// The state as of one block after the other.
class StateFold {
 public:
  StateFold(CutState base, const Digest& chain) : state_(std::move(base)), chain_(chain) {
    for (auto& h : state_.heads) heads_[{h.kid, h.log}] = h;
    state_.heads.clear();
  }

  Status take(const Signed<Block>& block);
  Result<CutState> done(std::uint64_t last);

 private:
  Status take_period(const Block& block);
  Status take_recall(const Block& block);

  CutState state_;
  const Digest& chain_;
  std::map<std::pair<KeyId, LogKind>, StateHead> heads_;
};

Status StateFold::take(const Signed<Block>& block) {
  const Block& b = block.body;
  if (state_.terms.empty() || state_.terms.back().term < b.term)
    state_.terms.push_back({b.term, block.kid, b.number});
  switch (b.kind) {
    case BlockKind::kMembership:
      state_.statements.push_back(std::get<ObjectBytes>(b.body).bytes);
      return {};
    case BlockKind::kPeriod: return take_period(b);
    case BlockKind::kRevocation:
      state_.revocations.push_back({std::get<ObjectBytes>(b.body), b.number});
      return {};
    case BlockKind::kRecall: return take_recall(b);
    default: return {};
  }
}

Status StateFold::take_period(const Block& block) {
  const auto& body = std::get<PeriodBody>(block.body);
  for (const auto& o : body.enrolments) state_.enrolments.push_back({o, block.number});
  for (const auto& o : body.heads) {
    LM_ASSIGN(auto head, open<Head>(o.bytes, chain_));
    const Head& h = head.body;
    heads_[{head.kid, h.log}] = {head.kid, h.log, h.size, h.root, h.time, block.number};
  }
  state_.period = StatePeriod{body.number, block.number, block.time};
  return {};
}

Status StateFold::take_recall(const Block& block) {
  const auto& object = std::get<ObjectBytes>(block.body);
  LM_ASSIGN(auto recall, open<Recall>(object.bytes, chain_));
  std::vector<StateObject> others;
  for (auto& r : state_.recalls) {
    LM_ASSIGN(auto open_one, open<Recall>(r.object.bytes, chain_));
    const bool same =
        open_one.body.gtin == recall.body.gtin && open_one.body.lot == recall.body.lot;
    if (!same) others.push_back(std::move(r));
  }
  if (recall.body.open) others.push_back({object, block.number});
  state_.recalls = std::move(others);
  return {};
}

Result<CutState> StateFold::done(std::uint64_t last) {
  for (auto& [log, head] : heads_) state_.heads.push_back(std::move(head));
  state_.last = last;
  return std::move(state_);
}

Result<Tombstone> tombstone_of(const Signed<Block>& block, const Digest& chain) {
  LM_ASSIGN(auto release, open<Release>(std::get<ObjectBytes>(block.body.body).bytes, chain));
  LM_ASSIGN(auto a, open<Application>(release.body.application.bytes, chain));
  return Tombstone{tombstone_key(a.body.gtin, a.body.lot), a.body.expires, block.body.number};
}

}  // namespace

Checkpoint tombstone_root(const std::vector<Tombstone>& tombstones) {
  merkle::CompactRange tree;
  for (const auto& t : tombstones) tree.append(merkle::leaf_hash(encode(t)));
  return {tree.size(), tree.root()};
}

Status write_archive_header(const PublicChain& chain, std::uint64_t first, std::uint64_t last,
                            const Checkpoint& tombstones, const ArchiveSink& sink) {
  ArchiveHeader header;
  header.chain = chain.chain_id();
  header.first = first;
  header.last = last;
  header.tombstones = tombstones;
  return sink(encode(header));
}

Status write_archive_blocks(const PublicChain& chain, std::uint64_t first, std::uint64_t last,
                            const ArchiveSink& sink) {
  return each_block(chain, first, last, [&](BlockKind kind, ByteView bytes) -> Status {
    if (!loses_body(kind)) return {};
    return sink(cbor_bytes([&](CborWriter& w) { w.bytes(bytes); }));
  });
}

Status write_archive(const PublicChain& chain, std::uint64_t first, std::uint64_t last,
                     const Checkpoint& tombstones, const ArchiveSink& sink) {
  LM_TRY(write_archive_header(chain, first, last, tombstones, sink));
  return write_archive_blocks(chain, first, last, sink);
}

Result<CutContent> make_cut_content(const PublicChain& chain, std::uint64_t first,
                                    std::uint64_t last) {
  LM_ASSIGN(auto base, cut_state(chain));
  StateFold fold(std::move(base), chain.chain_id());
  CutContent out;
  SnapshotHead head;
  LM_TRY(each_block(chain, first, last, [&](BlockKind kind, ByteView bytes) -> Status {
    LM_ASSIGN(auto block, open<Block>(bytes, chain.chain_id()));
    head.block = block.id;
    if (kind == BlockKind::kLot) {
      LM_ASSIGN(auto tombstone, tombstone_of(block, chain.chain_id()));
      out.tombstones.push_back(tombstone);
    }
    return fold.take(block);
  }));
  std::sort(out.tombstones.begin(), out.tombstones.end());
  LM_ASSIGN(auto state, fold.done(last));
  out.state = encode(state);
  if (out.state.size() > limits::kState)
    return fail(Errc::kObjectTooLarge, "the state of this chain is above 64 MiB");
  head.first = first;
  head.last = last;
  head.tombstones = tombstone_root(out.tombstones);
  head.state = sha256(out.state);
  out.head = encode(head);
  out.snapshot = sha256(out.head);
  Sha256 hash;
  LM_TRY(write_archive(chain, first, last, head.tombstones, [&](ByteView piece) -> Status {
    hash.update(piece);
    return {};
  }));
  out.archive = hash.finish();
  return out;
}

}  // namespace lotmark::chain
