#include "ledger-node/chain/private/audit_files.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cstring>
#include <map>

namespace lotmark::chain {

namespace fs = std::filesystem;

namespace {

fs::path beside(const fs::path& file, std::string_view tail) {
  fs::path p = file;
  p += tail;
  return p;
}

// docs/operate/audit.md: SQLite reads such a file without locks, log or shared memory.
fs::path immutable_uri(const fs::path& file) {
  std::error_code e;
  const std::string name = fs::absolute(file, e).string();
  std::string out = "file:";
  for (const char c : name) {
    const bool plain = std::isalnum(static_cast<unsigned char>(c)) != 0 ||
                       std::string_view("/-_.~").find(c) != std::string_view::npos;
    out += plain ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return out + "?immutable=1";
}

Error io_error(const fs::path& file, const std::error_code& e) {
  return fail(Errc::kIo, "cannot read " + file.string() + ": " + e.message());
}

}  // namespace

Result<AuditFile::Stamp> AuditFile::stamp_of(const fs::path& file) {
  std::error_code e;
  Stamp s;
  s.size = fs::file_size(file, e);
  if (!e) s.time = fs::last_write_time(file, e);
  if (e) return io_error(file, e);
  s.wal = fs::exists(beside(file, "-wal"), e);
  return s;
}

AuditFile::AuditFile(AuditFile&& o) noexcept
    : file_(std::move(o.file_)),
      place_(std::move(o.place_)),
      folder_(std::exchange(o.folder_, {})),
      stamp_(o.stamp_) {}

AuditFile::~AuditFile() {
  std::error_code ignored;
  if (!folder_.empty()) fs::remove_all(folder_, ignored);
}

Result<AuditFile> AuditFile::open(const fs::path& file) {
  AuditFile f;
  f.file_ = file;
  // Looked at, not opened: closing it would let go of the locks that a node holds which runs in this process.
  if (::access(file.c_str(), R_OK) != 0) return system_error("cannot read " + file.string());
  LM_ASSIGN(const auto stamp, stamp_of(file));
  std::error_code e;
  const bool shared = stamp.wal && fs::exists(beside(file, "-shm"), e);
  f.place_ = shared ? file : immutable_uri(file);
  if (!shared) f.stamp_ = stamp;
  Status readable = fail(Errc::kIo);
  if (shared || !stamp.wal) readable = f.try_reading();
  if (!readable && readable.code() != Errc::kCorrupt) {
    f.stamp_ = stamp;
    LM_TRY(f.copy());
    readable = f.try_reading();
  }
  if (!readable) return fail(readable.code(), file.string() + ": " + readable.error().text);
  return f;
}

Status AuditFile::try_reading() const {
  LM_ASSIGN(auto db, store::Database::open(place_, {.read_only = true}));
  return db.exec("SELECT count(*) FROM sqlite_master");
}

Status AuditFile::copy() {
  std::error_code e;
  std::string name = (fs::temp_directory_path(e) / "lotmark-audit-XXXXXX").string();
  if (e || ::mkdtemp(name.data()) == nullptr)
    return fail(Errc::kIo, "cannot make a folder for a copy: " + name);
  folder_ = name;
  place_ = folder_ / "copy.db";
  fs::copy_file(file_, place_, e);
  if (e) return io_error(file_, e);
  const fs::path wal = beside(file_, "-wal");
  if (fs::exists(wal, e)) fs::copy_file(wal, beside(place_, "-wal"), e);
  return e ? Status(io_error(wal, e)) : Status();
}

bool AuditFile::held_still() const {
  if (!stamp_) return true;
  const auto now = stamp_of(file_);
  return now && *now == *stamp_;
}

// ---- tables ---------------------------------------------------------------------------------

namespace {

struct Made {
  std::string type;
  std::string of;  // the table an index or trigger is of
  std::string sql;
  bool operator==(const Made&) const = default;
};

Result<std::multimap<std::string, Made>> read_schema(const store::Database& db) {
  std::multimap<std::string, Made> out;
  LM_ASSIGN(auto q, db.prepare("SELECT name, type, tbl_name, sql FROM sqlite_master"));
  while (true) {
    LM_ASSIGN(bool row, q.step());
    if (!row) return out;
    if (q.text(0).starts_with("sqlite_stat")) continue;  // of ANALYZE; says nothing
    out.emplace(q.text(0), Made{q.text(1), q.text(2), q.text(3)});
  }
}

Result<std::int64_t> version_of(const store::Database& db) {
  LM_ASSIGN(auto q, db.prepare("PRAGMA user_version"));
  LM_TRY(q.step());
  return q.integer(0);
}

}  // namespace

Result<bool> check_schema(const store::Database& db, const store::Database& model,
                          std::string_view prefix, AuditReport& report) {
  LM_ASSIGN(const auto have, read_schema(db));
  LM_ASSIGN(const auto want, read_schema(model));
  LM_ASSIGN(const auto version, version_of(db));
  LM_ASSIGN(const auto expected, version_of(model));
  const auto fault = [&](std::string_view table, std::string text) {
    add_fault(
        report,
        {fmt::format("{}{}", prefix, table), {}, {}, {}, {}, Errc::kCorrupt, std::move(text), {}});
  };
  if (have.empty()) {
    fault(prefix.empty() ? "private.db" : "", "the file holds no table");
    return false;
  }
  bool readable = true;
  for (const auto& [name, made] : want) {
    if (have.contains(name)) continue;
    fault(name, fmt::format("the {} is missing", made.type));
    readable = readable && made.type != "table";
  }
  for (const auto& [name, made] : have) {
    const auto at = want.find(name);
    if (at != want.end() && at->second == made && have.count(name) == 1) continue;
    if (at == want.end()) {
      fault(name, fmt::format("a {} that no node makes", made.type));
    } else if (at->second.type != made.type) {
      fault(name, fmt::format("is a {}, not the {} a node makes", made.type, at->second.type));
    } else {
      fault(name, fmt::format("is another {} than a node makes", made.type));
    }
    readable = readable && (at == want.end() || at->second.type != "table");
  }
  if (version != expected) {
    fault(prefix.empty() ? "private.db" : "",
          fmt::format("is of version {}, this program knows {}", version, expected));
  }
  return readable;
}

}  // namespace lotmark::chain
