#include "ledger-node/review/submissions.h"

#include <fmt/format.h>

#include "core/base/hex.h"
#include "core/base/log.h"
#include "ledger-node/peer/call.h"
#include "ledger-node/review/opening_checks.h"

namespace lotmark::review {

Result<Bytes> Submissions::take_opening(ByteView body, const Member& from, Time now) {
  LM_ASSIGN(auto list, node::decode_list(body, 2));
  if (list.size() != 2) return Errc::kFieldType;
  LM_ASSIGN(auto opening, lotmark::open<Opening>(list[0], chain_.chain_id()));
  LM_ASSIGN(auto start, lotmark::open<Start>(list[1], chain_.chain_id()));
  const Opening& o = opening.body;
  LM_ASSIGN(auto held, store_.find(o.start));
  bool again = false;
  if (held) {
    LM_ASSIGN(auto before, lotmark::open<Opening>(held->opening, chain_.chain_id()));
    again = before.id == opening.id;
    if (again) opening.bytes = before.bytes;  // what was checked, whatever signature came this time
  }
  if (!again) {
    OpeningFacts facts;
    facts.statement = &chain_.statements().newest();
    facts.self = self_;
    facts.start_used = held.has_value();
    facts.line_known = lines_.contains(o.line);
    LM_ASSIGN(auto arrived, received_.find(o.start));
    if (arrived && arrived->type == "start" && start.id == o.start) {
      facts.start_arrived = arrived->at;
    }
    LM_TRY(check_opening(opening, from, facts, unix_ms(now)));
    LM_TRY(may_open(from.kid, now));
    ReviewRow row;
    row.start = o.start;
    row.gtin = o.gtin.text;
    row.lot = o.lot ? o.lot->text : "";
    row.opening = opening.bytes;
    row.enterprise = from.kid;
    row.at = unix_ms(now);
    LM_TRY(store_.add(row));
    log::info("review.opened",
              {{"gtin", row.gtin}, {"lot", row.lot}, {"enterprise", from.organisation}});
  }
  return received_.log(opening.id, "opening", opening.kid, opening.bytes, now);
}

// A lot that is opened and never applied for keeps its place for so many days.
Status Submissions::may_open(const KeyId& enterprise, Time now) {
  const std::uint64_t span = limits_.opening_days * 86'400'000;
  LM_ASSIGN(const auto open,
            store_.open_since(enterprise, unix_ms(now) - std::min(unix_ms(now), span)));
  if (open < limits_.open_lots) return {};
  ++counts_["lotmark_pool_refused_total{pool=\"openings\",why=\"full\"}"];
  return fail(Errc::kUnavailable,
              fmt::format("{} lots of this enterprise are opened and not applied for", open));
}

Status Submissions::not_expired(const Opening& opening, const char* pool, Time now) {
  const std::uint64_t last = opening.slots.empty() ? 0 : opening.slots.back();
  if (unix_ms(now) <= last + limits_.opening_days * 86'400'000) return {};
  ++counts_[fmt::format("lotmark_pool_refused_total{{pool=\"{}\",why=\"expired\"}}", pool)];
  return fail(Errc::kDenied,
              fmt::format("its last slot passed more than {} days ago", limits_.opening_days));
}

// The next place of its lot, or what is wrong with it. Kept before it is answered.
Status Submissions::place_transaction(const Signed<Transaction>& tx, Time now) {
  LM_ASSIGN(auto before, store_.transaction(tx.body.prev));
  LM_ASSIGN(auto row, store_.find(before ? before->start : tx.body.prev));
  if (!row) return fail(Errc::kPrevMismatch, "it follows nothing that arrived here");
  if (row->enterprise != tx.kid) return Errc::kTransactionSigner;
  const std::uint64_t n = before ? before->n + 1 : 0;
  LM_ASSIGN(auto there, store_.transaction(row->start, n));
  if (there) {
    LM_TRY(store_.keep_fork(*there, tx, unix_ms(now)));
    chain_.onlooker().forked(there->object, tx.bytes);
    log::warn("review.transaction_fork", {{"lot", row->lot}, {"n", n}, {"id", short_hex(tx.id)}});
    return fail(Errc::kTransactionFork, fmt::format("another transaction has place {}", n));
  }
  LM_ASSIGN(auto opening, lotmark::open<Opening>(row->opening, chain_.chain_id()));
  LM_TRY(not_expired(opening.body, "transactions", now));
  if (n > opening.body.slots.size()) {
    return fail(Errc::kTransactionCount,
                fmt::format("the opening has {} slots", opening.body.slots.size()));
  }
  if (before) {
    LM_ASSIGN(auto last, lotmark::open<Transaction>(before->object, chain_.chain_id()));
    if (tx.body.time < last.body.time) {
      return fail(Errc::kTimeOrder, "older than the transaction before");
    }
  }
  LM_TRY(store_.add_transaction(row->start, n, tx.id, tx.bytes));
  const Programme* programme = chain_.statements().newest().programme(opening.body.programme);
  const bool timed = programme != nullptr && n < opening.body.slots.size();
  if (timed && unix_ms(now) > opening.body.slots[n] + programme->lateness)
    ++counts_["lotmark_late_total{what=\"transaction\"}"];
  return {};
}

Result<Bytes> Submissions::take_transaction(ByteView body, const Member& from, Time now) {
  LM_ASSIGN(auto tx, lotmark::open<Transaction>(body, chain_.chain_id()));
  if (tx.kid != from.kid || !from.has(Role::kKeeping)) return Errc::kTransactionSigner;
  LM_ASSIGN(auto known, store_.transaction(tx.id));
  if (!known) {
    if (!tx.verified_by(from.public_key)) return Errc::kCoseSignature;
    LM_TRY(place_transaction(tx, now));
  }
  return received_.log(tx.id, "transaction", tx.kid, known ? ByteView(known->object) : body, now);
}

Status Submissions::check_application(const Application& a, const ReviewRow& row) const {
  LM_ASSIGN(auto opening, lotmark::open<Opening>(row.opening, chain_.chain_id()));
  const Opening& o = opening.body;
  if (opening.id != a.opening) {
    return fail(Errc::kNotFound, "another opening than the one that arrived here");
  }
  if (a.programme != o.programme) {
    return fail(Errc::kProgrammeUnknown, "another programme than its opening's");
  }
  if (a.gtin != o.gtin) return fail(Errc::kGtin, "another GTIN than its opening's");
  if (o.lot && a.lot != *o.lot) return fail(Errc::kLot, "another lot than its opening's");
  if (a.tx_count != o.slots.size() + 1) {
    return fail(Errc::kTransactionCount,
                fmt::format("{} transactions, the opening has {}", a.tx_count, o.slots.size() + 1));
  }
  LM_ASSIGN(auto held, store_.transactions(row.start));
  if (held.size() != a.tx_count) {
    return fail(Errc::kNeedSeq,
                fmt::format("{} of {} transactions arrived here", held.size(), a.tx_count));
  }
  merkle::CompactRange tree;
  for (const auto& t : held) tree.append(merkle::leaf_hash(t.id.view()));
  if (tree.root() != a.tx_root) {
    return fail(Errc::kTreePath, "tx_root is not that of the transactions that arrived");
  }
  return {};
}

Result<Bytes> Submissions::take_application(ByteView body, const Member& from, Time now,
                                            Digest& applied) {
  LM_ASSIGN(auto application, lotmark::open<Application>(body, chain_.chain_id()));
  if (application.kid != from.kid || !from.has(Role::kKeeping)) return Errc::kApplicationSigner;
  applied = application.body.start;
  LM_ASSIGN(auto row, store_.find(applied));
  if (!row || row->enterprise != from.kid) {
    return fail(Errc::kNotFound, "its opening never arrived here");
  }
  if (row->application_id != application.id) {
    if (!application.verified_by(from.public_key)) return Errc::kCoseSignature;
    if (row->application_id) {
      return fail(Errc::kConflict, "another application of that opening is under review");
    }
    LM_TRY(check_application(application.body, *row));
    LM_ASSIGN(auto opening, lotmark::open<Opening>(row->opening, chain_.chain_id()));
    LM_TRY(not_expired(opening.body, "applications", now));
    const Programme* programme = chain_.statements().newest().programme(opening.body.programme);
    if (programme != nullptr && !opening.body.slots.empty() &&
        unix_ms(now) > opening.body.slots.back() + programme->window + programme->lateness)
      ++counts_["lotmark_late_total{what=\"application\"}"];
    LM_TRY(store_.set_application(applied, application, unix_ms(now)));
    row->application = application.bytes;
    log::info("review.applied", {{"gtin", row->gtin}, {"lot", application.body.lot.text}});
  }
  return received_.log(application.id, "application", application.kid, row->application, now);
}

}  // namespace lotmark::review
