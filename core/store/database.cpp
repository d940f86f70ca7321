#include "core/store/database.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "core/base/log.h"
#include "core/store/idle_statements.h"

namespace lotmark::store {

namespace {

Error sqlite_error(sqlite3* db, std::string_view doing) {
  const int code = sqlite3_errcode(db);
  Errc errc = Errc::kStore;
  const int system = (code & 0xff) == SQLITE_IOERR ? sqlite3_system_errno(db) : 0;
  const bool no_room = system == ENOSPC || system == EDQUOT;
  if ((code & 0xff) == SQLITE_FULL || no_room) errc = Errc::kDiskFull;
  if ((code & 0xff) == SQLITE_CORRUPT || (code & 0xff) == SQLITE_NOTADB) errc = Errc::kCorrupt;
  if ((code & 0xff) == SQLITE_CONSTRAINT) errc = Errc::kConflict;
  return fail(errc, std::string(doing) + ": " + sqlite3_errmsg(db));
}

// Where another connection has the database: looks again every few milliseconds, for ten seconds. SQLite's own handler
// sleeps up to 100 ms between two looks, and so would rarely see that who writes much leaves room in between.
int wait_for_others(void*, int looks) {
  constexpr int kPause_ms = 4, kLongest_ms = 10'000;
  if (looks >= kLongest_ms / kPause_ms) return 0;
  ::usleep(static_cast<useconds_t>(std::min(looks + 1, kPause_ms)) * 1000);
  return 1;
}

// SQLite's own files beside the database take its rights when they are made: old ones keep wider ones too.
Status narrow(const std::filesystem::path& file, unsigned mode) {
  for (const char* end : {"", "-wal", "-shm"}) {
    const std::string name = file.string() + end;
    struct stat st {};
    if (::lstat(name.c_str(), &st) != 0) continue;
    if (!S_ISREG(st.st_mode))  // a link's target may be anybody's
      return fail(Errc::kDenied, name + " is no regular file");
    if ((st.st_mode & 0777 & ~mode) == 0) continue;
    if (::chmod(name.c_str(), st.st_mode & mode) != 0) {
      return fail(Errc::kDenied,
                  name + " can be read by others: " + fmt::format("chmod {:o} it", mode));
    }
    log::warn("store.narrowed", {{"file", name},
                                 {"from", fmt::format("{:04o}", st.st_mode & 0777u)},
                                 {"to", fmt::format("{:04o}", st.st_mode & mode)}});
  }
  return {};
}

}  // namespace

Query::Query(sqlite3_stmt* stmt, sqlite3* db, std::shared_ptr<IdleStatements> home)
    : stmt_(stmt), db_(db), home_(std::move(home)) {}
Query::Query(Query&& o) noexcept
    : stmt_(std::exchange(o.stmt_, nullptr)),
      db_(o.db_),
      home_(std::move(o.home_)),
      bind_error_(o.bind_error_) {}

Query& Query::operator=(Query&& o) noexcept {
  std::swap(stmt_, o.stmt_);
  std::swap(db_, o.db_);
  std::swap(home_, o.home_);
  std::swap(bind_error_, o.bind_error_);
  return *this;
}

Query::~Query() {
  if (stmt_ != nullptr) home_->put(stmt_);
}

Query& Query::bind(int place, std::int64_t value) {
  if (sqlite3_bind_int64(stmt_, place, value) != SQLITE_OK) bind_error_ = Errc::kStore;
  return *this;
}
Query& Query::bind(int place, std::string_view text) {
  if (sqlite3_bind_text64(stmt_, place, text.data() != nullptr ? text.data() : "", text.size(),
                          SQLITE_TRANSIENT, SQLITE_UTF8) != SQLITE_OK) {
    bind_error_ = Errc::kStore;
  }
  return *this;
}
static constexpr std::uint8_t kNothing = 0;  // a null pointer would bind NULL

Query& Query::bind(int place, ByteView blob) {
  if (sqlite3_bind_blob64(stmt_, place, blob.empty() ? &kNothing : blob.data(), blob.size(),
                          SQLITE_TRANSIENT) != SQLITE_OK) {
    bind_error_ = Errc::kStore;
  }
  return *this;
}
Query& Query::bind_view(int place, ByteView blob) {
  if (sqlite3_bind_blob64(stmt_, place, blob.empty() ? &kNothing : blob.data(), blob.size(),
                          SQLITE_STATIC) != SQLITE_OK) {
    bind_error_ = Errc::kStore;
  }
  return *this;
}
Query& Query::bind(int place, std::nullptr_t) {
  if (sqlite3_bind_null(stmt_, place) != SQLITE_OK) bind_error_ = Errc::kStore;
  return *this;
}

Query& Query::bind_column(int place, const Query& row, int column) {
  if (sqlite3_bind_value(stmt_, place, sqlite3_column_value(row.stmt_, column)) != SQLITE_OK)
    bind_error_ = Errc::kStore;
  return *this;
}

Result<bool> Query::step() {
  if (bind_error_ != Errc::kOk) {
    return fail(std::exchange(bind_error_, Errc::kOk), "a value could not be bound");
  }
  const int rc = sqlite3_step(stmt_);
  if (rc == SQLITE_ROW) return true;
  if (rc == SQLITE_DONE) {
    sqlite3_reset(stmt_);
    return false;
  }
  Error e = sqlite_error(db_, "SQLite");
  sqlite3_reset(stmt_);
  return e;
}

Status Query::run() {
  auto row = step();
  if (!row) return row.error();
  if (*row) reset();
  return {};
}

void Query::reset() {
  sqlite3_reset(stmt_);
  bind_error_ = Errc::kOk;
}

std::int64_t Query::integer(int column) const { return sqlite3_column_int64(stmt_, column); }
std::string Query::text(int column) const {
  const auto* t = reinterpret_cast<const char*>(sqlite3_column_text(stmt_, column));
  if (t == nullptr) return {};
  return {t, static_cast<std::size_t>(sqlite3_column_bytes(stmt_, column))};
}
ByteView Query::blob(int column) const {
  const auto* b = static_cast<const std::uint8_t*>(sqlite3_column_blob(stmt_, column));
  if (b == nullptr) return {};
  return {b, static_cast<std::size_t>(sqlite3_column_bytes(stmt_, column))};
}
int Query::columns() const { return sqlite3_column_count(stmt_); }
char Query::type(int column) const {
  switch (sqlite3_column_type(stmt_, column)) {
    case SQLITE_INTEGER: return 'i';
    case SQLITE_FLOAT: return 'r';
    case SQLITE_TEXT: return 't';
    case SQLITE_BLOB: return 'b';
    default: return 'n';
  }
}
bool Query::is_null(int column) const { return sqlite3_column_type(stmt_, column) == SQLITE_NULL; }

Result<Database> Database::open(const std::filesystem::path& file, const Options& options) {
  const bool memory = file == ":memory:";
  if (!memory &&
      !options.read_only) {  // made by us first, so that it never exists with a wider mode
    // Never opened here if it is there: closing any descriptor of it lets go of all locks that this process's other
    // connections hold on it, and the next process to close it would take itself for the last and delete its -wal.
    const int fd = ::open(file.c_str(), O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, options.mode);
    if (fd < 0 && errno != EEXIST) {
      return system_error("cannot open " + file.string());
    }
    if (fd >= 0) ::close(fd);
    LM_TRY(narrow(file, options.mode));
  }
  sqlite3* raw = nullptr;
  const int flags = (options.read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE) |
                    SQLITE_OPEN_NOMUTEX | (memory ? SQLITE_OPEN_CREATE : 0);
  const int rc = sqlite3_open_v2(file.c_str(), &raw, flags, nullptr);
  Database db(raw);
  if (rc != SQLITE_OK) return fail(Errc::kIo, "cannot open " + file.string());
  sqlite3_busy_handler(raw, wait_for_others, nullptr);
  LM_TRY(db.exec("PRAGMA foreign_keys=ON; PRAGMA trusted_schema=OFF;"));
  if (!options.read_only) {
    LM_TRY(db.exec("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"));
    if (options.secure_delete) LM_TRY(db.exec("PRAGMA secure_delete=ON;"));
  }
  return db;
}

Database::Database(sqlite3* db) : db_(db), idle_(std::make_shared<IdleStatements>()) {}
Database::Database(Database&& o) noexcept
    : db_(std::exchange(o.db_, nullptr)), idle_(std::move(o.idle_)) {}
Database& Database::operator=(Database&& o) noexcept {
  std::swap(db_, o.db_);
  std::swap(idle_, o.idle_);
  return *this;
}
Database::~Database() {
  if (idle_) idle_->close();
  sqlite3_close_v2(db_);
}

Status Database::migrate(std::initializer_list<std::string_view> migrations) {
  LM_ASSIGN(auto version, prepare("PRAGMA user_version"));
  LM_ASSIGN(bool row, version.step());
  std::int64_t have = row ? version.integer(0) : 0;
  version.reset();
  if (have > static_cast<std::int64_t>(migrations.size())) {
    return fail(Errc::kConflict,
                "the database is of a newer version (" + std::to_string(have) + ")");
  }
  for (; have < static_cast<std::int64_t>(migrations.size()); ++have) {
    LM_TRY(transaction([&]() -> Status {
      LM_TRY(exec(*(migrations.begin() + have)));
      return exec("PRAGMA user_version=" + std::to_string(have + 1));
    }));
  }
  return {};
}

Result<Query> Database::prepare(std::string_view sql) const {
  sqlite3_stmt* stmt = idle_->take(sql);
  if (stmt != nullptr) return Query(stmt, db_, idle_);
  if (sqlite3_prepare_v3(db_, sql.data(), static_cast<int>(sql.size()), SQLITE_PREPARE_PERSISTENT,
                         &stmt, nullptr) != SQLITE_OK) {
    return sqlite_error(db_, sql);
  }
  return Query(stmt, db_, idle_);
}

Status Database::exec(std::string_view sql) const {
  if (sqlite3_exec(db_, std::string(sql).c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) {
    return sqlite_error(db_, sql.substr(0, 60));
  }
  return {};
}

std::int64_t Database::last_rowid() const { return sqlite3_last_insert_rowid(db_); }
std::int64_t Database::changes() const { return sqlite3_changes64(db_); }

Status Database::transaction(const std::function<Status()>& work) const {
  LM_TRY(exec("BEGIN IMMEDIATE"));
  Status done = work();
  if (done) done = exec("COMMIT");
  if (!done && sqlite3_get_autocommit(db_) == 0) {
    (void)sqlite3_exec(db_, "ROLLBACK", nullptr, nullptr, nullptr);
  }
  return done;
}

}  // namespace lotmark::store
