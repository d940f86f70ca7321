// A lot's serials: each entry against the lot's salt, their order and pages, and the root of all against what the
// application names. docs/format/receipt.md, "Item proof".
#include <fmt/format.h>

#include "ledger-node/chain/private/audit_lot.h"
#include "ledger-node/chain/private/serial_page.h"

namespace lotmark::chain {

namespace {

constexpr std::size_t kPageFaultsMax = 50;  // of one lot, named one by one

constexpr const char* kWrongSalt = "its salted hash is not that of its serial";

}  // namespace

struct LotAudit::PageFault {
  std::optional<std::uint64_t> n;  // none of a page that is missing
  std::uint64_t page = 0;
  std::optional<std::size_t> entry;
  Errc error = Errc::kCorrupt;
  std::string text;
};

// The pages of one lot, in order.
class LotAudit::SerialPages {
 public:
  explicit SerialPages(const proof::LotSalt& salt) : salt_(salt) {}

  // Columns n, page, first, root, entries.
  void take(const store::Query& q) {
    const std::uint64_t n = q.u64(0);
    const std::uint64_t page = q.u64(1);
    numbers_.take(q.integer(1), [&](std::optional<std::uint64_t> at, const std::string& text) {
      add({{}, at.value_or(page), {}, Errc::kNotFound, text});
    });
    if (short_) add({n, page, {}, Errc::kCorrupt, "follows a page that is not full"});
    const auto read = SerialPage::read(q.blob(4));
    if (!read) {
      whole_ = false;
      return add({n, page, {}, Errc::kCorrupt, read.error().text});
    }
    check_entries(n, page, read->entries());
    const Digest root = page_root(read->entries());
    if (Digest::from(q.blob(3)) != root)
      add({n, page, {}, Errc::kTreePath, "its entries do not give its root"});
    if (Salt::from(q.blob(2)) != entry_salt(read->entries().front()))
      add({n, page, {}, Errc::kCorrupt, "its first is not the salted hash that it begins with"});
    pages_.append(root);
    entries_ += read->entries().size();
    short_ = read->entries().size() < kPageEntries;
  }

  // The lot's salt was changed, not its entries: no entry is named for it.
  bool all_salts_differ() const { return entries_ != 0 && wrong_salts_ == entries_; }
  void forget_salts() {
    std::erase_if(faults_, [](const PageFault& f) { return f.text == kWrongSalt; });
    more_ = 0;
  }
  bool whole() const { return whole_ && numbers_.whole(); }
  std::uint64_t entries() const { return entries_; }
  Digest root() const { return pages_.root(); }
  const std::vector<PageFault>& faults() const { return faults_; }
  std::uint64_t more() const { return more_; }

 private:
  void add(PageFault f) {
    if (faults_.size() < kPageFaultsMax) faults_.push_back(std::move(f));
    else ++more_;
  }

  void check_entries(std::uint64_t n, std::uint64_t page, const std::vector<ByteView>& entries) {
    for (std::size_t i = 0; i < entries.size(); ++i) {
      const ByteView e = entries[i];
      if (proof::serial_salt(salt_, entry_serial(e)) != entry_salt(e)) {
        ++wrong_salts_;
        add({n, page, i, Errc::kCorrupt, kWrongSalt});
      }
      if (!last_.empty() && !entry_below(last_, e))
        add({n, page, i, Errc::kSerialsOrder, "is not above the entry before it"});
      last_.assign(e.begin(), e.end());
    }
  }

  proof::LotSalt salt_;
  RowNumbers numbers_;
  merkle::CompactRange pages_;
  Bytes last_;          // entry
  bool short_ = false;  // the page before was not full
  bool whole_ = true;
  std::uint64_t entries_ = 0, wrong_salts_ = 0, more_ = 0;
  std::vector<PageFault> faults_;
};

void LotAudit::page_fault(const PageFault& f) {
  std::string what = fmt::format("page {}", f.page);
  if (f.entry) what += fmt::format(", entry {}", *f.entry);
  run_.fault({"lot_serials", f.n, what, lot_.name, lot_.block, f.error, f.text, {}});
}

// Serials that are not sealed are held against nothing: nobody signed anything of them.
Status LotAudit::check_unsealed(const std::optional<Checkpoint>& items) {
  if (items) {
    fault("lot_items", {}, Errc::kNotFound,
          fmt::format("is missing, the application names {} serials", items->size));
  }
  if (!lot_.application || items) return {};
  LM_ASSIGN(auto q, run_.db.prepare("SELECT count(*) FROM lot_serials WHERE start = ?"));
  LM_TRY(q.bind(1, start_).step());
  if (q.u64(0) != 0) {
    fault("lot_serials", {}, Errc::kCorrupt,
          fmt::format("{} pages of serials, the application names none", q.u64(0)));
  }
  return {};
}

Status LotAudit::check_pages(const proof::LotSalt& salt, const Checkpoint& named) {
  SerialPages pages(salt);
  LM_ASSIGN(auto q, run_.db.prepare("SELECT n, page, first, root, entries FROM lot_serials WHERE "
                                    "start = ? ORDER BY page"));
  q.bind(1, start_);
  while (true) {
    LM_ASSIGN(const bool row, q.step());
    if (!row) break;
    pages.take(q);
  }
  run_.report.serials += pages.entries();
  if (pages.all_salts_differ()) {
    pages.forget_salts();
    fault("lot_items", {}, Errc::kCorrupt, "its salt gives none of the salted hashes");
  }
  for (const auto& f : pages.faults()) page_fault(f);
  if (pages.more() != 0) {
    fault("lot_serials", {}, Errc::kCorrupt,
          fmt::format("{} more entries and pages have faults", pages.more()));
  }
  if (!pages.whole()) return {};
  if (pages.entries() != named.size) {
    fault("lot_serials", {}, Errc::kCorrupt,
          fmt::format("{} serials stand on its pages, {} are named", pages.entries(), named.size));
  } else if (pages.root() != named.root) {
    fault("lot_serials", {}, Errc::kTreePath, "its pages do not give the root that is named");
  }
  return {};
}

Status LotAudit::check_serials() {
  what_.clear();
  const auto items = lot_.application ? lot_.application->body.items : std::nullopt;
  LM_ASSIGN(auto q, run_.db.prepare("SELECT salt, count, root FROM lot_items WHERE start = ?"));
  LM_ASSIGN(const bool sealed, q.bind(1, start_).step());
  if (!sealed) return check_unsealed(items);
  const auto salt = proof::LotSalt::from(q.blob(0));
  const Checkpoint kept{q.u64(1), Digest::from(q.blob(2)).value_or(Digest{})};
  if (!salt) fault("lot_items", {}, Errc::kCorrupt, "its salt has another size");
  if (lot_.application && !items) {
    fault("lot_items", {}, Errc::kCorrupt,
          fmt::format("counts {} serials, the application names none", kept.size));
  } else if (items && *items != kept) {
    fault("lot_items", {}, Errc::kTreePath, "its count and root are not the application's");
  }
  return check_pages(salt.value_or(proof::LotSalt{}), items.value_or(kept));
}

}  // namespace lotmark::chain
