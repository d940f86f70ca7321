// The sheet of an audit in a folder: audit.json for programs, audit.html to print (no script, nothing fetched), and the
// receipt of every lot beside them. docs/operate/audit.md.
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>

#include "ledger-node/chain/private/audit_sheet.h"

namespace lotmark::cli {

nlohmann::json lot_json(const chain::SheetLot& lot);
// What was reported of it asks for a look: more than there was, or a serial again.
inline bool use_noted(const chain::SheetLot& lot) { return lot.above || lot.use.again != 0; }
nlohmann::json left_json(const chain::SheetLeft& left);

struct SheetHead {
  std::string scope;  // "everything", "lot A-2026", ...
  std::uint64_t every = 0;
  std::string now;  // ISO 8601
};
// Makes the folder if it is not there; files of an earlier sheet are replaced.
Status write_sheet(const std::filesystem::path& folder, const chain::AuditDone& done,
                   const SheetHead& head);

// Text of others for HTML: what is markup, and what would turn or hide other text, is shown as letters.
std::string html_text(std::string_view text);

}  // namespace lotmark::cli
