// What the API reads of a node's replica, and nothing more. Implemented on chain.db by ChainLots,
// in memory by the tests.
#pragma once

#include <optional>
#include <vector>

#include "core/base/bytes.h"
#include "core/base/result.h"
#include "core/wire/enums.h"
#include "core/wire/values.h"

namespace lotmark::api {

struct Lot {
  std::uint64_t block = 0;
  Gtin gtin;
  LotNumber lot;
  std::string product;
  Expiry expires;
  std::uint64_t time = 0;  // of the block, ms UTC
  // What the chain knows beyond the receipt: released, not-final, recalled, refused, superseded or
  // archived.
  VerdictKind state = VerdictKind::kReleased;
  std::string note = {};  // of a recalled one: since when and why
  // A recall of it is open, whatever its state: of what is not final, that comes first.
  bool recalled = false;
};

struct ArchivedLot {
  Bytes proof;
  bool recalled = false;  // since it was cut
};

struct CheckpointInfo {
  std::uint64_t size = 0;
  Digest root;
  std::uint64_t epoch = 0;
  std::uint64_t term = 0;
  std::uint64_t time = 0;  // of its newest vote, ms UTC
  std::vector<KeyId> voters;
  std::uint64_t quorum = 0;
};

// Safe to call from several threads.
class LotSource {
 public:
  virtual ~LotSource() = default;
  // The newest of that GTIN and lot.
  virtual Result<std::optional<Lot>> find(const Gtin& gtin, const LotNumber& lot) = 0;
  virtual Result<Bytes> receipt(const Lot& lot) = 0;
  // Of a lot that find() does not know: the proof that it was cut (docs/format/archived.md), if it was.
  virtual Result<std::optional<ArchivedLot>> archived(const Gtin& gtin, const LotNumber& lot) = 0;
  // Those after block `after`, in the order of blocks.
  virtual Result<std::vector<Lot>> lots(std::uint64_t after, std::size_t limit) = 0;
  virtual Result<std::optional<CheckpointInfo>> checkpoint() = 0;
  // Changes whenever any answer above may have changed. Costs nothing.
  virtual std::uint64_t version() const = 0;
  virtual const Bytes& anchor() const = 0;
  // An error when what is read is known to be damaged or stale.
  virtual Status health() = 0;
};

}  // namespace lotmark::api
