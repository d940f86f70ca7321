#include "ledger-node/taint/private_taint.h"

#include "ledger-node/chain/private/batch_store.h"
#include "ledger-node/chain/private/claim_evidence.h"
#include "ledger-node/review/rows.h"
#include "ledger-node/taint/public_taint.h"

namespace lotmark::taint {

namespace {

using chain::ClaimEvidence;

struct RecordParts {
  ByteView head;
  const std::vector<Bytes>& segments;
  const std::vector<ClaimEvidence>& evidence;
  std::uint64_t time = 0;  // the holder's own
  std::function<Result<Segment>(std::uint64_t, ByteView)> open;
};

bool rests_on_any(const std::vector<ClaimEvidence>& evidence, std::uint64_t segment,
                  const std::set<Digest>& bundles) {
  for (const auto& e : evidence) {
    if (e.segment != segment) continue;
    for (const auto& ref : e.bundles) {
      if (bundles.contains(ref.bundle)) return true;
    }
  }
  return false;
}

// `bundles`: the device's that came too late to be trusted; null of a reviewer, who has no intake log.
Status look_at(const RecordParts& r, const chain::PublicChain& chain, const Suspicion& s,
               const std::set<Digest>* bundles, std::set<std::string>& why) {
  LM_ASSIGN(const auto head, decode<RecordHead>(r.head));
  const std::string step = head.step.value_or(std::string(name(head.kind)));
  if (head.author == s.key && r.time >= s.time) why.insert("author of " + step);
  for (std::uint64_t i = 0; i < r.segments.size(); ++i) {
    const auto segment = r.open(i, r.segments[i]);
    if (!segment && segment.code() != Errc::kSealReader && segment.code() != Errc::kSeal)
      return segment.error();
    if (!segment) {
      // Of its claim only the bundles are known: those of another device do not come into question.
      if (bundles == nullptr || rests_on_any(r.evidence, i, *bundles))
        why.insert("sealed segment of " + step + ", not opened");
      continue;
    }
    if (segment->name != "claim") continue;
    const auto claim = decode<Claim>(segment->content);
    if (!claim) continue;  // a note of that name
    const std::string of = " of " + step + " " + claim->channel;
    const bool late = claim->end >= s.time || (bundles && rests_on_any(r.evidence, i, *bundles));
    if (claim->device == s.key && late) why.insert("device" + of);
    if (claim->device == s.key && !late && bundles == nullptr)
      why.insert("device" + of + std::string(kDatesItself));
    const chain::Enrolled* device = chain.enrolled(claim->device);
    if (claim->enroller == s.key && device != nullptr && device->from_block >= s.block)
      why.insert("enroller" + of);
  }
  return {};
}

Result<std::set<Digest>> late_bundles(const store::Database& db, const chain::PublicChain& chain,
                                      const KeyId& self, const Suspicion& s) {
  LM_ASSIGN(const std::uint64_t logged, logged_before(chain, self, LogKind::kIntake, s.block));
  LM_ASSIGN(auto q, db.prepare("SELECT i.id FROM life AS l JOIN intake AS i ON i.life = l.n WHERE "
                               "l.device = ? AND i.idx >= ?"));
  q.bind(1, s.key).bind(2, logged);
  std::set<Digest> out;
  while (true) {
    LM_ASSIGN(bool row, q.step());
    if (!row) return out;
    LM_ASSIGN(auto id, q.fixed<Digest>(0));
    out.insert(id);
  }
}

Result<bool> started_by(const store::Database& db, const Digest& start, const Suspicion& s) {
  LM_ASSIGN(auto q, db.prepare("SELECT 1 FROM received WHERE id = ? AND signer = ? AND at >= ?"));
  return q.bind(1, start).bind(2, s.key).bind(3, s.time).step();
}

Status add(const chain::PublicChain& chain, const Gtin& gtin, const LotNumber& number,
           std::string_view enterprise, std::set<std::string> why, TaintedLots& lots) {
  if (why.empty()) return {};
  TaintedLot& lot = lots[{gtin.text, number.text}];
  lot.gtin = gtin;
  lot.lot = number;
  lot.why.merge(why);
  LM_ASSIGN(const auto entry, chain.find_lot(gtin, number));
  if (entry) {
    lot.block = entry->block;
    lot.product = entry->product;
  }
  lot.enterprise = entry ? entry->enterprise : std::string(enterprise);
  return {};
}

std::string organisation_of(const chain::PublicChain& chain, const KeyId& kid) {
  const Member* m = chain.member(kid);
  return m != nullptr ? m->organisation : std::string();
}

// This node's own log says when it came: what the chain alone could not tell is settled.
void forget_what_is_known_better(TaintedLots& lots, const Opening& o) {
  const auto lot = lots.find({o.gtin.text, o.lot.value_or(LotNumber{}).text});
  if (lot == lots.end()) return;
  std::erase_if(lot->second.why, [](const auto& w) { return w.ends_with(kDatesItself); });
  if (lot->second.why.empty()) lots.erase(lot);
}

Status look_at_batch(const chain::BatchStore& store, const chain::Batch& b,
                     const chain::PublicChain& chain, const Suspicion& s,
                     const std::set<Digest>& bundles, const chain::SegmentReader& reader,
                     std::set<std::string>& why) {
  LM_ASSIGN(const auto records, store.records(b.start()));
  for (const auto& r : records) {
    LM_ASSIGN(const auto evidence, chain::decode_evidence(r.record.evidence));
    const Bytes head = encode(r.record.head);
    const auto open_one = [&](std::uint64_t i, ByteView entry) {
      return reader.read(r.record.commitment, i, entry);
    };
    LM_TRY(look_at({head, r.record.segments, evidence, r.time, open_one}, chain, s, &bundles, why));
  }
  return {};
}

Status look_at_review(ByteView bytes, const chain::PublicChain& chain, const Suspicion& s,
                      const chain::OpeningKeys& keys, std::set<std::string>& why) {
  LM_ASSIGN(const auto rows, review::read_rows(bytes));
  for (const auto& row : rows.rows) {
    LM_ASSIGN(const auto tx, open<Transaction>(row.transaction, chain.chain_id()));
    const auto open_one = [&](std::uint64_t i, ByteView entry) -> Result<Segment> {
      LM_ASSIGN(auto segment, decode<Segment>(entry));
      return chain::open_by(chain.chain_id(), std::move(segment), row.recipients_of(i), keys);
    };
    LM_TRY(look_at({row.head, row.segments, row.evidence, tx.body.time, open_one}, chain, s,
                   nullptr, why));
  }
  return {};
}

}  // namespace

Status find_in_batches(const store::Database& db, const chain::PublicChain& chain,
                       const KeyId& self, const Suspicion& s, TaintedLots& lots,
                       const chain::OpeningKeys& keys) {
  LM_ASSIGN(const auto bundles, late_bundles(db, chain, self, s));
  const chain::BatchStore store(db, chain.chain_id());
  const chain::SegmentReader reader(db, chain.chain_id(), keys);
  LM_ASSIGN(const auto batches, store.load(true));
  for (const auto& b : batches) {
    std::set<std::string> why;
    LM_ASSIGN(const bool started, started_by(db, b.start(), s));
    if (started) why.insert("start");
    LM_TRY(look_at_batch(store, b, chain, s, bundles, reader, why));
    const Opening& o = b.opening.body;
    forget_what_is_known_better(lots, o);
    LM_TRY(add(chain, o.gtin, o.lot.value_or(LotNumber{}), organisation_of(chain, self),
               std::move(why), lots));
  }
  return {};
}

Status find_in_reviews(const store::Database& db, const chain::PublicChain& chain,
                       const Suspicion& s, TaintedLots& lots, const chain::OpeningKeys& keys) {
  LM_ASSIGN(auto q, db.prepare("SELECT start, gtin, lot, enterprise, rows FROM review"));
  while (true) {
    LM_ASSIGN(bool row, q.step());
    if (!row) return {};
    LM_ASSIGN(const auto start, q.fixed<Digest>(0));
    LM_ASSIGN(const auto enterprise, q.fixed<KeyId>(3));
    std::set<std::string> why;
    LM_ASSIGN(const bool started, started_by(db, start, s));
    if (started) why.insert("start");
    if (!q.is_null(4)) LM_TRY(look_at_review(q.blob(4), chain, s, keys, why));
    LM_TRY(add(chain, Gtin{q.text(1)}, LotNumber{q.text(2)}, organisation_of(chain, enterprise),
               std::move(why), lots));
  }
}

}  // namespace lotmark::taint
