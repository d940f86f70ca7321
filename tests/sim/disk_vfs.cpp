// SQLite's side of the disk: the VFS `lotmark-sim` (https://www.sqlite.org/vfs.html, version 2 of the methods for WAL).
#include <sqlite3.h>

#include <cstring>
#include <utility>

#include "core/base/random.h"
#include "tests/sim/disk_state.h"

namespace lotmark::sim {

namespace {

// A connection to a file. SQLite allocates it, so it is placed by new and destroyed by close().
struct Connection {
  sqlite3_file base{};
  std::shared_ptr<DiskState> disk;  // none: a temporary file
  std::shared_ptr<SimFile> file;
  std::string path;
  std::uint64_t life = 0;
  int level = SQLITE_LOCK_NONE;
  unsigned shm_shared = 0;  // a bit a slot
  unsigned shm_exclusive = 0;

  bool dead() const { return disk != nullptr && !disk->alive(life); }
};

Connection& of(sqlite3_file* f) { return *reinterpret_cast<Connection*>(f); }

void drop_locks(Connection& c, int level) {
  FileLocks& l = c.file->locks;
  if (level < SQLITE_LOCK_EXCLUSIVE && l.exclusive == &c) l.exclusive = nullptr;
  if (level < SQLITE_LOCK_EXCLUSIVE && l.pending == &c) l.pending = nullptr;
  if (level < SQLITE_LOCK_RESERVED && l.reserved == &c) l.reserved = nullptr;
  if (level == SQLITE_LOCK_NONE && c.level >= SQLITE_LOCK_SHARED) --l.shared;
  c.level = std::min(c.level, level);
}

void drop_shm(Connection& c) {
  for (unsigned i = 0; i < SQLITE_SHM_NLOCK; ++i) {
    if ((c.shm_shared & (1u << i)) != 0) --c.file->shm_locks[i].shared;
    if ((c.shm_exclusive & (1u << i)) != 0) c.file->shm_locks[i].exclusive = nullptr;
  }
  c.shm_shared = c.shm_exclusive = 0;
}

int close(sqlite3_file* f) {
  Connection& c = of(f);
  drop_shm(c);
  drop_locks(c, SQLITE_LOCK_NONE);
  c.~Connection();
  return SQLITE_OK;
}

int read(sqlite3_file* f, void* out, int amount, sqlite3_int64 offset) {
  const Connection& c = of(f);
  if (c.dead()) return SQLITE_IOERR_READ;
  const auto size = static_cast<sqlite3_int64>(c.file->now.size());
  const sqlite3_int64 have = std::clamp<sqlite3_int64>(size - offset, 0, amount);
  if (have > 0) std::memcpy(out, c.file->now.data() + offset, static_cast<std::size_t>(have));
  if (have == amount) return SQLITE_OK;
  std::memset(static_cast<char*>(out) + have, 0, static_cast<std::size_t>(amount - have));
  return SQLITE_IOERR_SHORT_READ;
}

int write(sqlite3_file* f, const void* bytes, int amount, sqlite3_int64 offset) {
  const Connection& c = of(f);
  if (c.dead() || (c.disk && !c.disk->may_change())) return SQLITE_IOERR_WRITE;
  const auto at = static_cast<std::uint64_t>(offset);
  const auto size = static_cast<std::size_t>(amount);
  if (c.disk && c.disk->full && at + size > c.file->now.size()) return SQLITE_FULL;
  c.file->write(at, {static_cast<const std::uint8_t*>(bytes), size});
  if (c.disk == nullptr) c.file->sync();
  return SQLITE_OK;
}

int truncate(sqlite3_file* f, sqlite3_int64 size) {
  const Connection& c = of(f);
  if (c.dead() || (c.disk && !c.disk->may_change())) return SQLITE_IOERR_TRUNCATE;
  c.file->truncate(static_cast<std::uint64_t>(size));
  return SQLITE_OK;
}

int sync(sqlite3_file* f, int /*flags*/) {
  const Connection& c = of(f);
  if (c.dead() || (c.disk && !c.disk->may_change())) return SQLITE_IOERR_FSYNC;
  c.file->sync();
  if (c.disk && std::exchange(c.file->new_journal, false)) c.disk->sync_folder();
  return SQLITE_OK;
}

int file_size(sqlite3_file* f, sqlite3_int64* out) {
  const Connection& c = of(f);
  if (c.dead()) return SQLITE_IOERR_FSTAT;
  *out = static_cast<sqlite3_int64>(c.file->now.size());
  return SQLITE_OK;
}

int lock(sqlite3_file* f, int level) {
  Connection& c = of(f);
  FileLocks& l = c.file->locks;
  if (c.dead()) return SQLITE_IOERR_LOCK;
  if (c.level >= level) return SQLITE_OK;
  const auto others = [&](const void* holder) { return holder != nullptr && holder != &c; };
  if (c.level == SQLITE_LOCK_NONE) {
    if (others(l.pending) || others(l.exclusive)) return SQLITE_BUSY;
    ++l.shared;
    c.level = SQLITE_LOCK_SHARED;
  }
  if (level >= SQLITE_LOCK_RESERVED) {
    if (others(l.reserved) || others(l.pending)) return SQLITE_BUSY;
    l.reserved = &c;
    c.level = SQLITE_LOCK_RESERVED;
  }
  if (level < SQLITE_LOCK_EXCLUSIVE) return SQLITE_OK;
  l.pending = &c;
  if (l.shared > 1) return SQLITE_BUSY;
  l.exclusive = &c;
  c.level = SQLITE_LOCK_EXCLUSIVE;
  return SQLITE_OK;
}

int unlock(sqlite3_file* f, int level) {
  if (of(f).level > level) drop_locks(of(f), level);
  return SQLITE_OK;
}

int check_reserved(sqlite3_file* f, int* out) {
  *out = of(f).file->locks.reserved != nullptr ? 1 : 0;
  return SQLITE_OK;
}

int file_control(sqlite3_file* /*f*/, int /*op*/, void* /*arg*/) { return SQLITE_NOTFOUND; }
int sector_size(sqlite3_file* /*f*/) { return 4096; }
int characteristics(sqlite3_file* /*f*/) { return SQLITE_IOCAP_POWERSAFE_OVERWRITE; }

int shm_map(sqlite3_file* f, int region, int size, int extend, void volatile** out) {
  const Connection& c = of(f);
  *out = nullptr;
  if (c.dead()) return SQLITE_IOERR_SHMMAP;
  auto& regions = c.file->shm;
  const auto index = static_cast<std::size_t>(region);
  if (index >= regions.size()) {
    if (extend == 0) return SQLITE_OK;
    while (regions.size() <= index) {
      regions.push_back(
          std::make_unique<std::vector<std::uint8_t>>(static_cast<std::size_t>(size)));
    }
  }
  *out = regions[index]->data();
  return SQLITE_OK;
}

int shm_lock(sqlite3_file* f, int offset, int n, int flags) {
  Connection& c = of(f);
  const bool release = (flags & SQLITE_SHM_UNLOCK) != 0;
  const bool exclusive = (flags & SQLITE_SHM_EXCLUSIVE) != 0;
  if (c.dead() && !release) return SQLITE_IOERR_SHMLOCK;
  const auto first = static_cast<unsigned>(offset);
  const auto end = first + static_cast<unsigned>(n);
  for (unsigned i = first; i < end && !release; ++i) {
    const ShmLock& l = c.file->shm_locks[i];
    if (l.exclusive != nullptr && l.exclusive != &c) return SQLITE_BUSY;
    if (exclusive && l.shared > ((c.shm_shared >> i) & 1u)) return SQLITE_BUSY;
  }
  for (unsigned i = first; i < end; ++i) {
    ShmLock& l = c.file->shm_locks[i];
    const unsigned bit = 1u << i;
    if (release) {
      if ((c.shm_shared & bit) != 0) --l.shared;
      if ((c.shm_exclusive & bit) != 0) l.exclusive = nullptr;
      c.shm_shared &= ~bit;
      c.shm_exclusive &= ~bit;
    } else if (exclusive) {
      l.exclusive = &c;
      c.shm_exclusive |= bit;
    } else if ((c.shm_shared & bit) == 0) {
      ++l.shared;
      c.shm_shared |= bit;
    }
  }
  return SQLITE_OK;
}

void shm_barrier(sqlite3_file* /*f*/) {}

int shm_unmap(sqlite3_file* f, int remove) {
  Connection& c = of(f);
  drop_shm(c);
  if (remove != 0 && !c.dead()) c.file->shm.clear();
  return SQLITE_OK;
}

const sqlite3_io_methods kMethods{2,
                                  close,
                                  read,
                                  write,
                                  truncate,
                                  sync,
                                  file_size,
                                  lock,
                                  unlock,
                                  check_reserved,
                                  file_control,
                                  sector_size,
                                  characteristics,
                                  shm_map,
                                  shm_lock,
                                  shm_barrier,
                                  shm_unmap,
                                  nullptr,
                                  nullptr};

int vfs_open(sqlite3_vfs* /*vfs*/, const char* name, sqlite3_file* f, int flags, int* out) {
  f->pMethods = nullptr;
  std::shared_ptr<DiskState> disk;
  const std::string path = name != nullptr ? name : "";  // none: a temporary file
  if (!path.empty()) {
    disk = disk_of(path);
    if (disk == nullptr || !disk->power()) return SQLITE_CANTOPEN;
  }
  const bool is_new = disk != nullptr && !disk->exists(path);
  auto* c = new (f) Connection;
  c->base.pMethods = &kMethods;
  c->path = path;
  c->life = disk ? disk->life() : 0;
  c->file = disk ? disk->open(c->path) : std::make_shared<SimFile>();
  c->disk = std::move(disk);
  if (is_new) c->file->new_journal = (flags & (SQLITE_OPEN_WAL | SQLITE_OPEN_MAIN_JOURNAL)) != 0;
  if (out != nullptr) *out = flags;
  return SQLITE_OK;
}

int vfs_delete(sqlite3_vfs* /*vfs*/, const char* name, int sync_folder) {
  const auto disk = disk_of(name);
  if (disk == nullptr || !disk->power() || !disk->may_change()) return SQLITE_IOERR_DELETE;
  disk->remove(name, sync_folder != 0);
  return SQLITE_OK;
}

int vfs_access(sqlite3_vfs* /*vfs*/, const char* name, int /*flags*/, int* out) {
  const auto disk = disk_of(name);
  *out = disk != nullptr && disk->power() && disk->exists(name) ? 1 : 0;
  return SQLITE_OK;
}

int vfs_full_path(sqlite3_vfs* /*vfs*/, const char* name, int size, char* out) {
  sqlite3_snprintf(size, out, "%s", name);
  return SQLITE_OK;
}

int vfs_randomness(sqlite3_vfs* /*vfs*/, int size, char* out) {
  fill_random(reinterpret_cast<std::uint8_t*>(out), static_cast<std::size_t>(size));
  return size;
}

int vfs_sleep(sqlite3_vfs* /*vfs*/, int micros) { return micros; }

int vfs_time(sqlite3_vfs* /*vfs*/, sqlite3_int64* out) {
  *out =
      212634288000000;  // 2026-01-05T00:00:00Z in SQLite's milliseconds; no statement of ours asks
  return SQLITE_OK;
}

int vfs_last_error(sqlite3_vfs* /*vfs*/, int /*size*/, char* /*out*/) { return 0; }

}  // namespace

void install_vfs() {
  static sqlite3_vfs vfs = [] {
    sqlite3_vfs v{};
    v.iVersion = 2;
    v.szOsFile = sizeof(Connection);
    v.mxPathname = 512;
    v.zName = "lotmark-sim";
    v.xOpen = vfs_open;
    v.xDelete = vfs_delete;
    v.xAccess = vfs_access;
    v.xFullPathname = vfs_full_path;
    v.xRandomness = vfs_randomness;
    v.xSleep = vfs_sleep;
    v.xGetLastError = vfs_last_error;
    v.xCurrentTimeInt64 = vfs_time;
    return v;
  }();
  if (sqlite3_vfs_find(nullptr) != &vfs) sqlite3_vfs_register(&vfs, 1);
}

}  // namespace lotmark::sim
