// The two files of an audit: opened without a write to them or beside them, and held against the
// tables a node makes. Included by the audit's own sources and their tests only.
#pragma once

#include "core/store/database.h"
#include "ledger-node/chain/private/audit.h"

namespace lotmark::chain {

// A database file to look at. Of one that nobody has open (no -wal beside it) it is read as it
// lies; of a node that runs, through SQLite as a reader beside it. Where neither can be done
// (a -wal without its -shm, a folder that cannot be written) it is copied to a private folder,
// which goes with this object.
class AuditFile {
 public:
  // io if it cannot be read, corrupt if it is no database; both name the file.
  static Result<AuditFile> open(const std::filesystem::path& file);
  AuditFile(AuditFile&& o) noexcept;
  AuditFile& operator=(AuditFile&&) = delete;
  ~AuditFile();

  // What store::Database::open takes, read only; may be asked any number of times.
  const std::filesystem::path& place() const { return place_; }
  const std::filesystem::path& file() const { return file_; }
  // True if it is read beside a node that may run.
  bool follows() const { return !stamp_; }
  // False if somebody wrote to a file that was read as it lay, or copied.
  bool held_still() const;

 private:
  struct Stamp {
    std::uintmax_t size = 0;
    std::filesystem::file_time_type time;
    bool wal = false;
    bool operator==(const Stamp&) const = default;
  };
  AuditFile() = default;
  static Result<Stamp> stamp_of(const std::filesystem::path& file);
  Status try_reading() const;
  Status copy();

  std::filesystem::path file_;
  std::filesystem::path place_;
  std::filesystem::path folder_;  // of the copy; empty without one
  std::optional<Stamp> stamp_;    // of what does not follow a writer
};

// Every difference between the tables, indexes, views, triggers and the version of `db` and those of
// `model` is a fault, its table's name after `prefix`. False if a table cannot be read for it:
// it is missing, another, or a view.
Result<bool> check_schema(const store::Database& db, const store::Database& model,
                          std::string_view prefix, AuditReport& report);

}  // namespace lotmark::chain
