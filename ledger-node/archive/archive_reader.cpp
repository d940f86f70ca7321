#include "ledger-node/archive/archive_reader.h"

#include <algorithm>

#include "core/proof/archived.h"
#include "core/wire/cbor_reader.h"
#include "core/wire/limits.h"
#include "ledger-node/chain/public/cut_content.h"
#include "ledger-node/chain/public/cut_store.h"

namespace lotmark::node {

namespace {

struct Head {
  unsigned major = 0;
  std::uint64_t value = 0;
  std::size_t bytes = 0;
};

// The head of a CBOR item; its form is judged by the reader of the whole item.
Result<Head> read_head(ByteView in) {
  if (in.empty()) return Errc::kCborTruncated;
  Head h{static_cast<unsigned>(in[0] >> 5), static_cast<std::uint64_t>(in[0] & 31), 1};
  if (h.value < 24) return h;
  if (h.value > 27) return Errc::kCborReserved;
  const std::size_t more = std::size_t{1} << (h.value - 24);
  if (in.size() < 1 + more) return Errc::kCborTruncated;
  h.value = 0;
  for (std::size_t i = 0; i < more; ++i) h.value = h.value << 8 | in[1 + i];
  h.bytes += more;
  return h;
}

// How many bytes the item at the front takes.
Result<std::size_t> item_size(ByteView in) {
  std::size_t at = 0;
  for (std::uint64_t items = 1; items > 0; --items) {
    LM_ASSIGN(const Head h, read_head(in.subspan(at)));
    at += h.bytes;
    const bool content = h.major == 2 || h.major == 3;
    if (content && h.value > in.size() - at) return Errc::kCborTruncated;
    if (content) at += static_cast<std::size_t>(h.value);
    if (h.major != 4 && h.major != 5) continue;
    if (h.value > in.size()) return Errc::kCborTruncated;
    items += h.major == 4 ? h.value : 2 * h.value;
  }
  return at;
}

Result<Tombstone> tombstone_of(const Signed<Block>& block, const Digest& chain) {
  const auto& body = std::get<ObjectBytes>(block.body.body);
  LM_ASSIGN(const auto release, lotmark::open<Release>(body.bytes, chain));
  LM_ASSIGN(const auto a, lotmark::open<Application>(release.body.application.bytes, chain));
  return Tombstone{proof::tombstone_key(a.body.gtin, a.body.lot), a.body.expires,
                   block.body.number};
}

}  // namespace

Result<ItemFile> ItemFile::open(const std::filesystem::path& file) {
  ItemFile f;
  f.in_.open(file, std::ios::binary);
  if (!f.in_) return fail(Errc::kIo, file.string() + " cannot be opened");
  return f;
}

// As many bytes as asked for, or all there are.
Status ItemFile::fill(std::size_t bytes) {
  const std::size_t had = ahead_.size();
  if (had >= bytes) return {};
  ahead_.resize(bytes);
  in_.read(reinterpret_cast<char*>(ahead_.data() + had), static_cast<std::streamsize>(bytes - had));
  ahead_.resize(had + static_cast<std::size_t>(in_.gcount()));
  return in_.bad() ? fail(Errc::kIo, "the file cannot be read") : Status();
}

void ItemFile::take(std::size_t bytes) {
  hash_->update(ByteView(ahead_).first(bytes));
  ahead_.erase(ahead_.begin(), ahead_.begin() + static_cast<std::ptrdiff_t>(bytes));
}

Result<Bytes> ItemFile::item(std::size_t max) {
  LM_TRY(fill(max));
  LM_ASSIGN(const std::size_t size, item_size(ahead_));
  Bytes out(ahead_.begin(), ahead_.begin() + static_cast<std::ptrdiff_t>(size));
  take(size);
  return out;
}

Result<std::optional<Bytes>> ItemFile::bstr(std::size_t max) {
  LM_TRY(fill(9));
  if (ahead_.empty()) return std::optional<Bytes>();
  LM_ASSIGN(const Head h, read_head(ahead_));
  if (h.major != 2) return Errc::kFieldType;
  if (h.value > max) return Errc::kBlockTooLarge;
  const std::size_t size = h.bytes + static_cast<std::size_t>(h.value);
  LM_TRY(fill(size));
  if (ahead_.size() < size) return Errc::kCborTruncated;
  LM_ASSIGN(const auto doc, CborDoc::parse(ByteView(ahead_).first(size)));
  Bytes content = to_bytes(doc.root().bytes());
  take(size);
  return std::optional(std::move(content));
}

Result<ArchiveSummary> read_archive(const std::filesystem::path& file, const Digest& chain,
                                    const ArchiveVisitor& visit) {
  LM_ASSIGN(auto reader, ItemFile::open(file));
  LM_ASSIGN(const Bytes header, reader.item(limits::kCutHead));
  ArchiveSummary out;
  LM_ASSIGN(out.header, read_archive_header(header));
  if (out.header.chain != chain)
    return fail(Errc::kCoseChain, file.string() + " is of another consortium");
  std::vector<Tombstone> tombstones;
  std::uint64_t next = out.header.first;
  while (true) {
    LM_ASSIGN(const auto bytes, reader.bstr(limits::kBlock));
    if (!bytes) break;
    LM_ASSIGN(const auto block, lotmark::open<Block>(*bytes, chain));
    const Block& b = block.body;
    if (b.number < next || b.number > out.header.last || !chain::loses_body(b.kind))
      return fail(Errc::kCutContent, "block " + std::to_string(b.number) + " may not stand here");
    next = b.number + 1;
    ++out.blocks;
    if (b.kind == BlockKind::kLot) {
      LM_ASSIGN(const auto t, tombstone_of(block, chain));
      tombstones.push_back(t);
    }
    LM_TRY(visit(block));
  }
  out.lots = tombstones.size();
  std::sort(tombstones.begin(), tombstones.end());
  if (chain::tombstone_root(tombstones) != out.header.tombstones)
    return fail(Errc::kCutContent, "its lots are not those that its header names");
  out.hash = reader.hash();
  return out;
}

}  // namespace lotmark::node
