// One archive file on its way from another node, page by page. What comes is checked as it comes, and counts once its
// hash is the cut's.
#pragma once

#include "ledger-node/archive/archive_stream.h"
#include "ledger-node/archive/disclosures.h"
#include "ledger-node/peer/engine.h"

namespace lotmark::node {

class ArchiveFetch : public std::enable_shared_from_this<ArchiveFetch> {
 public:
  enum class State : std::uint8_t { kRunning, kDone, kFailed };

  // `chain` and `folder` must outlive it. Whether disclosures that do not fit their blocks end it: where nobody else has
  // the range, its blocks are worth more than what was told of them (`lotmark archive restore` checks each again).
  static Result<std::shared_ptr<ArchiveFetch>> begin(const chain::PublicChain& chain,
                                                     ArchiveFolder& folder,
                                                     const chain::CutEntry& cut,
                                                     const KeyId& source, bool told_must_fit);
  std::vector<Outgoing> tick();
  State state() const { return state_; }
  const Error& error() const { return error_; }
  BlockRange range() const { return {cut_.first, cut_.last}; }
  const KeyId& source() const { return source_; }
  bool told_wrongly() const { return told_wrongly_; }  // why it failed

 private:
  ArchiveFetch(const chain::PublicChain& chain, ArchiveFolder& folder, chain::CutEntry cut,
               const Digest& hash, const KeyId& source, bool told_must_fit)
      : chain_(chain),
        folder_(folder),
        cut_(std::move(cut)),
        hash_(hash),
        source_(source),
        told_must_fit_(told_must_fit) {}
  Status begin_part(ArchivePart part);
  void take(const Reply& reply);
  Status take_page(const Reply& reply);
  Status part_done();
  Status check_told(const Signed<Block>& block);

  const chain::PublicChain& chain_;
  ArchiveFolder& folder_;
  chain::CutEntry cut_;
  Digest hash_;
  KeyId source_;
  ArchivePart part_ = ArchivePart::kDisclosures;  // then the blocks, which make the file count
  std::optional<NewFile> file_;
  std::optional<ArchiveStream> stream_;
  bool told_must_fit_;
  bool told_wrongly_ = false;
  DisclosureWalk told_;  // what came of disclosures, beside the blocks that come
  bool short_ = false;   // the last page was not full: nothing follows it
  bool busy_ = false;
  State state_ = State::kRunning;
  Error error_;
};

}  // namespace lotmark::node
