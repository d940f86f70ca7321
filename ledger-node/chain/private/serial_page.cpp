#include "ledger-node/chain/private/serial_page.h"

#include "core/wire/cbor_reader.h"
#include "core/wire/cbor_writer.h"

namespace lotmark::chain {

namespace {

// An array of 2: head 82; a bstr of 16: head 50, then the salted hash; a text of at most 20: a head of one byte.
constexpr std::size_t kSaltAt = 2;
constexpr std::size_t kSerialAt = kSaltAt + Salt::kSize + 1;

bool is_entry(CborValue v) {
  if (v.type() != CborType::kArray || v.count() != 2) return false;
  const CborValue salt = v.first();
  const CborValue serial = salt.next();
  return salt.type() == CborType::kBytes && salt.bytes().size() == Salt::kSize &&
         serial.type() == CborType::kText && proof::valid_serial(serial.text());
}

}  // namespace

bool entry_below(ByteView a, ByteView b) { return std::ranges::lexicographical_compare(a, b); }

Salt entry_salt(ByteView entry) { return *Salt::from(entry.subspan(kSaltAt, Salt::kSize)); }

std::string_view entry_serial(ByteView entry) { return as_text(entry.subspan(kSerialAt)); }

Bytes SerialPage::encode(const std::vector<ByteView>& entries) {
  return cbor_bytes([&](CborWriter& w) {
    w.array(entries.size());
    for (const auto& e : entries) w.raw(e);
  });
}

Result<SerialPage> SerialPage::read(ByteView bytes) {
  SerialPage page;
  page.bytes_ = to_bytes(bytes);
  const auto doc = CborDoc::parse(page.bytes_);
  if (!doc) return fail(Errc::kCorrupt, "its entries are not readable: " + doc.error().message());
  const CborValue list = doc->root();
  if (list.type() != CborType::kArray || list.count() == 0 || list.count() > kPageEntries)
    return fail(Errc::kCorrupt, "it is no list of 1 to 4096 entries");
  page.entries_.reserve(list.count());
  CborValue v = list.first();
  for (std::size_t i = 0; i < list.count(); ++i, v = v.next()) {
    if (!is_entry(v)) return fail(Errc::kCorrupt, "entry " + std::to_string(i) + " is none");
    page.entries_.push_back(v.encoding());
  }
  return page;
}

std::optional<std::uint64_t> SerialPage::find(ByteView entry) const {
  const auto at = std::ranges::lower_bound(entries_, entry, entry_below);
  if (at == entries_.end() || !std::ranges::equal(*at, entry)) return std::nullopt;
  return static_cast<std::uint64_t>(at - entries_.begin());
}

merkle::MemoryTree SerialPage::tree() const {
  merkle::MemoryTree tree;
  for (const auto& e : entries_) tree.append_entry(e);
  return tree;
}

Digest page_root(const std::vector<ByteView>& entries) {
  merkle::CompactRange tree;
  for (const auto& e : entries) tree.append(merkle::leaf_hash(e));
  return tree.root();
}

}  // namespace lotmark::chain
