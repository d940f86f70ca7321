// Keys, a chain, and short ways to say a reading, a bundle and what a node answers.
#pragma once

#include <gtest/gtest.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "core/crypto/key_file.h"
#include "core/crypto/sha256.h"
#include "core/wire/bundle_wire.h"
#include "edge-agent/bundle/bundler.h"

namespace lotmark::agent::test {

inline std::unique_ptr<Signer> new_signer() {
  return std::move(*signer_mbedtls(new_scalar().view()));
}

inline const Digest& chain() {
  static const Digest id = sha256(as_bytes("chain"));
  return id;
}

inline Reading quantity(const std::string& channel, std::int64_t t, std::int64_t v) {
  return {channel, "Cel", -2, t, v, {}};
}

inline OpenedWire opened(ByteView wire, const PublicKey& key) {
  auto o = open_wire(wire, chain(), [&](const Signed<Bundle>& b) {
    return b.verified_by(key) ? Errc::kOk : Errc::kCoseSignature;
  });
  EXPECT_TRUE(o) << (o ? "" : o.error().message());
  if (!o) std::abort();
  return std::move(*o);
}

// Where tests run as root: the calling thread alone has no more rights than anybody. setresuid() would take all of them along.
inline void become_nobody() {
  constexpr long kNobody = 65534;
  if (::geteuid() != 0) return;
  EXPECT_EQ(::syscall(SYS_setresuid, kNobody, kNobody, kNobody), 0);
}

// A folder that goes when the test goes.
class TempDir {
 public:
  TempDir() {
    std::string pattern = std::filesystem::temp_directory_path() / "lotmark-agent-XXXXXX";
    if (::mkdtemp(pattern.data()) != nullptr) path_ = pattern;
  }
  ~TempDir() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;
  const std::filesystem::path& path() const { return path_; }
  std::string operator/(const std::string& name) const { return path_ / name; }
  std::string write(const std::string& name, const std::string& text) const {
    std::ofstream(path_ / name) << text;
    return path_ / name;
  }

 private:
  std::filesystem::path path_;
};

}  // namespace lotmark::agent::test
