#include "ledger-node/chain/private/serial_order.h"

#include <array>

#include "core/wire/codec.h"

namespace lotmark::chain {

namespace {

constexpr std::size_t kParts = 256;
// Whole parts are taken up until there are so many entries: eight pages.
constexpr std::size_t kPortion = 8 * kPageEntries;

std::uint8_t part_of(ByteView entry) { return entry_salt(entry).bytes[0]; }

// Entries that are not placed yet, in order; they own their bytes.
struct Portion {
  std::vector<Bytes> entries;
  std::size_t part = 0;  // first part that is not among them
};

// Where the pages that stand end.
struct PlacedEnd {
  std::uint64_t pages = 0;    // that stand
  std::uint64_t entries = 0;  // on them
  Bytes last;                 // entry; empty before the first page
};

Result<PlacedEnd> placed_end(const store::Database& db, const Digest& start) {
  LM_ASSIGN(auto q, db.prepare("SELECT page + 1, entries FROM lot_serials WHERE start = ? "
                               "ORDER BY page DESC LIMIT 1"));
  LM_ASSIGN(const bool row, q.bind(1, start).step());
  if (!row) return PlacedEnd{};
  LM_ASSIGN(const auto page, SerialPage::read(q.blob(1)));
  const std::uint64_t pages = q.u64(0);
  return PlacedEnd{pages, (pages - 1) * kPageEntries + page.entries().size(),
                   to_bytes(page.entries().back())};
}

// Adds what of one part stands behind `last`, in order.
Status add_part(const store::Database& db, const Digest& start, std::size_t part, ByteView last,
                std::vector<Bytes>& out) {
  const auto before = static_cast<std::ptrdiff_t>(out.size());
  LM_ASSIGN(auto q, db.prepare("SELECT entries FROM serials_sent_part WHERE start = ? AND "
                               "part = ? ORDER BY page"));
  q.bind(1, start).bind(2, std::uint64_t{part});
  while (true) {
    LM_ASSIGN(const bool row, q.step());
    if (!row) break;
    LM_ASSIGN(const auto sent, SerialPage::read(q.blob(0)));
    for (const auto& e : sent.entries()) {
      if (last.empty() || entry_below(last, e)) out.push_back(to_bytes(e));
    }
  }
  std::sort(out.begin() + before, out.end());
  const auto twice = std::adjacent_find(out.begin() + before, out.end());
  if (twice == out.end()) return {};
  LM_ASSIGN(const auto entry, decode<SerialEntry>(*twice));
  return fail(Errc::kListDuplicate, "serial " + entry.serial + " was sent twice");
}

Status place_page(const store::Database& db, const Digest& start, std::uint64_t page,
                  const std::vector<ByteView>& entries) {
  LM_ASSIGN(auto q, db.prepare("INSERT INTO lot_serials(start, page, first, root, entries) "
                               "VALUES(?, ?, ?, ?, ?)"));
  q.bind(1, start).bind(2, page).bind(3, entry_salt(entries.front()));
  return q.bind(4, page_root(entries)).bind(5, SerialPage::encode(entries)).run();
}

// Whole pages off the front; the last one also if it is not whole. How many entries went.
Result<std::size_t> place_pages(const store::Database& db, const Digest& start, std::uint64_t page,
                                const Portion& from, bool last) {
  std::size_t at = 0;
  while (from.entries.size() - at >= kPageEntries || (last && at < from.entries.size())) {
    const std::size_t n = std::min<std::size_t>(kPageEntries, from.entries.size() - at);
    std::vector<ByteView> views(from.entries.begin() + static_cast<std::ptrdiff_t>(at),
                                from.entries.begin() + static_cast<std::ptrdiff_t>(at + n));
    LM_TRY(place_page(db, start, page++, views));
    at += n;
  }
  return at;
}

}  // namespace

Status keep_parts(const store::Database& db, const Digest& start, std::uint64_t page,
                  const proof::LotSalt& salt, const std::vector<std::string>& serials) {
  std::array<std::vector<Bytes>, kParts> parts;
  for (const auto& s : serials) {
    Bytes entry = proof::serial_entry(salt, s);
    parts[part_of(entry)].push_back(std::move(entry));
  }
  LM_ASSIGN(auto q, db.prepare("INSERT INTO serials_sent_part(start, part, page, entries) "
                               "VALUES(?, ?, ?, ?)"));
  for (std::size_t part = 0; part < kParts; ++part) {
    if (parts[part].empty()) continue;
    const std::vector<ByteView> views(parts[part].begin(), parts[part].end());
    q.bind(1, start).bind(2, std::uint64_t{part}).bind(3, page);
    LM_TRY(q.bind(4, SerialPage::encode(views)).run());
  }
  return {};
}

Result<bool> place_portion(const store::Database& db, const Digest& start) {
  LM_ASSIGN(const auto end, placed_end(db, start));
  Portion portion;
  portion.part = end.last.empty() ? 0 : part_of(end.last);
  while (portion.part < kParts && portion.entries.size() < kPortion) {
    LM_TRY(add_part(db, start, portion.part, end.last, portion.entries));
    ++portion.part;
  }
  const bool all = portion.part == kParts;
  LM_ASSIGN(const std::size_t placed, place_pages(db, start, end.pages, portion, all));
  // What is placed to its end is not needed again.
  const std::size_t left =
      placed == portion.entries.size() ? portion.part : part_of(portion.entries[placed]);
  LM_ASSIGN(auto q, db.prepare("DELETE FROM serials_sent_part WHERE start = ? AND part < ?"));
  LM_TRY(q.bind(1, start).bind(2, std::uint64_t{left}).run());
  return all;
}

Result<std::uint64_t> placed_pages(const store::Database& db, const Digest& start) {
  LM_ASSIGN(auto q, db.prepare("SELECT page + 1 FROM lot_serials WHERE start = ? ORDER BY page "
                               "DESC LIMIT 1"));
  LM_ASSIGN(const bool row, q.bind(1, start).step());
  return row ? q.u64(0) : 0;
}

Result<ItemsOf> items_placed(const store::Database& db, const Digest& start) {
  LM_ASSIGN(const auto end, placed_end(db, start));
  LM_ASSIGN(auto q, db.prepare("SELECT root FROM lot_serials WHERE start = ? ORDER BY page"));
  q.bind(1, start);
  merkle::CompactRange tree;
  while (true) {
    LM_ASSIGN(const bool row, q.step());
    if (!row) break;
    LM_ASSIGN(const auto root, q.fixed<Digest>(0));
    tree.append(root);
  }
  if (tree.size() == 0 || tree.size() != end.pages)
    return fail(Errc::kCorrupt, "pages of a lot's serials are missing");
  return ItemsOf{end.entries, tree.root()};
}

}  // namespace lotmark::chain
