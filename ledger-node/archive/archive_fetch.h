// One archive file on its way from another node, page by page. It counts once its hash is the cut's.
#pragma once

#include "ledger-node/archive/archive_folder.h"
#include "ledger-node/peer/engine.h"

namespace lotmark::node {

class ArchiveFetch : public std::enable_shared_from_this<ArchiveFetch> {
 public:
  enum class State : std::uint8_t { kRunning, kDone, kFailed };

  // `bytes`: as the source says; more is not taken. `folder` must outlive it.
  static Result<std::shared_ptr<ArchiveFetch>> begin(ArchiveFolder& folder, const BlockRange& range,
                                                     const Digest& hash, const KeyId& source,
                                                     std::uint64_t bytes);
  std::vector<Outgoing> tick();
  State state() const { return state_; }
  const Error& error() const { return error_; }
  const BlockRange& range() const { return range_; }
  const KeyId& source() const { return source_; }

 private:
  ArchiveFetch(ArchiveFolder& folder, const BlockRange& range, const Digest& hash,
               const KeyId& source, std::uint64_t bytes, NewFile file)
      : folder_(folder),
        range_(range),
        hash_(hash),
        source_(source),
        bytes_(bytes),
        file_(std::move(file)) {}
  void take(const Reply& reply);
  Status take_page(const Reply& reply);
  Status blocks_done();

  ArchiveFolder& folder_;
  BlockRange range_;
  Digest hash_;
  KeyId source_;
  std::uint64_t bytes_;
  ArchivePart part_ = ArchivePart::kDisclosures;  // then the blocks, which make the file count
  std::optional<NewFile> file_;
  bool busy_ = false;
  State state_ = State::kRunning;
  Error error_;
};

}  // namespace lotmark::node
