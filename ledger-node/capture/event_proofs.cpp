#include "ledger-node/capture/event_proofs.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/merkle/tree.h"
#include "core/proof/event_proof.h"
#include "core/wire/sign1.h"
#include "ledger-node/chain/private/batch_store.h"
#include "ledger-node/chain/private/event_sets.h"

namespace lotmark::node {

namespace {

using Place = chain::EventSets::Place;

// What every proof takes from the record: its head, the segment of events, the event's place in that.
class ProofOfEvent {
 public:
  ProofOfEvent(const store::Database& db, const StoredEvent& event) : db_(db), event_(event) {}

  Result<EventProofParts> run() {
    LM_ASSIGN(const auto place, chain::EventSets(db_).place_of(event_.n));
    if (!place) return fail(Errc::kNotReady, "the event stands in no record yet");
    LM_TRY(place->start ? add_step(*place) : add_period_record(*place));
    LM_TRY(add_entry(*place));
    LM_TRY(add_names());
    out_.file.body = to_bytes(as_bytes(event_.body));
    return std::move(out_);
  }

 private:
  Error missing(std::string_view what) const {
    return fail(Errc::kCorrupt, fmt::format("{} of event {} is missing", what, event_.n));
  }

  Status add_period_record(const Place& place) {
    LM_ASSIGN(auto q, db_.prepare("SELECT head, segments, period, tx_id FROM period_record WHERE "
                                  "commitment = ?"));
    LM_ASSIGN(const bool row, q.bind(1, place.commitment).step());
    if (!row) return missing("the period record");
    out_.file.period = q.u64(2);
    LM_ASSIGN(out_.transaction, q.fixed<Digest>(3));
    return add_record(q, place);
  }

  Status add_step(const Place& place) {
    LM_TRY(check_released(*place.start));
    LM_ASSIGN(auto q, db_.prepare("SELECT r.head, r.segments, r.n, t.id, t.object FROM record r "
                                  "JOIN tx t USING(start, n) WHERE r.start = ? AND r.commitment = "
                                  "?"));
    LM_ASSIGN(const bool row, q.bind(1, *place.start).bind(2, place.commitment).step());
    if (!row) return missing("record or transaction");
    out_.file.index = q.u64(2);
    LM_ASSIGN(out_.transaction, q.fixed<Digest>(3));
    out_.file.transaction = ObjectBytes{to_bytes(q.blob(4))};
    LM_TRY(add_path(*place.start));
    return add_record(q, place);
  }

  // Of the lot's block the transactions' root stands in its application, so that only a released lot proves anything.
  Status check_released(const Digest& start) {
    LM_ASSIGN(auto q, db_.prepare("SELECT state, block, gtin, lot FROM batch WHERE start = ?"));
    LM_ASSIGN(const bool row, q.bind(1, start).step());
    if (!row) return missing("the lot");
    const std::string state = q.text(0);
    const std::string lot = fmt::format("lot {} of {}", q.text(3), q.text(2));
    if (state == chain::name(chain::BatchState::kRefused))
      return fail(Errc::kNotFound, lot + " was refused: no block holds what its records hang on");
    if (state != chain::name(chain::BatchState::kReleased) || q.is_null(1))
      return fail(Errc::kNotReady, "the event stands in a step of " + lot + ", not released yet");
    out_.block = q.u64(1);
    return {};
  }

  Status add_path(const Digest& start) {
    LM_ASSIGN(auto q, db_.prepare("SELECT id FROM tx WHERE start = ? ORDER BY n"));
    q.bind(1, start);
    merkle::MemoryTree tree;
    while (true) {
      LM_ASSIGN(const bool row, q.step());
      if (!row) break;
      tree.append_entry(q.blob(0));
    }
    if (out_.file.index >= tree.size()) return missing("a transaction of the lot");
    out_.file.path = tree.inclusion(out_.file.index);
    return {};
  }

