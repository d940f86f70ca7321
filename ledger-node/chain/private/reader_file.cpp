#include "ledger-node/chain/private/reader_file.h"

#include <fstream>

#include "core/base/hex.h"

namespace lotmark::chain {

namespace {

constexpr std::size_t kReaderFileMax = 1024;

Result<std::string> line_of(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::string text(kReaderFileMax + 1, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (in.bad() || (!in.eof() && in.fail()) || in.gcount() == 0)
    return fail(Errc::kIo, file.string() + " cannot be read");
  if (!in.eof()) return fail(Errc::kKeyBad, file.string() + " is too large for a public key");
  text.resize(static_cast<std::size_t>(in.gcount()));
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.pop_back();
  return text;
}

}  // namespace

Result<sealed::ReaderKey> read_reader_key(const std::string& named,
                                          const std::filesystem::path& folder) {
  auto point = fixed_from_hex<PublicKey>(named);
  std::string from = "it";
  if (!point) {
    const std::filesystem::path file(named);
    LM_ASSIGN(const auto line, line_of(file.is_absolute() ? file : folder / file));
    point = fixed_from_hex<PublicKey>(line);
    from = named;
  }
  if (!point)
    return fail(Errc::kKeyBad, from + " is no P-256 point: 04 and 128 hex digits on one line");
  return sealed::ReaderKey::from(*point);
}

}  // namespace lotmark::chain
