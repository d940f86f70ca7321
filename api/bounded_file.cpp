#include "api/bounded_file.h"

#include <cerrno>
#include <cstring>
#include <fstream>

namespace lotmark::api {

Result<Bytes> read_bounded(const std::filesystem::path& file, std::size_t max) {
  errno = 0;
  std::ifstream in(file, std::ios::binary);
  if (!in) return fail(Errc::kIo, file.string() + ": cannot be opened: " + std::strerror(errno));
  Bytes all;
  char piece[65536];
  while (in) {
    in.read(piece, sizeof piece);
    const auto got = static_cast<std::size_t>(in.gcount());
    if (got > max - all.size())
      return fail(Errc::kTooLarge, file.string() + ": above " + std::to_string(max) + " bytes");
    all.insert(all.end(), piece, piece + got);
  }
  if (!in.eof()) return fail(Errc::kIo, file.string() + ": cannot be read");
  return all;
}

}  // namespace lotmark::api
