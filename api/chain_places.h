// Where objects stand on the chain, as far as a replica knows. Implemented on chain.db by ChainLots.
#pragma once

#include <optional>

#include "core/base/bytes.h"
#include "core/base/result.h"
#include "core/wire/receipt.h"

namespace lotmark::api {

class ChainPlaces {
 public:
  struct Place {
    std::uint64_t block = 0;
    bool final = false;
  };
  virtual ~ChainPlaces() = default;
  // Of an object that may come once: a period record's transaction, an application. Any thread.
  virtual Result<std::optional<Place>> place_of(const Digest& id) = 0;
  virtual bool is_final(std::uint64_t block) = 0;
  // What a proof from the anchor alone carries of a block. body-cut if its body was dropped; not-found where there are
  // no blocks.
  virtual Result<ShownBlock> shown_block(std::uint64_t /*block*/) {
    return fail(Errc::kNotFound, "there are no blocks here");
  }
};

}  // namespace lotmark::api
