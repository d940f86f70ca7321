// `lotmark backup`, `lotmark restore` and `lotmark standby promote`: a node's folder, copied, brought back, or taken
// over. docs/operate/backup.md.
#pragma once

#include "cli/output.h"

namespace lotmark::cli {

struct BackupArguments {
  std::string data_dir;
  std::string out;
};
Exit run_backup(const BackupArguments& arguments, Output& out);

struct RestoreArguments {
  std::string backup;
  std::string into;
  std::string anchor;
  bool rows = false;  // only what is missing or damaged, into a stopped node's folder
};
// Tampered, with every row named, if the backup does not hold, or if rows are still missing afterwards.
Exit run_restore(const RestoreArguments& arguments, Output& out);

struct PromoteArguments {
  std::string data_dir;
  std::string anchor;
};
Exit run_standby_promote(const PromoteArguments& arguments, Output& out);

}  // namespace lotmark::cli
