// A disk in memory that tells the truth about what was synced and lies about everything else.
//
// Each Disk holds the databases below one folder. SQLite reaches it through the VFS `lotmark-sim`, which becomes the
// process's default with the first Disk; a file that is in no Disk's folder cannot be opened any more. What was
// written since the last sync of a file is kept, lost or torn when the power goes, by the seed: whole writes in
// their order, or any of them, or single sectors of one. New names and deletions may come undone until the folder was
// synced, which SQLite asks for with a new journal's or WAL's first sync. Bytes beside a torn write stay as they were, as
// SQLite assumes of the product's disks (SQLITE_IOCAP_POWERSAFE_OVERWRITE). One thread.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <string>

#include "core/base/bytes.h"

namespace lotmark::sim {

inline constexpr std::size_t kSector = 512;

class DiskState;
using DiskImage = std::map<std::string, Bytes>;  // by path

class Disk {
 public:
  // `folder`: absolute; no two Disks within one another.
  Disk(const std::filesystem::path& folder, std::uint64_t seed);
  // Connections that are still open fail from then on.
  ~Disk();
  Disk(const Disk&) = delete;
  Disk& operator=(const Disk&) = delete;

  // The power goes now: every open connection fails from here on, whatever it does.
  void cut_power();
  // It goes instead of the n-th write, sync, truncation or deletion from now; n > 0. power_on() forgets it.
  void cut_power_after(std::uint64_t n);
  bool has_power() const;
  // What survived can be opened again.
  void power_on();
  // Everything is gone. Only without power, or with no connection open.
  void wipe();
  // All files as programs see them now, as of a machine whose snapshot is taken.
  DiskImage image() const;
  // Everything is as it was then. Only without power.
  void restore(const DiskImage& image);
  // No file can grow: SQLITE_FULL.
  void set_full(bool full);

  // Bytes in all files.
  std::uint64_t size() const;

 private:
  std::shared_ptr<DiskState> state_;
};

}  // namespace lotmark::sim
