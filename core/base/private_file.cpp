#include "core/base/private_file.h"

#include <sys/stat.h>

#include <algorithm>
#include <fstream>
#include <string_view>

namespace lotmark {

bool holds_public_key(const std::filesystem::path& file) {
  constexpr std::size_t kPointHex = 130;
  constexpr std::string_view kPem = "-----BEGIN PUBLIC KEY-----";
  std::ifstream in(file, std::ios::binary);
  std::string text(kPointHex + 2, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(in.gcount()));
  if (text.starts_with(kPem)) return true;
  const auto point = std::string_view(text).substr(0, text.find_first_of("\r\n"));
  return point.size() == kPointHex && point.starts_with("04") &&
         point.find_first_not_of("0123456789abcdefABCDEF") == std::string_view::npos;
}

Error public_half(const std::filesystem::path& file) {
  std::string text =
      file.string() + " holds the public half of a key pair: the private one is wanted";
  if (file.extension() == ".pub")
    text += ", " + std::filesystem::path(file).replace_extension().string();
  return fail(Errc::kKeyBad, text);
}

Status check_private_file(const std::filesystem::path& file) {
  struct stat st {};
  if (::stat(file.c_str(), &st) != 0) {
    return system_error("cannot read " + file.string());
  }
  if (!S_ISREG(st.st_mode))  // a pipe would be waited for
    return fail(Errc::kDenied, file.string() + " is no regular file");
  if ((st.st_mode & 077) == 0) return {};
  if (holds_public_key(file)) return public_half(file);
  return fail(Errc::kDenied, file.string() + " can be read by others: chmod 600 it");
}

Result<std::string> read_password(const std::filesystem::path& file) {
  constexpr std::size_t kMost = 1024;
  LM_TRY(check_private_file(file));
  std::ifstream in(file, std::ios::binary);
  std::string text(kMost + 2, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (in.bad() || !in.is_open()) return fail(Errc::kIo, "cannot read " + file.string());
  text.resize(static_cast<std::size_t>(in.gcount()));
  text.resize(std::min(text.find_first_of("\r\n"), text.size()));
  if (text.empty() || text.size() > kMost)
    return fail(Errc::kConfig,
                file.string() + ": the first line is to be a password of 1 to 1024 bytes");
  return text;
}

}  // namespace lotmark
