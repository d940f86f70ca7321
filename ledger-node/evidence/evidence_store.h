// evidence.db: files that prove somebody's dishonesty (docs/format/evidence.md), each verified before it is kept,
// whoever it came from, and each also written to the folder evidence, for an operator to take. Nothing is ever removed.
//
// One thread at a time (the node's lock).
#pragma once

#include <filesystem>
#include <map>

#include "core/base/clock.h"
#include "core/proof/evidence.h"
#include "core/store/database.h"

namespace lotmark::node {

// An error of keep() that says nothing of the file: it could not be stored.
inline bool is_own_fault(Errc e) {
  return static_cast<unsigned>(e) >= static_cast<unsigned>(Errc::kIo) && e != Errc::kTooLarge;
}

struct KeptEvidence {
  std::uint64_t n = 0;  // 1, 2, ... in the order in which they were kept
  EvidenceKind kind = EvidenceKind::kBlockFork;
  KeyId culprit;
  std::string organisation;
  std::string role;
  std::string file;  // name in the folder
  std::uint64_t bytes = 0;
  std::uint64_t found = 0;    // ms UTC
  std::optional<KeyId> from;  // who sent it; nothing: this node made it
};

class EvidenceStore {
 public:
  static constexpr std::uint64_t kFiles = 1000;
  static constexpr std::uint64_t kFilesOfOne = 16;  // of one culprit and kind
  // A member enrols as many devices as it likes: against those of one organisation, and against all devices. The rest is
  // for members.
  static constexpr std::uint64_t kFilesOfDevices = 64;
  static constexpr std::uint64_t kFilesOfAllDevices = kFiles / 2;

  // Makes or opens data_dir/evidence.db and the folder; files that the folder lacks are written again. `anchor`: the
  // bytes every file is judged by.
  static Result<EvidenceStore> open(const std::filesystem::path& data_dir, ByteView anchor);

  // Keeps a file that is proven: true if it is new, false if the same accusation is kept already. A file that proves
  // nothing gives the error that its check names; too-large beyond the bounds above. Nothing changes on an error.
  Result<bool> keep(ByteView file, const std::optional<KeyId>& from, Time now);

  // Name of the first file of that kind against that key.
  std::optional<std::string> against(const KeyId& culprit, EvidenceKind kind) const;

  std::uint64_t size() const { return size_; }
  // How many were proven and found no place.
  std::uint64_t turned_away() const { return turned_away_; }
  Result<std::vector<KeptEvidence>> list() const;
  // not-found if there is none.
  Result<Bytes> file(std::uint64_t n) const;
  // Whether a file with that SHA-256 is kept: it was proven here.
  Result<bool> holds(const Digest& hash) const;
  // Files n, n + 1, ...: as many as fit in max_bytes, at least one if there is one.
  Result<std::vector<Bytes>> files(std::uint64_t n, std::size_t max_bytes) const;

  const store::Database& database() const { return db_; }

 private:
  EvidenceStore(store::Database db, std::filesystem::path folder, Bytes anchor)
      : db_(std::move(db)), folder_(std::move(folder)), anchor_(std::move(anchor)) {}
  Status load();
  Status write_out(const std::string& name, ByteView file) const;
  // Whether the bounds leave a place for one more against that party.
  Result<bool> has_room(const proof::Culprit& by, int kind) const;
  Result<bool> insert(const proof::EvidenceResult& proven, ByteView file,
                      const std::optional<KeyId>& from, Time now);

  store::Database db_;
  std::filesystem::path folder_;
  Bytes anchor_;
  std::map<std::pair<KeyId, EvidenceKind>, std::string> against_;
  std::uint64_t size_ = 0;
  std::uint64_t turned_away_ = 0;
};

}  // namespace lotmark::node