  // Columns 0 and 1: head and segments.
  Status add_record(const store::Query& q, const Place& place) {
    LM_ASSIGN(out_.file.record, decode<RecordHead>(q.blob(0)));
    LM_ASSIGN(auto segments, chain::decode_segments(q.blob(1)));
    if (place.segment >= segments.size()) return missing("the segment");
    merkle::MemoryTree tree;
    for (const auto& s : segments) tree.append_entry(s);
    auto& shown = out_.file.segment;
    shown.index = place.segment;
    shown.path = tree.inclusion(place.segment);
    shown.entry = std::move(segments[static_cast<std::size_t>(place.segment)]);
    return {};
  }

  Status add_entry(const Place& place) {
    LM_ASSIGN(const auto leaves, chain::EventSets(db_).leaves(place.commitment, place.segment));
    if (place.at >= leaves.size() || leaves[static_cast<std::size_t>(place.at)].n != event_.n)
      return missing("the entry");
    merkle::MemoryTree tree;
    for (const auto& leaf : leaves) tree.append_entry(chain::event_entry(leaf));
    const auto& own = leaves[static_cast<std::size_t>(place.at)];
    out_.file.event = {place.at, own.salt, own.hash, tree.inclusion(place.at)};
    return {};
  }

  Status add_names() {
    LM_ASSIGN(const auto json, read_context(db_, event_.context));
    LM_ASSIGN(const auto context, epcis::Context::read(epcis::Json::parse(json, nullptr, false)));
    LM_ASSIGN(out_.file.names, proof::prefixes_used(event_.body, context.prefixes()));
    return {};
  }

  const store::Database& db_;
  const StoredEvent& event_;
  EventProofParts out_;
};

// Of a period block: where the transaction stands in its body.
Result<std::uint64_t> place_in_block(const EventProofParts& parts, const ShownBlock& shown) {
  LM_ASSIGN(const auto opened, open_receipt_block(shown.block.bytes, shown.chain));
  const auto* body = std::get_if<PeriodBody>(&opened.block.body.body);
  if (body == nullptr) return fail(Errc::kBlockKind, "the transaction's block is no period block");
  for (std::size_t i = 0; i < body->transactions.size(); ++i) {
    LM_ASSIGN(const auto id, id_of(body->transactions[i].bytes));
    if (id == parts.transaction) return std::uint64_t{i};
  }
  return fail(Errc::kCorrupt,
              fmt::format("block {} has not the record's transaction", opened.block.body.number));
}

}  // namespace

Result<EventProofParts> event_proof_parts(const store::Database& private_db,
                                          const StoredEvent& event) {
  return ProofOfEvent(private_db, event).run();
}

Error waits_for_block(const EventProofParts& parts) {
  return fail(Errc::kNotReady, fmt::format("the event stands in period record {}, which no block "
                                           "holds yet",
                                           parts.file.period.value_or(0)));
}

Result<Bytes> finish_event_proof(EventProofParts parts, ShownBlock shown) {
  if (!parts.file.of_lot()) {
    LM_ASSIGN(parts.file.index, place_in_block(parts, shown));
  }
  parts.file.block = std::move(shown.block);
  parts.file.statements = std::move(shown.statements);
  Bytes bytes = encode(parts.file);
  if (bytes.size() <= limits::kEventProof) return bytes;
  return fail(Errc::kObjectTooLarge, "block and statements are more than a proof may hold");
}

Result<Bytes> event_proof(const store::Database& private_db, const chain::PublicChain& chain,
                          const StoredEvent& event) {
  LM_ASSIGN(auto parts, event_proof_parts(private_db, event));
  auto block = parts.block;
  if (!block) {
    LM_ASSIGN(block, chain.block_of(parts.transaction));
  }
  if (!block) return waits_for_block(parts);
  LM_ASSIGN(auto shown, chain.shown_block(*block));
  return finish_event_proof(std::move(parts), std::move(shown));
}

}  // namespace lotmark::node
