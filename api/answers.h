// The verdict on a lot as the node has it: its receipt checked by the same algorithm as everywhere,
// made worse by what only the chain knows. Computed once a lot and version of the chain, then
// served from memory.
#pragma once

#include <memory>
#include <shared_mutex>
#include <string>
#include <unordered_map>

#include "api/lot_source.h"
#include "core/base/clock.h"
#include "core/wire/public_level.h"

namespace lotmark::api {

struct Answer {
  VerdictKind verdict = VerdictKind::kUnknown;
  Bytes json;        // docs/format/verdict.md, archived.md
  std::string etag;  // quoted
  // What a checked receipt says of the lot; none where nothing was proved.
  std::optional<Application> application{};
  Digest block_id{};      // with it
  bool recalled = false;  // a recall is open, even where something graver is the verdict
};

// The one of the two that comes first in the precedence of docs/format/verdict.md.
VerdictKind graver(VerdictKind a, VerdictKind b);

class Answers {
 public:
  // Both outlive this.
  Answers(LotSource& source, const Clock& clock) : source_(source), clock_(clock) {}

  // Never null; unknown for a lot that is not on the chain. Errors are the source's. Any thread.
  Result<std::shared_ptr<const Answer>> verify(const Gtin& gtin, const LotNumber& lot);

 private:
  static constexpr std::size_t kKeptMax = 10000;
  struct Kept {
    std::uint64_t version = 0;
    Time good_until;  // when the lot expires the answer changes by itself
    std::shared_ptr<const Answer> answer;
  };
  std::shared_ptr<const Answer> kept(const std::string& key, std::uint64_t version, Time now);
  Result<std::shared_ptr<const Answer>> compute(const Lot& lot, Time now);
  // Of a lot whose block was cut; else unknown.
  Result<std::shared_ptr<const Answer>> archived_or_unknown(const Gtin& gtin, const LotNumber& lot);

  LotSource& source_;
  const Clock& clock_;
  std::shared_mutex mutex_;
  std::unordered_map<std::string, Kept> kept_;
};

}  // namespace lotmark::api
