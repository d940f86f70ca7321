// `lotmark archive`: the files of cuts (docs/format/cut.md), at a node or by themselves.
#pragma once

#include "cli/node/profile.h"
#include "cli/output.h"

namespace lotmark::cli {

struct ArchiveVerifyArguments {
  std::string file;
  std::string anchor;
  std::string chain_db;  // empty: only what the file says of itself
};
// Tampered if the file does not hold together, or is not the one its cut names.
Exit run_archive_verify(const ArchiveVerifyArguments& arguments, Output& out);

struct ArchiveRestoreArguments {
  std::string file;
  std::string disclosures;  // empty: the file of that range beside it, if it is there
  std::string anchor;
  std::string chain_db;
  std::string dir;  // made; receipts that are there are replaced
  std::optional<std::string> gtin;
  std::optional<std::string> lot;
};
Exit run_archive_restore(const ArchiveRestoreArguments& arguments, Output& out);

Exit run_archive_list(const ProfileChoice& profile, Output& out);

struct ArchiveExportArguments {
  ProfileChoice profile;
  std::string range;  // FIRST-LAST
  std::string dir = ".";
};
Exit run_archive_export(const ArchiveExportArguments& arguments, Output& out);

}  // namespace lotmark::cli
