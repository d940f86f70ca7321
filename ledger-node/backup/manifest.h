// A backup is a folder: a copy of each database of a node, and manifest.json, written last, that says what they are.
// docs/operate/backup.md.
#pragma once

#include <filesystem>
#include <vector>

#include "core/base/bytes.h"
#include "core/base/result.h"

namespace lotmark::backup {

struct BackupFile {
  std::string name;
  std::uint64_t bytes = 0;
  Digest hash;
};

struct Manifest {
  Digest chain;
  std::uint64_t made = 0;    // ms UTC
  std::uint64_t blocks = 0;  // of chain.db
  std::uint64_t intake_size = 0;
  Digest intake_root;
  bool of_standby = false;
  std::vector<BackupFile> files;

  const BackupFile* find(std::string_view name) const;
};

inline constexpr std::string_view kManifest = "manifest.json";

// conflict if it is there.
Status write_manifest(const std::filesystem::path& folder, const Manifest& manifest);
// io, too-large, corrupt; each names the file.
Result<Manifest> read_manifest(const std::filesystem::path& folder);
// corrupt, naming the first file whose size or hash is another.
Status check_files(const std::filesystem::path& folder, const Manifest& manifest);

// Size and hash of a file, and its bytes on the disk.
Result<BackupFile> seal_file(const std::filesystem::path& folder, const std::string& name);
// A new file, 0600, with the bytes of another; io if it is there.
Status copy_whole(const std::filesystem::path& from, const std::filesystem::path& to);

}  // namespace lotmark::backup
