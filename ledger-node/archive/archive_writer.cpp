#include "ledger-node/archive/archive_writer.h"

#include <algorithm>

#include "ledger-node/archive/disclosures.h"
#include "ledger-node/chain/public/cut_content.h"

namespace lotmark::node {

BlockRange range_of(const chain::CutEntry& cut) { return {cut.first, cut.last}; }

Result<Digest> archive_hash(const chain::PublicChain& chain, const chain::CutEntry& cut) {
  LM_ASSIGN(const auto bytes, chain.block(cut.block));
  LM_ASSIGN(const auto block, open<Block>(bytes, chain.chain_id()));
  const auto* body = std::get_if<CutBody>(&block.body.body);
  if (body == nullptr) return fail(Errc::kCorrupt, "a cut's block is none");
  return body->archive;
}

Result<ArchiveWriter> ArchiveWriter::begin(const chain::PublicChain& chain, ArchiveFolder& folder,
                                           const chain::CutEntry& cut) {
  const BlockRange range = range_of(cut);
  LM_ASSIGN(const Digest hash, archive_hash(chain, cut));
  LM_ASSIGN(const auto head, read_snapshot(cut.head));
  LM_ASSIGN(auto disclosures, folder.create(range, ArchivePart::kDisclosures));
  LM_ASSIGN(auto blocks, folder.create(range, ArchivePart::kBlocks));
  LM_TRY(chain::write_archive_header(chain, range.first, range.last, head.tombstones,
                                     [&](ByteView piece) { return blocks.write(piece); }));
  return ArchiveWriter(chain, folder, range, hash, std::move(disclosures), std::move(blocks));
}

Result<bool> ArchiveWriter::step(std::uint64_t blocks) {
  const std::uint64_t last = std::min(range_.last, next_ + blocks - 1);
  LM_TRY(write_disclosures(*chain_, next_, last,
                           [&](ByteView piece) { return disclosures_.write(piece); }));
  LM_TRY(chain::write_archive_blocks(*chain_, next_, last,
                                     [&](ByteView piece) { return blocks_.write(piece); }));
  next_ = last + 1;
  if (next_ <= range_.last) return false;
  LM_TRY(disclosures_.commit());
  if (blocks_.hash() != hash_)
    return fail(Errc::kCutContent, "the archive made here is not the cut's");
  LM_TRY(folder_->keep(range_, std::move(blocks_)));
  return true;
}

}  // namespace lotmark::node
