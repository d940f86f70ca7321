// What the API reads of one unit of a lot: where its serial stands among those that the lot's enterprise listed, and what
// was said to have become of it. Implemented on a node's files by UnitFiles, in memory by the tests.
#pragma once

#include <optional>
#include <vector>

#include "api/unit/unit_key.h"
#include "core/base/bytes.h"
#include "core/base/result.h"
#include "core/wire/receipt.h"
#include "core/wire/usage.h"

namespace lotmark::api {

// The list of a lot's serials, as an enterprise keeps it.
struct ItemList {
  std::uint64_t count = 0;
  Digest root;
  std::optional<ItemPath> place;  // of the serial asked for; none: it is not in the list
};

struct UnitMark {
  UsageKind kind = UsageKind::kUsed;
  std::uint64_t time = 0;  // ms UTC, as its signer says
  KeyId by;  // the agency whose report is on the chain; of a mark that waits, its signer
  std::optional<std::uint64_t> block;
  bool final = false;
  std::optional<Digest> report;  // id of the agency's report that counts it, as far as there is one
};

// Safe to call from several threads.
class UnitSource {
 public:
  virtual ~UnitSource() = default;
  // Nothing: no list of that lot is here. It costs about the same for serials that are in it and others.
  virtual Result<std::optional<ItemList>> list(const UnitKey& unit) = 0;
  // In the order of their times; empty where nothing is known.
  virtual Result<std::vector<UnitMark>> marks(const UnitKey& unit) = 0;
};

}  // namespace lotmark::api
