#include "ledger-node/archive/archive_stream.h"

#include <algorithm>

#include "core/base/assert.h"
#include "core/wire/cbor_reader.h"
#include "core/wire/limits.h"
#include "ledger-node/chain/public/cut_content.h"
#include "ledger-node/chain/public/disclosures.h"

namespace lotmark::node {

namespace {

constexpr std::size_t kHeadMax = 5;  // of a bstr of up to limits::kBlock

// How many bytes the bstr at the front takes; nothing while that does not stand there yet.
Result<std::optional<std::size_t>> bstr_size(ByteView in, std::size_t max) {
  if (in.empty()) return std::optional<std::size_t>();
  if (in[0] < 0x40 || in[0] > 0x5a)
    return fail(Errc::kCutContent, "what came holds something that is no byte string");
  const unsigned info = in[0] & 31;
  if (info < 24) return std::optional<std::size_t>(1 + info);
  const std::size_t more = std::size_t{1} << (info - 24);
  if (in.size() < 1 + more) return std::optional<std::size_t>();
  std::size_t content = 0;
  for (std::size_t i = 0; i < more; ++i) content = content << 8 | in[1 + i];
  if (content > max) return Errc::kBlockTooLarge;
  return std::optional(1 + more + content);
}

}  // namespace

Result<ArchiveStream> ArchiveStream::begin(const chain::PublicChain& chain,
                                           const chain::CutEntry& cut, ArchivePart part) {
  LM_ASSIGN(const auto head, read_snapshot(cut.head));
  Bytes header;
  if (part == ArchivePart::kDisclosures)
    return ArchiveStream(chain, cut, part, header, head.tombstones.size);
  LM_TRY(chain::write_archive_header(chain, cut.first, cut.last, head.tombstones,
                                     [&](ByteView piece) -> Status {
                                       header.insert(header.end(), piece.begin(), piece.end());
                                       return {};
                                     }));
  return ArchiveStream(chain, cut, part, std::move(header), cut.last - cut.first + 1);
}

Status ArchiveStream::take(ByteView page) {
  const std::size_t shared = std::min(page.size(), header_.size());
  if (!std::equal(page.begin(), page.begin() + static_cast<std::ptrdiff_t>(shared),
                  header_.begin()))
    return fail(Errc::kCutContent, "its header is not this cut's");
  header_.erase(header_.begin(), header_.begin() + static_cast<std::ptrdiff_t>(shared));
  page = page.subspan(shared);
  rest_.insert(rest_.end(), page.begin(), page.end());
  ByteView left = rest_;
  while (true) {
    LM_ASSIGN(const auto size,
              bstr_size(left, part_ == ArchivePart::kBlocks ? limits::kBlock : limits::kReceipt));
    if (!size || *size > left.size()) break;
    LM_ASSIGN(const auto doc, CborDoc::parse(left.first(*size)));
    LM_TRY(take_item(doc.root().bytes()));
    left = left.subspan(*size);
  }
  rest_ = to_bytes(left);
  LM_ASSERT(rest_.size() < kHeadMax + limits::kBlock);
  return {};
}

Status ArchiveStream::take_item(ByteView content) {
  if (items_ == 0) return fail(Errc::kCutContent, "more came than the range has");
  --items_;
  if (part_ == ArchivePart::kBlocks) return take_block(content);
  LM_ASSIGN(const auto told, chain::read_disclosure(content));
  return pass(told.block);
}

// No leaf covers the signature: the hash of the whole file does.
Status ArchiveStream::take_block(ByteView bytes) {
  LM_ASSIGN(const auto block, lotmark::open<Block>(bytes, chain_->chain_id()));
  const std::uint64_t number = block.body.number;
  LM_TRY(pass(number));
  LM_ASSIGN(const bool ours, chain_->has_id(number, block.id));
  if (ours && chain::loses_body(block.body.kind)) return seen_ ? seen_(block) : Status();
  return fail(Errc::kCutContent, "block " + std::to_string(number) + " is not the one cut");
}

Status ArchiveStream::pass(std::uint64_t number) {
  if (number < next_ || number > last_)
    return fail(Errc::kCutContent, "block " + std::to_string(number) + " may not stand here");
  next_ = number + 1;
  return {};
}

Status ArchiveStream::end() const {
  return rest_.empty() && header_.empty() ? Status()
                                          : fail(Errc::kCutContent, "what came breaks off");
}

}  // namespace lotmark::node
