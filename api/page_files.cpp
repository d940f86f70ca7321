#include "api/page_files.h"

#include "api/bounded_file.h"
#include "core/base/hex.h"
#include "core/crypto/sha256.h"

namespace lotmark::api {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t kPageMax = 64 * 1024 * 1024;

}  // namespace

std::string_view content_type_of(std::string_view name) {
  static constexpr std::pair<std::string_view, std::string_view> kTypes[] = {
      {".html", "text/html; charset=utf-8"},
      {".js", "text/javascript; charset=utf-8"},
      {".mjs", "text/javascript; charset=utf-8"},
      {".css", "text/css; charset=utf-8"},
      {".json", "application/json"},
      {".cbor", "application/cbor"},
      {".webmanifest", "application/manifest+json"},
      {".wasm", "application/wasm"},
      {".svg", "image/svg+xml"},
      {".png", "image/png"},
      {".ico", "image/x-icon"},
      {".txt", "text/plain; charset=utf-8"}};
  for (const auto& [end, type] : kTypes) {
    if (name.ends_with(end)) return type;
  }
  return "application/octet-stream";
}

Result<PageFiles> PageFiles::read(const fs::path& dir) {
  PageFiles out;
  if (dir.empty()) return out;
  std::error_code ec;
  std::size_t total = 0;
  for (auto it = fs::recursive_directory_iterator(dir, ec);
       !ec && it != fs::recursive_directory_iterator(); it.increment(ec)) {
    if (it->is_symlink() || !it->is_regular_file()) continue;
    auto bytes = read_bounded(it->path(), kPageMax - total);
    if (!bytes && bytes.error().code == Errc::kTooLarge)
      return fail(Errc::kConfig, dir.string() + " holds more than a page: above 64 MiB");
    if (!bytes) return bytes.error();
    total += bytes->size();
    const std::string name = it->path().lexically_relative(dir).generic_string();
    PageFile file{std::string(content_type_of(name)),
                  '"' + to_hex(sha256(*bytes).view().first(12)) + '"', *std::move(bytes)};
    out.files_.emplace(name, std::move(file));
  }
  if (ec) return fail(Errc::kConfig, "cannot read " + dir.string() + ": " + ec.message());
  if (out.find("index.html") == nullptr) {
    return fail(Errc::kConfig, dir.string() + " holds no index.html: build it with `lotmark page`");
  }
  return out;
}

const PageFile* PageFiles::find(std::string_view name) const {
  const auto it = files_.find(name);
  return it == files_.end() ? nullptr : &it->second;
}

}  // namespace lotmark::api
