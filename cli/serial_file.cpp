#include "cli/serial_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <functional>
#include <map>
#include <unordered_set>
#include <vector>

#include "core/proof/item.h"

namespace lotmark::cli {

namespace {

constexpr std::size_t kLineMax = 4096;
constexpr std::string_view kMark = "\xef\xbb\xbf";  // some programs begin UTF-8 with it

// Fields of one record; nothing if a quote is not closed or stands where none may.
std::optional<std::vector<std::string>> csv_fields(std::string_view line) {
  std::vector<std::string> out(1);
  std::size_t i = 0;
  while (true) {
    if (i < line.size() && line[i] == '"') {
      for (++i;; ++i) {
        if (i >= line.size()) return std::nullopt;
        if (line[i] != '"') out.back() += line[i];
        else if (i + 1 < line.size() && line[i + 1] == '"') out.back() += line[i++];
        else break;
      }
      ++i;
    } else {
      for (; i < line.size() && line[i] != ','; ++i) {
        if (line[i] == '"') return std::nullopt;
        out.back() += line[i];
      }
    }
    if (i >= line.size()) return out;
    if (line[i] != ',') return std::nullopt;
    ++i;
    out.emplace_back();
  }
}

std::optional<std::size_t> column_number(const std::string& text) {
  std::size_t n = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), n);
  if (error != std::errc() || end != text.data() + text.size() || n == 0) return std::nullopt;
  return n - 1;
}

std::uint64_t quick_hash(std::string_view s) { return std::hash<std::string_view>()(s); }

// Each serial once through `take`; an error of either ends it.
Status each_serial(const SerialFileOptions& o,
                   const std::function<Status(const std::string&, std::uint64_t)>& take) {
  LM_ASSIGN(auto file, SerialFile::open(o));
  while (true) {
    LM_ASSIGN(const auto serial, file.next());
    if (!serial) return {};
    LM_TRY(take(*serial, file.line()));
  }
}

// Serials whose hash another has too: said if they are the same.
Status name_twice(const SerialFileOptions& o, const std::unordered_set<std::uint64_t>& suspect) {
  std::map<std::string, std::uint64_t> first;
  return each_serial(o, [&](const std::string& serial, std::uint64_t line) -> Status {
    if (!suspect.contains(quick_hash(serial))) return {};
    const auto [at, is_new] = first.emplace(serial, line);
    if (is_new) return {};
    return fail(Errc::kListDuplicate, fmt::format("{} line {}: serial {} stands in line {} already",
                                                  o.file, line, serial, at->second));
  });
}

}  // namespace

Error SerialFile::at_line(Errc code, const std::string& why) const {
  return fail(code, fmt::format("{} line {}: {}", file_, line_, why));
}

Result<bool> SerialFile::read_line(std::string& out) {
  out.clear();
  ++line_;
  for (int c = in_.get(); c != std::ifstream::traits_type::eof(); c = in_.get()) {
    if (c == '\n') {
      if (!out.empty() && out.back() == '\r') out.pop_back();
      if (line_ == 1 && out.starts_with(kMark)) out.erase(0, kMark.size());
      return true;
    }
    if (out.size() == kLineMax)
      return at_line(Errc::kTooLarge, fmt::format("longer than {} bytes", kLineMax));
    out += static_cast<char>(c);
  }
  if (in_.bad()) return fail(Errc::kIo, "cannot read " + file_);
  return !out.empty();
}

Result<SerialFile> SerialFile::open(const SerialFileOptions& o) {
  SerialFile f;
  f.file_ = o.file;
  f.in_.open(o.file, std::ios::binary);
  std::error_code ignored;
  if (!f.in_ || std::filesystem::is_directory(o.file, ignored))
    return fail(Errc::kIo, "cannot read " + o.file);
  if (o.column.empty()) return f;
  f.column_ = column_number(o.column);
  if (f.column_) return f;
  std::string head;
  LM_ASSIGN(const bool any, f.read_line(head));
  const auto names = any ? csv_fields(head) : std::nullopt;
  const auto at =
      names ? std::ranges::find(*names, o.column) : std::vector<std::string>::const_iterator();
  if (!names || at == names->end())
    return f.at_line(Errc::kUsage, "no column \"" + o.column + "\" is named there");
  f.column_ = static_cast<std::size_t>(at - names->begin());
  return f;
}

Result<std::optional<std::string>> SerialFile::next() {
  std::string line;
  LM_ASSIGN(const bool any, read_line(line));
  if (!any) return std::optional<std::string>();
  std::string serial = std::move(line);
  if (column_) {
    const auto fields = csv_fields(serial);
    if (!fields) return at_line(Errc::kUsage, "its quotes are not those of CSV");
    if (fields->size() <= *column_)
      return at_line(Errc::kUsage, fmt::format("has {} fields, the serial is number {}",
                                               fields->size(), *column_ + 1));
    serial = (*fields)[*column_];
  }
  if (!proof::valid_serial(serial))
    return at_line(Errc::kFieldRange,
                   "\"" + serial + "\" is no serial: 1 to 20 characters of GS1's set");
  return std::optional(std::move(serial));
}

Result<std::uint64_t> check_serial_file(const SerialFileOptions& o) {
  std::vector<std::uint64_t> hashes;
  LM_TRY(each_serial(o, [&](const std::string& serial, std::uint64_t line) -> Status {
    if (hashes.size() == limits::kSerials) {
      return fail(Errc::kTooLarge, fmt::format("{} line {}: a lot has at most {} serials", o.file,
                                               line, limits::kSerials));
    }
    hashes.push_back(quick_hash(serial));
    return {};
  }));
  if (hashes.empty()) return fail(Errc::kUsage, o.file + " holds no serial");
  const std::uint64_t count = hashes.size();
  std::ranges::sort(hashes);
  std::unordered_set<std::uint64_t> suspect;
  for (std::size_t i = 1; i < hashes.size(); ++i) {
    if (hashes[i] == hashes[i - 1]) suspect.insert(hashes[i]);
  }
  if (!suspect.empty()) LM_TRY(name_twice(o, suspect));
  return count;
}

}  // namespace lotmark::cli
