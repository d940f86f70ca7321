#include "cli/named_serials.h"

#include <fmt/format.h>

#include <map>

#include "cli/files.h"
#include "core/wire/values.h"

namespace lotmark::cli {

Result<std::vector<std::string>> read_named_serials(const std::string& file, std::size_t most,
                                                    std::string_view whose) {
  constexpr std::size_t kLine = 64;
  LM_ASSIGN(const Bytes bytes, read_file(file, most * kLine));
  std::string_view rest(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  std::map<std::string, std::size_t> lines;  // by serial
  for (std::size_t line = 1; !rest.empty(); ++line) {
    const auto end = std::min(rest.find('\n'), rest.size());
    std::string serial(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
    if (serial.ends_with('\r')) serial.pop_back();
    if (serial.empty()) continue;
    const std::string place = fmt::format("{}, line {}: ", file, line);
    if (!valid(LotNumber{serial})) return fail(Errc::kUsage, place + serial + " is no serial");
    const auto [at, first] = lines.try_emplace(serial, line);
    if (!first)
      return fail(Errc::kUsage, place + serial + fmt::format(" is on line {} too", at->second));
    if (lines.size() > most)
      return fail(Errc::kUsage,
                  place + fmt::format("{} names at most {} serials: split it", whose, most));
  }
  std::vector<std::string> out;
  for (const auto& [serial, line] : lines) out.push_back(serial);
  return out;
}

}  // namespace lotmark::cli
