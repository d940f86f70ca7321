// What is behind a Disk: files as programs see them, as they are on the platter, and what lies between.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/base/bytes.h"
#include "tests/sim/random.h"

namespace lotmark::sim {

// A change that no sync has followed: bytes at a place, or another size.
struct Change {
  std::uint64_t offset = 0;
  Bytes bytes;
  bool truncation = false;  // to `offset`
};

// The lock bytes of a file and the memory beside a WAL, as SQLite's VFS interface has them. `who` is a connection.
struct FileLocks {
  unsigned shared = 0;
  const void* reserved = nullptr;
  const void* pending = nullptr;
  const void* exclusive = nullptr;
};
struct ShmLock {
  unsigned shared = 0;
  const void* exclusive = nullptr;
};

struct SimFile {
  Bytes now;
  Bytes durable;
  bool named = false;        // its directory entry is durable
  bool new_journal = false;  // its first sync is followed by one of the folder
  std::vector<Change> pending;
  FileLocks locks;
  std::array<ShmLock, 8> shm_locks;
  std::vector<std::unique_ptr<std::vector<std::uint8_t>>> shm;

  void write(std::uint64_t offset, ByteView bytes);
  void truncate(std::uint64_t size);
  void sync();
};

class DiskState {
 public:
  explicit DiskState(std::uint64_t seed) : draw_(seed) {}

  // The life of the machine; a connection of an earlier one is dead. None while the power is off.
  bool alive(std::uint64_t life) const { return power_ && life == life_; }
  std::uint64_t life() const { return life_; }
  bool power() const { return power_; }
  // Before each change: false if the power went instead.
  bool may_change();
  void cut();
  void cut_after(std::uint64_t n) { fuse_ = n; }
  void power_on();
  void wipe();
  std::map<std::string, Bytes> image() const;
  void restore(const std::map<std::string, Bytes>& image);

  std::shared_ptr<SimFile> open(const std::string& path);  // made if it is missing
  bool exists(const std::string& path) const { return files_.contains(path); }
  void remove(const std::string& path, bool synced);
  // All names and deletions are durable.
  void sync_folder();

  bool full = false;
  std::uint64_t size() const;

 private:
  enum class Mood { kKeep, kLose, kPrefix, kAny };
  void survive(SimFile& file, Mood mood);
  void tear(Bytes& onto, const Change& change);

  Draw draw_;
  bool power_ = true;
  std::uint64_t life_ = 1;
  std::uint64_t fuse_ = 0;  // changes until the power goes; 0: it does not
  std::map<std::string, std::shared_ptr<SimFile>> files_;
  std::map<std::string, std::shared_ptr<SimFile>> removed_;  // not for sure
};

// The disk whose folder holds `path`; nothing if there is none. disk_vfs.cpp asks.
std::shared_ptr<DiskState> disk_of(const std::string& path);
// Makes `lotmark-sim` SQLite's default. Once is enough.
void install_vfs();

}  // namespace lotmark::sim
