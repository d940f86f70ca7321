#include "ledger-node/chain/private/item_proofs.h"

#include <algorithm>

#include "ledger-node/chain/private/private_store.h"
#include "ledger-node/chain/private/serial_page.h"

namespace lotmark::chain {

namespace {

// A lot whose serials are all there.
struct LotItems {
  Digest start;
  proof::LotSalt salt;
  ItemsOf items;
};

Result<std::optional<LotItems>> items_of_lot(const store::Database& db, const Gtin& gtin,
                                             const LotNumber& lot) {
  LM_ASSIGN(auto q, db.prepare("SELECT i.start, i.salt, i.count, i.root FROM batch AS b "
                               "JOIN lot_items AS i ON i.start = b.start "
                               "WHERE b.gtin = ? AND b.lot = ?"));
  LM_ASSIGN(const bool row, q.bind(1, gtin.text).bind(2, lot.text).step());
  if (!row) return std::optional<LotItems>();
  LotItems out;
  LM_ASSIGN(out.start, q.fixed<Digest>(0));
  LM_ASSIGN(out.salt, q.fixed<proof::LotSalt>(1));
  out.items.count = q.u64(2);
  LM_ASSIGN(out.items.root, q.fixed<Digest>(3));
  return std::optional(out);
}

// The last page that begins at or below `salt`, as the index has it; the first one where none does.
Result<std::uint64_t> page_of(const store::Database& db, const Digest& start, const Salt& salt) {
  LM_ASSIGN(auto q, db.prepare("SELECT page FROM lot_serials WHERE start = ? AND first <= ? ORDER "
                               "BY first DESC, page DESC LIMIT 1"));
  LM_ASSIGN(const bool row, q.bind(1, start).bind(2, salt).step());
  return row ? q.u64(0) : 0;
}

Result<SerialPage> page_by_number(const store::Database& db, const Digest& start,
                                  std::uint64_t page) {
  LM_ASSIGN(auto q, db.prepare("SELECT entries FROM lot_serials WHERE start = ? AND page = ?"));
  LM_ASSIGN(const bool row, q.bind(1, start).bind(2, page).step());
  if (!row)
    return fail(Errc::kCorrupt, "page " + std::to_string(page) + " of the serials is missing");
  return SerialPage::read(q.blob(0));
}

// The tree over the pages' roots: above the pages it is the items tree.
Result<merkle::MemoryTree> tree_of_pages(const store::Database& db, const Digest& start) {
  LM_ASSIGN(auto q,
            db.prepare("SELECT page, root FROM lot_serials WHERE start = ? ORDER BY first, page"));
  q.bind(1, start);
  merkle::MemoryTree out;
  while (true) {
    LM_ASSIGN(const bool row, q.step());
    if (!row) return out;
    if (q.u64(0) != out.size())
      return fail(Errc::kCorrupt,
                  "page " + std::to_string(out.size()) + " of the serials is missing or misplaced");
    LM_ASSIGN(const auto root, q.fixed<Digest>(1));
    out.append(root);
  }
}

// A page that gives the root kept of it: what is not on it between its first entry and its last is not in the lot.
struct CheckedPage {
  std::uint64_t page = 0;
  SerialPage entries;
  merkle::MemoryTree tree;
};

Result<CheckedPage> checked_page(const store::Database& db, const LotItems& lot,
                                 const merkle::MemoryTree& pages, std::uint64_t page) {
  LM_ASSIGN(auto read, page_by_number(db, lot.start, page));
  const auto& entries = read.entries();
  const bool ascending =
      std::ranges::is_sorted(entries, [](ByteView a, ByteView b) { return entry_below(a, b); });
  const std::uint64_t due = std::min(kPageEntries, lot.items.count - page * kPageEntries);
  auto tree = read.tree();
  if (!ascending || entries.size() != due || tree.root() != pages.leaf(page))
    return fail(Errc::kCorrupt, "page " + std::to_string(page) +
                                    " of the lot's serials does not give the root kept of it");
  // Under another salt no serial would be found.
  const ByteView first = entries.front();
  if (!std::ranges::equal(proof::serial_entry(lot.salt, entry_serial(first)), first))
    return fail(Errc::kCorrupt, "the salt kept of the lot's serials is not theirs");
  return CheckedPage{page, std::move(read), std::move(tree)};
}

// The page the entry is on, or would be on. What the index says is where to begin: a neighbour is looked at where the
// entry lies outside the page.
Result<CheckedPage> page_for(const store::Database& db, const LotItems& lot,
                             const merkle::MemoryTree& pages, ByteView entry) {
  LM_ASSIGN(const std::uint64_t begin, page_of(db, lot.start, entry_salt(entry)));
  if (begin >= pages.size())
    return fail(Errc::kCorrupt, "the lot's serials are indexed on a page that is not there");
  LM_ASSIGN(auto at, checked_page(db, lot, pages, begin));
  while (at.page > 0 && entry_below(entry, at.entries.entries().front())) {
    LM_ASSIGN(auto before, checked_page(db, lot, pages, at.page - 1));
    const bool between = entry_below(before.entries.entries().back(), entry);
    at = std::move(before);
    if (between) return at;
  }
  while (at.page + 1 < pages.size() && entry_below(at.entries.entries().back(), entry)) {
    LM_ASSIGN(auto behind, checked_page(db, lot, pages, at.page + 1));
    if (entry_below(entry, behind.entries.entries().front())) return at;
    at = std::move(behind);
  }
  return at;
}

}  // namespace

Result<ItemProofs> ItemProofs::open(const std::filesystem::path& private_db) {
  LM_ASSIGN(auto db, open_private(private_db, true));
  return ItemProofs(std::move(db));
}

Result<std::optional<ItemsOf>> ItemProofs::items(const Gtin& gtin, const LotNumber& lot) const {
  LM_ASSIGN(const auto found, items_of_lot(db_, gtin, lot));
  return found ? std::optional(found->items) : std::nullopt;
}

Result<std::optional<ItemAt>> ItemProofs::find(const Gtin& gtin, const LotNumber& lot,
                                               std::string_view serial) const {
  if (!proof::valid_serial(serial)) return std::optional<ItemAt>();
  LM_ASSIGN(const auto found, items_of_lot(db_, gtin, lot));
  if (!found) return std::optional<ItemAt>();
  Bytes entry = proof::serial_entry(found->salt, serial);
  LM_ASSIGN(const auto pages, tree_of_pages(db_, found->start));
  const std::uint64_t due = (found->items.count + kPageEntries - 1) / kPageEntries;
  if (pages.size() == 0 || pages.size() != due || pages.root() != found->items.root)
    return fail(Errc::kCorrupt, "the pages of the lot's serials do not give the root kept of them");
  LM_ASSIGN(const auto at, page_for(db_, *found, pages, entry));
  const auto place = at.entries.find(entry);
  if (!place) return std::optional<ItemAt>();
  auto path = at.tree.inclusion(*place);
  const auto above = pages.inclusion(at.page);
  path.insert(path.end(), above.begin(), above.end());
  return std::optional(ItemAt{at.page * kPageEntries + *place, found->items.count, std::move(entry),
                              std::move(path), found->items.root});
}

}  // namespace lotmark::chain
