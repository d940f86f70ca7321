// Rows that follow from a block and from what the blocks before it left in the tables: rulings, the complaints that they
// settle, and ids that came again.
#include "ledger-node/chain/public/check.h"
#include "ledger-node/chain/public/complaints.h"

namespace lotmark::chain {

Result<std::vector<DerivedRow>> ChainCheck::rows_of(const Signed<Block>& block,
                                                    const Membership& judge) const {
  LM_ASSIGN(auto made, derived_rows(block, judge, statements_.chain()));
  LM_TRY(part_again(made));
  LM_TRY(add_rulings(block, judge, made));
  return made;
}

// While `once` still holds a block in a cut range that had the id before, the row stands in once_again.
Status ChainCheck::part_again(std::vector<DerivedRow>& made) const {
  if (cut_end_ <= dropped_end_) return {};
  for (auto& r : made) {
    if (r.table->name != "once") continue;
    LM_ASSIGN(const auto before,
              rows_.read("SELECT 1 FROM once WHERE id = ? AND block >= ? AND block < min(?, ?)",
                         {r.cells[0], Cell::of(dropped_end_), Cell::of(cut_end_), r.cells[1]}));
    if (!before.empty()) r.table = &derived_table("once_again");
  }
  return {};
}

// Numbered as they came, without a hole: only the newest are ever taken back.
Status ChainCheck::add_rulings(const Signed<Block>& block, const Membership& judge,
                               std::vector<DerivedRow>& made) const {
  const auto* period = std::get_if<PeriodBody>(&block.body.body);
  if (period == nullptr || period->events.empty()) return {};
  const Cell number = Cell::of(block.body.number);
  LM_ASSIGN(const auto last, rows_.read("SELECT n FROM ruling WHERE block < ? ORDER BY block DESC, "
                                        "n DESC LIMIT 1",
                                        {number}));
  auto n = last.empty() ? std::uint64_t{0} : static_cast<std::uint64_t>(last.front()[0].number);
  for (const auto& o : period->events) {
    const auto label = peek(o.bytes);
    if (!label || label->type != SignedName<Ruling>::value) continue;
    LM_ASSIGN(const auto r, lotmark::open<Ruling>(o.bytes, statements_.chain()));
    LM_ASSIGN(const auto known,
              rows_.read("SELECT block, object FROM complaint WHERE id = ? AND block < ? "
                         "ORDER BY block DESC LIMIT 1",
                         {Cell::of(r.body.complaint), number}));
    if (known.empty()) continue;  // cut before this chain began
    made.push_back({&derived_table("ruling"),
                    {Cell::of(++n), Cell::of(r.body.complaint), Cell::of(r.kid), number,
                     Cell::of(ByteView(terms_of(r.body)))}});
    LM_TRY(add_settled(r, known.front(), number, judge, made));
  }
  return {};
}

// Those that count for the ruling that was added last: of blocks before this one from the table, of this one from `made`.
Result<std::uint64_t> ChainCheck::agreeing(const Cells& ruling, const Cell& complained,
                                           const Membership& judge,
                                           const std::vector<DerivedRow>& made) const {
  enum { kN, kComplaint, kKid, kBlock, kTerms };
  std::map<Bytes, Bytes> newest;  // by kid
  LM_ASSIGN(
      const auto before,
      rows_.read("SELECT kid, max(n), terms FROM ruling WHERE complaint = ? AND block > ? AND "
                 "block < ? GROUP BY kid",
                 {ruling[kComplaint], complained, ruling[kBlock]}));
  for (const auto& row : before) newest[row[0].bytes] = row[2].bytes;
  for (const auto& r : made) {
    if (r.table->name == "ruling" && r.cells[kComplaint] == ruling[kComplaint])
      newest[r.cells[kKid].bytes] = r.cells[kTerms].bytes;
  }
  std::uint64_t count = 0;
  for (const auto& [kid, terms] : newest) {
    const auto id = KeyId::from(kid);
    const Member* m = id ? judge.find(*id) : nullptr;
    if (m != nullptr && m->has(Role::kSupervising) && terms == ruling[kTerms].bytes) ++count;
  }
  return count;
}

// Of a complaint whose block is gone nothing can be worked out again, and nothing rests on it: its row is taken as it is.
Status ChainCheck::add_settled(const Signed<Ruling>& r, const Cells& known, const Cell& number,
                               const Membership& judge, std::vector<DerivedRow>& made) const {
  const DerivedTable& table = derived_table("settled");
  const Cell complaint = Cell::of(r.body.complaint);
  const Cells ruling = made.back().cells;
  for (const auto& m : made) {
    if (m.table == &table && m.cells[0] == complaint) return {};  // by a ruling before it
  }
  const auto object = lotmark::open<Complaint>(known[1].bytes, statements_.chain());
  if (!object || gone(static_cast<std::uint64_t>(known[0].number))) {
    LM_ASSIGN(
        auto stored,
        rows_.read("SELECT complaint, block, terms, text, penalised, rewarded, points, reward "
                   "FROM settled WHERE complaint = ? AND block = ?",
                   {complaint, number}));
    if (!stored.empty()) made.push_back({&table, std::move(stored.front())});
    return {};
  }
  LM_ASSIGN(const auto before, rows_.read("SELECT 1 FROM settled WHERE complaint = ? AND block > ? "
                                          "AND block < ?",
                                          {complaint, known[0], number}));
  if (!before.empty()) return {};
  LM_ASSIGN(const std::uint64_t count, agreeing(ruling, known[0], judge, made));
  if (count < judge.quorum) return {};
  made.push_back({&table,
                  {complaint, number, ruling.back(), Cell::of(r.body.text),
                   Cell::of(penalised(r.body.outcome, object->body.subject, object->kid)),
                   Cell::of(object->kid), Cell::of(r.body.points), Cell::of(r.body.reward)}});
  return {};
}

}  // namespace lotmark::chain
