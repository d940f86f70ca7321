// A token of SoftHSM's in a folder of its own; its module is loaded as any vendor's is.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

namespace lotmark::test {

// One for the process: SoftHSM reads its configuration once.
class SoftToken {
 public:
  static constexpr const char* kModule = "/usr/lib/softhsm/libsofthsm2.so";
  static bool installed() { return std::filesystem::exists(kModule); }

  SoftToken() {
    std::string pattern = std::filesystem::temp_directory_path() / "lotmark-token-XXXXXX";
    if (::mkdtemp(pattern.data()) != nullptr) dir_ = pattern;
    std::filesystem::create_directory(dir_ / "tokens");
    std::ofstream(dir_ / "softhsm2.conf")
        << "directories.tokendir = " << (dir_ / "tokens").string() << "\nlog.level = ERROR\n";
    ::setenv("SOFTHSM2_CONF", (dir_ / "softhsm2.conf").c_str(), 1);
    EXPECT_EQ(std::system("softhsm2-util --init-token --free --label site --pin 1234 "
                          "--so-pin 5678 >/dev/null"),
              0);
    std::ofstream(pin()) << "1234\n";
    std::filesystem::permissions(pin(), std::filesystem::perms(0600));
  }
  ~SoftToken() {
    std::error_code ignored;
    std::filesystem::remove_all(dir_, ignored);
  }
  SoftToken(const SoftToken&) = delete;
  SoftToken& operator=(const SoftToken&) = delete;

  const std::filesystem::path& dir() const { return dir_; }
  std::filesystem::path pin() const { return dir_ / "pin"; }
  // Of a key in it, with the token's PIN file or another source of a PIN.
  std::string uri(const std::string& object, const std::string& pin_source = "") const {
    return "pkcs11:token=site;object=" + object + "?module-path=" + kModule +
           "&pin-source=" + (pin_source.empty() ? "file:" + pin().string() : pin_source);
  }

 private:
  std::filesystem::path dir_;
};

}  // namespace lotmark::test
