#include "ledger-node/chain/public/derived_rows.h"

#include <algorithm>
#include <set>

#include "core/base/assert.h"
#include "core/wire/complaint.h"
#include "core/wire/usage.h"
#include "ledger-node/chain/public/usages.h"

namespace lotmark::chain {

namespace {

enum Table : std::size_t {
  kOnce,
  kLot,
  kEnrolled,
  kHead,
  kPeriod,
  kTerm,
  kStatement,
  kRevocation,
  kRecall,
  kComplaint,
  kUsed,
  kUsedSerial
};

using Made = std::vector<DerivedRow>;

void add(Made& out, Table table, Cells cells) {
  out.push_back({&derived_tables()[table], std::move(cells)});
}

Status add_lot(Made& out, const Signed<Block>& block, const Membership& judge,
               const Digest& chain) {
  LM_ASSIGN(auto release, open<Release>(std::get<ObjectBytes>(block.body.body).bytes, chain));
  LM_ASSIGN(auto a, open<Application>(release.body.application.bytes, chain));
  const std::uint64_t number = block.body.number;
  const Member* m = judge.find(a.kid);
  add(out, kOnce, {Cell::of(a.id), Cell::of(number)});
  add(out, kLot,
      {Cell::of(number), Cell::of(a.body.gtin.text), Cell::of(a.body.lot.text),
       Cell::of(a.body.product), Cell::of(std::uint64_t{a.body.expires.yyyymmdd}),
       Cell::of(m != nullptr ? m->organisation : std::string()), Cell::of(a.id),
       Cell::of(block.body.time), Cell::of(a.body.supersedes)});
  return {};
}

// `listed`: keys of the serials that reports before it in the block named.
Status add_usage(Made& out, ByteView object, const Cell& number, const Digest& chain,
                 std::set<std::uint64_t>& listed) {
  LM_ASSIGN(const auto u, open<Usage>(object, chain));
  const Usage& x = u.body;
  add(out, kUsed,
      {Cell::of(u.id), number, Cell::of(x.gtin.text), Cell::of(x.lot.text),
       Cell::of(static_cast<std::uint64_t>(x.kind)), Cell::of(x.count), Cell::of(u.kid),
       Cell::of(ByteView(u.bytes))});
  for (const auto& serial : x.serials) {
    const std::uint64_t key = serial_key(x.gtin, x.lot, serial);
    if (listed.insert(key).second) add(out, kUsedSerial, {Cell::of(key), number});
  }
  return {};
}

// Its id, and of a complaint or a report of use what it says.
Status add_event(Made& out, ByteView object, const Cell& number, const Digest& chain,
                 std::set<std::uint64_t>& listed) {
  LM_ASSIGN(const Digest id, id_of(object));
  add(out, kOnce, {Cell::of(id), number});
  const auto label = peek(object);
  if (label && label->type == SignedName<Usage>::value)
    return add_usage(out, object, number, chain, listed);
  if (!label || label->type != SignedName<Complaint>::value) return {};
  LM_ASSIGN(auto c, open<Complaint>(object, chain));
  add(out, kComplaint,
      {Cell::of(c.id), number, Cell::of(c.body.subject), Cell::of(ByteView(c.bytes))});
  return {};
}

Status add_period(Made& out, const Signed<Block>& block, const Digest& chain) {
  const auto& body = std::get<PeriodBody>(block.body.body);
  const Cell number = Cell::of(block.body.number);
  add(out, kPeriod, {Cell::of(body.number), number, Cell::of(block.body.time)});
  for (const auto& o : body.enrolments) {
    LM_ASSIGN(auto e, open<Enrolment>(o.bytes, chain));
    const Enrolment& x = e.body;
    add(out, kOnce, {Cell::of(e.id), number});
    add(out, kEnrolled,
        {Cell::of(key_id(x.public_key)), Cell::of(x.public_key),
         Cell::of(static_cast<std::uint64_t>(x.kind)), Cell::of(x.name), Cell::of(x.organisation),
         Cell::of(e.kid), number, Cell::of(x.predecessor)});
  }
  for (const auto& o : body.heads) {
    LM_ASSIGN(auto h, open<Head>(o.bytes, chain));
    const Head& x = h.body;
    add(out, kOnce, {Cell::of(h.id), number});
    add(out, kHead,
        {Cell::of(h.kid), Cell::of(static_cast<std::uint64_t>(x.log)), number, Cell::of(x.size),
         Cell::of(x.root), Cell::of(x.time)});
  }
  for (const auto& o : body.transactions) {
    LM_ASSIGN(auto t, open<Transaction>(o.bytes, chain));
    add(out, kOnce, {Cell::of(t.id), number});
  }
  std::set<std::uint64_t> listed;
  for (const auto& o : body.events) LM_TRY(add_event(out, o.bytes, number, chain, listed));
  return {};
}

Status add_revocation(Made& out, const Signed<Block>& block, const Digest& chain) {
  LM_ASSIGN(auto r, open<Revocation>(std::get<ObjectBytes>(block.body.body).bytes, chain));
  const Cell number = Cell::of(block.body.number);
  add(out, kOnce, {Cell::of(r.id), number});
  add(out, kRevocation,
      {number, Cell::of(r.body.kid), Cell::of(r.body.from),
       Cell::of(static_cast<std::uint64_t>(r.body.reason)), Cell::of(r.body.text)});
  return {};
}

Status add_recall(Made& out, const Signed<Block>& block, const Digest& chain) {
  LM_ASSIGN(auto r, open<Recall>(std::get<ObjectBytes>(block.body.body).bytes, chain));
  const Cell number = Cell::of(block.body.number);
  add(out, kOnce, {Cell::of(r.id), number});
  add(out, kRecall,
      {number, Cell::of(r.body.gtin.text), r.body.lot ? Cell::of(r.body.lot->text) : Cell{},
       Cell::of(std::uint64_t{r.body.open ? 1u : 0u}), Cell::of(r.body.time),
       Cell::of(r.body.reason), Cell::of(r.kid)});
  return {};
}

}  // namespace

// A new table of rows that follow from blocks takes: a line here, its columns with the key first (derived_rows.h says
// what the rest is); its rows in derived_rows(), or in ChainCheck::rows_of (check_events.cpp) where rows of blocks before
// have a say; its name in PublicChain::take_back; and a block with such rows in tests/unit/chain/whole_chain.cpp, so that
// chain_damage_test flips each of their bytes.
const std::vector<DerivedTable>& derived_tables() {
  // The first in the order of enum Table.
  static const std::vector<DerivedTable> tables = {
      {"once", {"id", "block"}, 1, 1, {}, {}},
      {"lot",
       {"block", "gtin", "lot", "product", "expires", "enterprise", "application", "time",
        "supersedes"},
       1,
       0,
       {{"lot_code", {1, 2, 0}}, {"lot_supersedes", {8, 0}}},
       {}},
      {"enrolled",
       {"kid", "key", "kind", "name", "organisation", "enroller", "block", "predecessor"},
       1,
       6,
       {},
       {}},
      {"head", {"kid", "log", "block", "size", "root", "time"}, 3, 2, {}, 2},
      {"period", {"number", "block", "time"}, 1, 1, {}, 0},
      {"term", {"term", "kid", "block"}, 1, 2, {}, {}},
      {"statement", {"epoch", "object", "block"}, 1, 2, {}, {}},
      {"revocation",
       {"block", "kid", "since", "reason", "text"},
       1,
       0,
       {{"revocation_kid", {1, 0}}},
       {}},
      {"recall",
       {"block", "gtin", "lot", "opens", "time", "reason", "signer"},
       1,
       0,
       {{"recall_code", {1, 2, 0}}},
       {}},
      {"complaint", {"id", "block", "subject", "object"}, 2, 1, {}, {}, true},
      {"used",
       {"id", "block", "gtin", "lot", "kind", "units", "kid", "object"},
       2,
       1,
       {{"used_lot", {2, 3, 1, 0}}},
       {},
       true},
      {"used_serial", {"key", "block"}, 2, 1, {}, {}},
      {"ruling",
       {"n", "complaint", "kid", "block", "terms"},
       1,
       3,
       {{"ruling_complaint", {1, 2, 0}}},
       {}},
      {"settled",
       {"complaint", "block", "terms", "text", "penalised", "rewarded", "points", "reward"},
       2,
       1,
       {{"settled_penalised", {4, 0, 1}}, {"settled_rewarded", {5, 0, 1}}},
       {},
       true},
      {"once_again", {"id", "block"}, 1, 1, {}, {}},
  };
  return tables;
}

const DerivedTable& derived_table(std::string_view name) {
  const auto& all = derived_tables();
  const auto at = std::ranges::find(all, name, &DerivedTable::name);
  LM_ASSERT(at != all.end());
  return *at;
}

Result<Made> derived_rows(const Signed<Block>& block, const Membership& judge,
                          const Digest& chain) {
  Made out;
  const Block& b = block.body;
  if (b.number == 0) return out;
  if (b.number == 1 || b.kind == BlockKind::kTerm) {
    add(out, kTerm, {Cell::of(b.term), Cell::of(block.kid), Cell::of(b.number)});
  }
  switch (b.kind) {
    case BlockKind::kLot: LM_TRY(add_lot(out, block, judge, chain)); break;
    case BlockKind::kPeriod: LM_TRY(add_period(out, block, chain)); break;
    case BlockKind::kMembership:
      add(out, kStatement,
          {Cell::of(b.epoch), Cell::of(ByteView(std::get<ObjectBytes>(b.body).bytes)),
           Cell::of(b.number)});
      break;
    case BlockKind::kRefusal: {
      LM_ASSIGN(auto refusal, open<Refusal>(std::get<ObjectBytes>(b.body).bytes, chain));
      add(out, kOnce, {Cell::of(refusal.body.application), Cell::of(b.number)});
      break;
    }
    case BlockKind::kRevocation: LM_TRY(add_revocation(out, block, chain)); break;
    case BlockKind::kRecall: LM_TRY(add_recall(out, block, chain)); break;
    case BlockKind::kTerm:
    case BlockKind::kCut: break;
  }
  return out;
}

}  // namespace lotmark::chain
