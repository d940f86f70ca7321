// What a reviewer named in an opening may read: the rows of its batch, and bundles.
// docs/operate/peer.md.
#include "core/base/hex.h"
#include "core/wire/cbor_writer.h"
#include "ledger-node/chain/private/enterprise_state.h"

namespace lotmark::node {

namespace {

bool names(const Opening& o, const KeyId& reviewer) {
  return std::find(o.reviewers.begin(), o.reviewers.end(), reviewer) != o.reviewers.end();
}

// `keys`: null where the caller names no reader; then a row ends with its evidence.
void put_row(CborWriter& w, const chain::RecordRow& r, const Bytes& transaction,
             const std::vector<chain::SegmentKey>* keys) {
  w.array(keys != nullptr ? 7 : 6);
  w.bytes(encode(r.record.head));
  w.raw(chain::encode_segments(r.record.segments));
  w.bytes(*r.record.object);
  w.bytes(transaction);
  w.bytes(r.hash.view());
  w.raw(r.record.evidence);
  if (keys == nullptr) return;
  w.array(keys->size());
  for (const auto& k : *keys) {
    w.array(2);
    w.uint(k.segment);
    w.bytes(k.recipient);
  }
}

}  // namespace

Result<Reply> Enterprise::State::rows(const Route& route, const Member& from) const {
  const auto start = fixed_from_hex<Digest>(route.parts[3]);
  if (!start) return fail(Errc::kNotFound, "a batch is named by its start signal's id");
  LM_ASSIGN(auto q, db.prepare("SELECT opening FROM batch WHERE start = ?"));
  LM_ASSIGN(bool there, q.bind(1, *start).step());
  if (!there) return fail(Errc::kNotFound, "no batch of that start signal");
  LM_ASSIGN(auto opening, lotmark::open<Opening>(q.blob(0), chain_id()));
  q.reset();
  if (!names(opening.body, from.kid))
    return fail(Errc::kDenied, "the opening does not name you as reviewer");
  LM_ASSIGN(auto entry, received.find(*start));
  if (!entry) return fail(Errc::kCorrupt, "the lot's start signal is not in the received log");
  LM_ASSIGN(auto records, store.records(*start));
  const auto named = route.text("reader");
  const auto reader = fixed_from_hex<KeyId>(named.value_or(""));
  if (named && !reader) return fail(Errc::kUsage, "reader=KID: 32 hex digits");
  // An end is for readers beside the lot's reviewers: who judges it judges all of it, whenever that is.
  const bool reviewers =
      reader && config.sealing && config.sealing->is_reviewers(*reader, opening.body);
  std::vector<Bytes> transactions;
  std::vector<std::vector<chain::SegmentKey>> keys(records.size());
  for (const auto& r : records) {
    LM_ASSIGN(auto tx, store.transaction(*start, r.n));
    transactions.push_back(std::move(tx));
    if (!reader) continue;
    auto& of_row = keys[transactions.size() - 1];
    LM_ASSIGN(of_row, chain::SegmentKeys(db).of(r.record.commitment, reader));
    if (!reviewers) std::erase_if(of_row, [&](const auto& k) { return k.over(unix_ms(now)); });
  }
  return reply_cbor(cbor_bytes([&](CborWriter& w) {
    w.array(3);
    w.bytes(opening.bytes);
    w.bytes(entry->object);
    w.array(records.size());
    for (std::size_t i = 0; i < records.size(); ++i)
      put_row(w, records[i], transactions[i], reader ? &keys[i] : nullptr);
  }));
}

// To any reviewer of a lot that is not yet decided, and for second reviews of one of the newest released.
Result<bool> Enterprise::State::reviews_released(const KeyId& reviewer) const {
  LM_ASSIGN(auto q, db.prepare("SELECT opening FROM batch WHERE state = 'released' ORDER BY made "
                               "DESC LIMIT 1000"));
  while (true) {
    LM_ASSIGN(bool row, q.step());
    if (!row) return false;
    auto opening = lotmark::open<Opening>(q.blob(0), chain_id());
    if (opening && names(opening->body, reviewer)) return true;
  }
}

Result<Reply> Enterprise::State::bundle(const Route& route, const Member& from) const {
  const auto id = fixed_from_hex<Digest>(route.parts[3]);
  if (!id) return fail(Errc::kNotFound, "a bundle is named by its id");
  bool named = std::any_of(live.begin(), live.end(), [&](const auto& l) {
    const auto state = l->batch.state;
    return (state == chain::BatchState::kOpen || state == chain::BatchState::kApplied) &&
           names(l->batch.opening.body, from.kid);
  });
  if (!named) {
    LM_ASSIGN(named, reviews_released(from.kid));
  }
  if (!named) return fail(Errc::kDenied, "no lot names you as reviewer");
  LM_ASSIGN(auto stored, intake.find(*id));
  if (!stored) return fail(Errc::kNotFound, "no such bundle");
  const std::uint64_t size = route.number("size").value_or(intake.size());
  const merkle::Path path = stored->index < size && size <= intake.size()
                                ? intake.path(stored->index, size)
                                : merkle::Path{};
  return reply_cbor(cbor_bytes([&](CborWriter& w) {
    w.array(3);
    w.bytes(stored->wire);
    w.uint(stored->index);
    w.array(path.size());
    for (const auto& h : path) w.bytes(h.view());
  }));
}

std::optional<Reply> Enterprise::peer(const Route& route, const Call& call, const Member& from,
                                      Time now) {
  const auto& p = route.parts;
  state_->now = now;
  if (call.method != "GET" || p.size() < 4 || p[0] != "peer" || p[1] != "v1") return std::nullopt;
  const bool rows = p.size() == 5 && p[2] == "batches" && p[4] == "rows";
  const bool bundle = p.size() == 4 && p[2] == "bundles";
  if (!rows && !bundle) return std::nullopt;
  auto reply = rows ? state_->rows(route, from) : state_->bundle(route, from);
  return reply ? *std::move(reply) : reply_error(reply.error());
}

}  // namespace lotmark::node
