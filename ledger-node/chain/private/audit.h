// Recomputes everything private.db says of a node and compares it with what the public chain holds
// of it, from the devices' signatures up. Whatever was changed afterwards is named: table, row,
// lot, block.
//
// It works on files, of a node that runs or not, and writes to neither and nothing beside them.
// docs/format/private.md, docs/operate/audit.md.
#pragma once

#include <array>
#include <filesystem>
#include <functional>
#include <memory>
#include <nlohmann/json_fwd.hpp>

#include "core/base/bytes.h"
#include "core/base/result.h"
#include "core/sealed/keys.h"

namespace lotmark::chain {

struct AuditFault {
  std::string table;  // of private.db; "chain" for the public chain, "chain lot" for a table of its
  std::optional<std::uint64_t> row;    // its n or idx
  std::string what;                    // "step filling", of records
  std::string lot;                     // empty outside a lot
  std::optional<std::uint64_t> block;  // that holds what it contradicts
  Errc error = Errc::kOk;
  std::string text;
  std::string node;  // whose private file, where an audit reads several
};

struct AuditCounts {
  std::uint64_t blocks = 0, heads = 0, lots = 0;
  std::uint64_t bundles = 0, gaps = 0, readings = 0;
  std::uint64_t received = 0, reviews = 0, batches = 0, records = 0, transactions = 0, claims = 0,
                arrivals = 0, disclosures = 0;
  std::uint64_t events = 0, period_records = 0;
  std::uint64_t sealed = 0, not_opened = 0;  // segments; how many of them no key at hand opens
  std::uint64_t serials = 0;
  // Sensor reports that name a bundle; of these, how many name one that is not in the intake log, and how many tell
  // values outside those of theirs.
  std::uint64_t raw_data = 0, raw_data_missing = 0, raw_data_outside = 0;

  struct Named {
    const char* name;
    std::uint64_t AuditCounts::*value;
  };
  static const std::array<Named, 22> kAll;  // in the order of a report
};

inline const std::array<AuditCounts::Named, 22> AuditCounts::kAll = {
    {{"blocks", &AuditCounts::blocks},
     {"heads", &AuditCounts::heads},
     {"lots", &AuditCounts::lots},
     {"bundles", &AuditCounts::bundles},
     {"gaps", &AuditCounts::gaps},
     {"readings", &AuditCounts::readings},
     {"received", &AuditCounts::received},
     {"reviews", &AuditCounts::reviews},
     {"batches", &AuditCounts::batches},
     {"records", &AuditCounts::records},
     {"transactions", &AuditCounts::transactions},
     {"claims", &AuditCounts::claims},
     {"arrivals", &AuditCounts::arrivals},
     {"disclosures", &AuditCounts::disclosures},
     {"events", &AuditCounts::events},
     {"period_records", &AuditCounts::period_records},
     {"sealed", &AuditCounts::sealed},
     {"not_opened", &AuditCounts::not_opened},
     {"serials", &AuditCounts::serials},
     {"raw_data", &AuditCounts::raw_data},
     {"raw_data_missing", &AuditCounts::raw_data_missing},
     {"raw_data_outside", &AuditCounts::raw_data_outside}}};

struct AuditReport : AuditCounts {
  std::string node;                // whose files they are: organisations; empty if nothing says so
  std::vector<AuditFault> faults;  // at most kFaultsMax; by file, part, row
  std::uint64_t more = 0;          // beyond that
  // What is no fault of a row and asks for a look; at most kFaultsMax, all are counted.
  std::vector<AuditFault> remarks;

  static constexpr std::size_t kFaultsMax = 1000;
  bool ok() const { return faults.empty() && more == 0; }
};

// Called now and then, on the caller's thread, with what is being read, how many of it are done, and how many there are.
// False ends the audit: what is done stays in its state.
using AuditProgress =
    std::function<bool(std::string_view what, std::uint64_t done, std::uint64_t total)>;

// What an audit looks at. Without a lot and an enterprise: everything.
struct AuditScope {
  std::string enterprise;  // organisation: its lots on the chain, and reviews of them
  std::string lot;         // that lot: of a log only the ids and what the lot rests on
  std::string gtin;        // of that product, where two have a lot of that name
  bool all() const { return enterprise.empty() && lot.empty(); }
};

struct AuditOptions {
  std::vector<std::filesystem::path>
      private_dbs;  // of enterprises and reviewers; none: the chain alone
  std::filesystem::path chain_db;
  Bytes anchor;
  AuditScope scope;
  // Of one private file, where who asks knows it: the key of the node whose file it is. Without it the file must show
  // whose it is, and one without rows cannot.
  std::optional<KeyId> self;
  // Open what is sealed for them. What no key opens is counted, and all that holds without opening it is checked.
  std::vector<std::shared_ptr<const sealed::OpeningKey>> opening_keys;
  // They are the enterprise's own: what they do not open of a lot that is not decided is a fault of that lot, since
  // without it no release record can be made.
  bool own_keys = false;
  unsigned threads = 1;  // each with connections of its own
  std::filesystem::path
      state;            // what is remembered, kept afterwards; empty: a file that goes at the end
  bool resume = false;  // go on with `state` if it is there
};

class AuditBook;
class AuditSheet;
// A finished audit, and what it has to say beyond its report. Goes with its temporary files.
struct AuditDone {
  std::shared_ptr<void> files;
  std::shared_ptr<AuditBook> book;
  std::shared_ptr<AuditSheet> sheet;  // audit_sheet.h; null if the chain could not be read
  AuditReport report;
  std::vector<std::string> nodes;  // one a private file
  bool resumed = false;            // part of it was done by an earlier run
};

// An error is only what keeps it from looking: a file that is none, an anchor that is none (io,
// corrupt), a chain that is another anchor's (corrupt), a state of another audit (conflict), files that do not hold
// still or a progress that ended it (not-ready). Everything else is in the report, which ends early where tables are not those of a node or the blocks do not follow one another.
Result<AuditDone> audit(const AuditOptions& options, const AuditProgress& progress = {});
// All of one node's files, in this thread.
Result<AuditReport> audit(const std::filesystem::path& private_db,
                          const std::filesystem::path& chain_db, ByteView anchor,
                          const AuditProgress& progress = {});

// Keeps the fault, or counts it if there are too many.
void add_fault(AuditReport& report, AuditFault fault);

// True of a row of captured EPCIS events, of what follows from them or tells of their capture, and of the access log: no
// lot and no log rests on it, and nothing is signed on top of it.
bool of_event(const AuditFault& fault);
// True of keys of sealed segments that no record has (a page of a copy ended between them): nothing rests on them, and the
// lot whose record is lost is named by itself.
bool of_left_over_keys(const AuditFault& fault);
// Whether every lot that no fault names was found whole. A fault outside lots, bundles, events, period records and
// keys without a record, a missing table say, may have kept the audit from reading any lot.
bool names_its_lots(const AuditReport& report);

// "record row 3 (step filling) of lot A-2026/01: commitment differs from its transaction (block 7)"
std::string to_line(const AuditFault& fault);
// Every fault on a line of its own, then what was checked.
// `opening_keys`: how many were given to open what is sealed.
std::string to_text(const AuditReport& report, std::size_t opening_keys = 0);
nlohmann::json to_json(const AuditReport& report);

}  // namespace lotmark::chain
