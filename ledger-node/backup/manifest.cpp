#include "ledger-node/backup/manifest.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <nlohmann/json.hpp>

#include "core/base/clock.h"
#include "core/base/hex.h"
#include "core/base/whole_file.h"
#include "core/crypto/sha256.h"

namespace lotmark::backup {

using Json = nlohmann::json;

namespace {

constexpr std::size_t kManifestMax = 64 * 1024;
constexpr std::string_view kMagic = "lotmark/backup/1";

Error failed(const std::filesystem::path& file, std::string_view what) {
  const Errc code = errno == ENOSPC || errno == EDQUOT ? Errc::kDiskFull : Errc::kIo;
  return fail(code, std::string(what) + " " + file.string() + ": " + std::strerror(errno));
}

// A descriptor that goes with its scope.
class File {
 public:
  File(const std::filesystem::path& file, int flags) : fd_(::open(file.c_str(), flags, 0600)) {}
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  ~File() {
    if (fd_ >= 0) ::close(fd_);
  }
  bool is_open() const { return fd_ >= 0; }
  int fd() const { return fd_; }

 private:
  int fd_;
};

// Reads all of it piece by piece.
template <class Take>
Status read_all(const std::filesystem::path& file, int fd, Take&& take) {
  std::array<std::uint8_t, 64 * 1024> piece;
  while (true) {
    const ssize_t n = ::read(fd, piece.data(), piece.size());
    if (n < 0) return failed(file, "cannot read");
    if (n == 0) return {};
    LM_TRY(take(ByteView(piece.data(), static_cast<std::size_t>(n))));
  }
}

Status write_piece(const std::filesystem::path& file, int fd, ByteView piece) {
  while (!piece.empty()) {
    const ssize_t n = ::write(fd, piece.data(), piece.size());
    if (n < 0) return failed(file, "cannot write");
    piece = piece.subspan(static_cast<std::size_t>(n));
  }
  return {};
}

Result<BackupFile> measure(const std::filesystem::path& folder, const std::string& name) {
  const auto file = folder / name;
  const File in(file, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
  if (!in.is_open()) return failed(file, "cannot read");
  BackupFile out;
  out.name = name;
  Sha256 hash;
  LM_TRY(read_all(file, in.fd(), [&](ByteView piece) -> Status {
    hash.update(piece);
    out.bytes += piece.size();
    return {};
  }));
  out.hash = hash.finish();
  return out;
}

Result<Manifest> parse(const Json& j, const std::filesystem::path& file) {
  const auto wrong = [&](const std::string& key) {
    return fail(Errc::kCorrupt, file.string() + ": " + key + " is missing or wrong");
  };
  Manifest m;
  try {
    if (!j.is_object() || j.value("magic", "") != kMagic) return wrong("magic");
    const auto chain = fixed_from_hex<Digest>(j.at("chain").get<std::string>());
    const auto root = fixed_from_hex<Digest>(j.at("intake").at("root").get<std::string>());
    if (!chain || !root) return wrong("chain or intake.root");
    m.chain = *chain;
    m.intake_root = *root;
    m.intake_size = j.at("intake").at("size").get<std::uint64_t>();
    m.made = j.at("made_ms").get<std::uint64_t>();
    m.blocks = j.at("blocks").get<std::uint64_t>();
    m.of_standby = j.at("of_standby").get<bool>();
    for (const auto& f : j.at("files")) {
      const auto hash = fixed_from_hex<Digest>(f.at("sha256").get<std::string>());
      const auto name = f.at("name").get<std::string>();
      if (!hash || name.empty() || name.find('/') != std::string::npos || name[0] == '.')
        return wrong("files");
      if (m.find(name) != nullptr) return wrong("files: " + name + " stands there twice, which");
      m.files.push_back({name, f.at("bytes").get<std::uint64_t>(), *hash});
    }
  } catch (const Json::exception& e) {
    return wrong(e.what());
  }
  return m;
}

}  // namespace

const BackupFile* Manifest::find(std::string_view name) const {
  const auto at = std::ranges::find_if(files, [&](const auto& f) { return f.name == name; });
  return at == files.end() ? nullptr : &*at;
}

Status write_manifest(const std::filesystem::path& folder, const Manifest& m) {
  Json files = Json::array();
  for (const auto& f : m.files)
    files.push_back({{"name", f.name}, {"bytes", f.bytes}, {"sha256", to_hex(f.hash)}});
  const Json j = {{"magic", kMagic},
                  {"chain", to_hex(m.chain)},
                  {"made", to_iso(from_ms(static_cast<std::int64_t>(m.made)))},
                  {"made_ms", m.made},
                  {"blocks", m.blocks},
                  {"intake", {{"size", m.intake_size}, {"root", to_hex(m.intake_root)}}},
                  {"of_standby", m.of_standby},
                  {"files", std::move(files)}};
  const auto file = folder / kManifest;
  const File out(file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC);
  if (!out.is_open()) return failed(file, "cannot make");
  const std::string text = j.dump(2) + "\n";
  LM_TRY(write_piece(file, out.fd(), as_bytes(text)));
  if (::fsync(out.fd()) != 0) return failed(file, "cannot sync");
  return sync_folder(folder);
}

Result<Manifest> read_manifest(const std::filesystem::path& folder) {
  const auto file = folder / kManifest;
  const File in(file, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
  if (!in.is_open())
    return fail(Errc::kIo, "cannot read " + file.string() + ": " + std::strerror(errno) +
                               "; a backup without it was not finished");
  std::string text;
  LM_TRY(read_all(file, in.fd(), [&](ByteView piece) -> Status {
    text += as_text(piece);
    if (text.size() > kManifestMax) return fail(Errc::kTooLarge, file.string());
    return {};
  }));
  return parse(Json::parse(text, nullptr, false), file);
}

Status check_files(const std::filesystem::path& folder, const Manifest& m) {
  for (const auto& f : m.files) {
    LM_ASSIGN(const auto found, measure(folder, f.name));
    if (found.bytes != f.bytes || found.hash != f.hash)
      return fail(Errc::kCorrupt, (folder / f.name).string() +
                                      " is not what its manifest says: size or hash differ");
  }
  return {};
}

Result<BackupFile> seal_file(const std::filesystem::path& folder, const std::string& name) {
  {
    const File file(folder / name, O_RDWR | O_CLOEXEC);
    if (!file.is_open() || ::fsync(file.fd()) != 0) return failed(folder / name, "cannot sync");
  }
  return measure(folder, name);
}

Status copy_whole(const std::filesystem::path& from, const std::filesystem::path& to) {
  const File in(from, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
  if (!in.is_open()) return failed(from, "cannot read");
  const File out(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC);
  if (!out.is_open()) return failed(to, "cannot make");
  LM_TRY(read_all(from, in.fd(), [&](ByteView piece) { return write_piece(to, out.fd(), piece); }));
  if (::fsync(out.fd()) != 0) return failed(to, "cannot sync");
  return {};
}

}  // namespace lotmark::backup
