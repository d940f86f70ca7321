// What a finished audit shows beside its faults: every released lot with its receipt, and what was begun and never
// applied for. Row by row, so that a chain of any length is printed in the same memory.
#pragma once

#include <functional>

#include "core/wire/usage.h"
#include "ledger-node/chain/private/audit.h"

namespace lotmark::chain {

// What agencies reported of a lot (docs/format/usage.md).
struct SheetUse {
  std::uint64_t reports = 0;
  UsageUnits units{};
  std::uint64_t again = 0;                 // serials that came again
  std::vector<std::string> again_serials;  // the first of them
};

struct SheetLot {
  std::uint64_t block = 0;
  std::uint64_t time = 0;  // of the block, ms UTC
  std::string gtin, lot, product;
  std::uint64_t expires = 0;         // YYYYMMDD
  std::string enterprise, reviewer;  // organisations
  std::string reviewers;             // named in the opening, where a private file holds it
  Digest block_id, application, start;
  bool final = false;
  std::uint64_t votes = 0, quorum = 0;
  Bytes receipt;  // empty if it cannot be made: `why`
  std::string why;
  std::uint64_t faults = 0;  // of its rows, in the files given
  bool rows = false;         // a private file given holds its rows
  bool drawn = false;        // for a second review
  std::string
      second;  // who is drawn for it; empty where no opening is at hand, or it names nobody else
  std::string second_report;  // id of the report of that review, hex, where its file is at hand
  std::optional<std::uint64_t> items;  // units, where the application says how many
  SheetUse use;                        // of the newest block of its name alone
  bool above = false;                  // more reported than there were
};

// A start signal that no lot was opened on, or a lot that nobody applied for.
struct SheetLeft {
  std::string node;  // whose file says so
  bool opened = false;
  Digest start;
  std::string gtin, lot;  // of an opened one
  std::string by;         // device, or enterprise
  std::uint64_t at =
      0;  // ms UTC: arrival of the start signal; of an opened one when its last step is due
  std::uint64_t transactions = 0;
};

class AuditSheet {
 public:
  virtual ~AuditSheet() = default;
  // Released lots of the scope in the order of blocks. `every`: one in so many is drawn for a second review.
  virtual Status each_lot(std::uint64_t every,
                          const std::function<Status(const SheetLot&)>& take) const = 0;
  virtual Status each_left(const std::function<Status(const SheetLeft&)>& take) const = 0;
  // Of the chain that was read.
  virtual std::uint64_t blocks() const = 0;
  virtual Digest root() const = 0;
  virtual std::uint64_t final_blocks() const = 0;
  virtual Digest chain() const = 0;
};

}  // namespace lotmark::chain
