#include "cli/page.h"

#include <filesystem>
#include <nlohmann/json.hpp>

#include "cli/ca/layout.h"
#include "cli/files.h"
#include "cli/shown.h"
#include "core/base/hex.h"
#include "core/proof/statements.h"

namespace lotmark::cli {

namespace {

namespace fs = std::filesystem;

Result<fs::path> assets_dir(const PageArguments& a) {
  std::error_code e;
  fs::path dir = a.assets;
  if (dir.empty())
    dir = fs::read_symlink("/proc/self/exe", e).parent_path().parent_path() / "share/lotmark/page";
  if (!fs::is_directory(dir, e)) {
    return fail(Errc::kConfig,
                dir.string() + ": the page's files are not there; build them, or give --assets");
  }
  return dir;
}

Status copy_assets(const fs::path& from, const fs::path& to) {
  std::error_code e;
  if (fs::exists(to, e) && !fs::is_empty(to, e)) {
    return fail(Errc::kConflict, to.string() + " is not empty; nothing was touched");
  }
  fs::create_directories(to, e);
  if (!e) fs::copy(from, to, fs::copy_options::recursive, e);
  if (e) return fail(Errc::kIo, to.string() + ": " + e.message());
  return {};
}

// The chain, so that a wrong anchor is found now and not on a phone.
Result<Digest> build_page(const PageArguments& a) {
  if (!a.origin.empty() && !a.origin.starts_with("https://") &&
      !a.origin.starts_with("http://127.0.0.1")) {
    return fail(Errc::kUsage, "--origin must begin with https://");
  }
  if (!is_utf8(a.origin)) return fail(Errc::kUsage, "--origin is no UTF-8 text");
  LM_ASSIGN(const Bytes bytes, read_file(a.anchor));
  const auto no_anchor = [&](const Error& e) {
    return fail(e.code, a.anchor + " is no anchor of a consortium: " + e.text);
  };
  const auto anchor = read_anchor(bytes);
  if (!anchor) return no_anchor(anchor.error());
  const auto statements = proof::Statements::from_anchor(*anchor);
  if (!statements) return no_anchor(statements.error());
  LM_ASSIGN(const fs::path assets, assets_dir(a));
  LM_TRY(copy_assets(assets, a.out));
  const std::string script =
      "// Made by lotmark page for one consortium.\nexport const anchor = \"" + to_hex(bytes) +
      "\";\nexport const origin = " + nlohmann::json(a.origin).dump() + ";\n";
  LM_TRY(write_file(fs::path(a.out) / "anchor.js", script, true));
  return statements->chain();
}

}  // namespace

Exit run_page(const PageArguments& a, Output& out) {
  const auto chain = build_page(a);
  if (!chain) return out.error(chain.error());
  if (out.json) return out.value({{"out", a.out}, {"chain", to_hex(*chain)}});
  out.line("Page in " + a.out);
  out.line("fingerprint " + grouped_fingerprint(*chain));
  return Exit::kDone;
}

}  // namespace lotmark::cli
