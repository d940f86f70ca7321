// Recomputes everything private.db says of a node and compares it with what the public chain holds
// of it, from the devices' signatures up. Whatever was changed afterwards is named: table, row,
// lot, block.
//
// It works on files, of a node that runs or not, and writes to neither and nothing beside them.
// docs/format/private.md, docs/operate/audit.md.
#pragma once

#include <filesystem>
#include <functional>
#include <nlohmann/json_fwd.hpp>

#include "core/base/bytes.h"
#include "core/base/result.h"

namespace lotmark::chain {

struct AuditFault {
  std::string table;  // of private.db; "chain" for the public chain, "chain lot" for a table of its
  std::optional<std::uint64_t> row;    // its n or idx
  std::string what;                    // "step filling", of records
  std::string lot;                     // empty outside a lot
  std::optional<std::uint64_t> block;  // that holds what it contradicts
  Errc error = Errc::kOk;
  std::string text;
};

struct AuditReport {
  std::string node;  // whose files they are: its organisation; empty if nothing says so
  std::uint64_t blocks = 0, heads = 0, lots = 0;
  std::uint64_t bundles = 0, gaps = 0, readings = 0;
  std::uint64_t received = 0, reviews = 0, batches = 0, records = 0, transactions = 0, claims = 0,
                arrivals = 0, disclosures = 0;
  std::vector<AuditFault> faults;  // at most kFaultsMax; in the order they were met
  std::uint64_t more = 0;          // beyond that

  static constexpr std::size_t kFaultsMax = 1000;
  bool ok() const { return faults.empty(); }
};

// Called now and then with what is being read, how many of it are done, and how many there are.
using AuditProgress =
    std::function<void(std::string_view what, std::uint64_t done, std::uint64_t total)>;

// An error is only what keeps it from looking: a file that is none, an anchor that is none (io,
// corrupt), a chain that is another anchor's (corrupt). Everything else is in the report, which ends
// early where tables are not those of a node or the blocks do not follow one another.
Result<AuditReport> audit(const std::filesystem::path& private_db,
                          const std::filesystem::path& chain_db, ByteView anchor,
                          const AuditProgress& progress = {});

// Keeps the fault, or counts it if there are too many.
void add_fault(AuditReport& report, AuditFault fault);

// "record row 3 (step filling) of lot A-2026/01: commitment differs from its transaction (block 7)"
std::string to_line(const AuditFault& fault);
// Every fault on a line of its own, then what was checked.
std::string to_text(const AuditReport& report);
nlohmann::json to_json(const AuditReport& report);

}  // namespace lotmark::chain
