#include "tests/unit/intake/full_disk.h"

#include <sqlite3.h>

#include <cstring>

#include "core/base/assert.h"

namespace lotmark::test {

namespace {

sqlite3_vfs* real = nullptr;
sqlite3_vfs layer;
sqlite3_io_methods methods;
int left = -1;
int refused_writes = 0;

// SQLite's handle, and behind it in the same memory the real layer's.
struct File {
  sqlite3_file base;
  sqlite3_file* below;
};
sqlite3_file* below(sqlite3_file* f) { return reinterpret_cast<File*>(f)->below; }

template <auto Method, class... Args>
int pass(sqlite3_file* f, Args... args) {
  return (below(f)->pMethods->*Method)(below(f), args...);
}

int write(sqlite3_file* f, const void* data, int size, sqlite3_int64 at) {
  if (left == 0) {
    ++refused_writes;
    return SQLITE_FULL;
  }
  if (left > 0) --left;
  return below(f)->pMethods->xWrite(below(f), data, size, at);
}

int open(sqlite3_vfs*, const char* name, sqlite3_file* f, int flags, int* out) {
  auto* file = reinterpret_cast<File*>(f);
  file->below = reinterpret_cast<sqlite3_file*>(file + 1);
  std::memset(file->below, 0, static_cast<std::size_t>(real->szOsFile));
  const int rc = real->xOpen(real, name, file->below, flags, out);
  file->base.pMethods = file->below->pMethods != nullptr ? &methods : nullptr;
  return rc;
}

using M = sqlite3_io_methods;

void fill_methods() {
  methods.iVersion = 2;  // with shared memory for WAL, without memory mapping
  methods.xClose = pass<&M::xClose>;
  methods.xRead = pass<&M::xRead, void*, int, sqlite3_int64>;
  methods.xWrite = write;
  methods.xTruncate = pass<&M::xTruncate, sqlite3_int64>;
  methods.xSync = pass<&M::xSync, int>;
  methods.xFileSize = pass<&M::xFileSize, sqlite3_int64*>;
  methods.xLock = pass<&M::xLock, int>;
  methods.xUnlock = pass<&M::xUnlock, int>;
  methods.xCheckReservedLock = pass<&M::xCheckReservedLock, int*>;
  methods.xFileControl = pass<&M::xFileControl, int, void*>;
  methods.xSectorSize = pass<&M::xSectorSize>;
  methods.xDeviceCharacteristics = pass<&M::xDeviceCharacteristics>;
  methods.xShmMap = pass<&M::xShmMap, int, int, int, void volatile**>;
  methods.xShmLock = pass<&M::xShmLock, int, int, int>;
  methods.xShmBarrier = [](sqlite3_file* f) { below(f)->pMethods->xShmBarrier(below(f)); };
  methods.xShmUnmap = pass<&M::xShmUnmap, int>;
}

}  // namespace

FullDisk::FullDisk() {
  real = sqlite3_vfs_find(nullptr);
  LM_ASSERT(real != nullptr && real != &layer);
  layer =
      *real;  // everything but opening goes to the real layer's functions, which ask for no handle of it
  layer.zName = "full-disk";
  layer.szOsFile = static_cast<int>(sizeof(File)) + real->szOsFile;
  layer.xOpen = open;
  fill_methods();
  left = -1;
  refused_writes = 0;
  LM_ASSERT(sqlite3_vfs_register(&layer, 1) == SQLITE_OK);
}

FullDisk::~FullDisk() {
  sqlite3_vfs_register(real, 1);
  sqlite3_vfs_unregister(&layer);
}

void FullDisk::allow(int writes) { left = writes; }
int FullDisk::refused() const { return refused_writes; }

}  // namespace lotmark::test
