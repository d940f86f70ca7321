#include "api/config.h"

#include <fmt/format.h>
#include <toml++/toml.h>

#include <set>

namespace lotmark::api {

namespace {

namespace fs = std::filesystem;

// The [api] table: takes known keys out, collects every fault with its line, finds the unknown at
// the end.
class Table {
 public:
  Table(fs::path file, const toml::table& root)
      : file_(std::move(file)), t_(root["api"].as_table()) {
    for (const auto& [k, v] : root) {
      if (k.str() != "api") fault(&v, std::string(k.str()), "unknown table: all is in [api]");
    }
    if (t_ == nullptr) fault(nullptr, "api", "the table [api] is missing");
  }

  void text(const char* key, std::string& out, bool needed) {
    const auto* n = find(key, needed);
    if (n == nullptr) return;
    if (auto v = n->value_exact<std::string>(); v && !v->empty()) out = *v;
    else fault(n, key, "must be a text");
  }
  // An existing file, or folder if `folder`.
  void path(const char* key, fs::path& out, bool needed, bool folder = false) {
    std::string s;
    text(key, s, needed);
    if (s.empty()) return;
    out = fs::path(s).is_absolute() ? fs::path(s) : file_.parent_path() / s;
    std::error_code ec;
    const bool there = folder ? fs::is_directory(out, ec) : fs::is_regular_file(out, ec);
    if (!there)
      fault(t_->get(key), key,
            fmt::format("no such {}: {}", folder ? "folder" : "file", out.string()));
  }
  template <class N>
  void number(const char* key, N& out, std::int64_t min, std::int64_t max) {
    const auto* n = find(key, false);
    if (n == nullptr) return;
    const auto v = n->value_exact<std::int64_t>();
    if (v && *v >= min && *v <= max) out = static_cast<N>(*v);
    else fault(n, key, fmt::format("must be a number from {} to {}", min, max));
  }
  void fault_at(const char* key, std::string_view what) {
    fault(t_ ? t_->get(key) : nullptr, key, what);
  }
  // Every fault, the unknown keys among them; empty if there is none.
  const std::string& finish() {
    if (t_ == nullptr) return faults_;
    for (const auto& [k, v] : *t_) {
      if (!seen_.contains(std::string(k.str()))) fault(&v, std::string(k.str()), "unknown key");
    }
    return faults_;
  }

 private:
  const toml::node* find(const char* key, bool needed) {
    seen_.insert(key);
    const toml::node* n = t_ != nullptr ? t_->get(key) : nullptr;
    if (n == nullptr && needed && t_ != nullptr) fault(t_, key, "is missing");
    return n;
  }
  void fault(const toml::node* at, std::string_view key, std::string_view what) {
    const auto line = at != nullptr ? at->source().begin.line : 1u;
    const std::string_view table = key == "api" || at == nullptr ? "" : "api.";
    faults_ += fmt::format("{}{}:{}: {}{}: {}", faults_.empty() ? "" : "\n", file_.string(), line,
                           table, key, what);
  }
  fs::path file_;
  const toml::table* t_;
  std::set<std::string> seen_;
  std::string faults_;
};

void read_origin(Table& t, ApiConfig& c) {
  t.text("origin", c.origin, true);
  while (c.origin.ends_with('/')) c.origin.pop_back();
  const bool url = c.origin.starts_with("https://") || c.origin.starts_with("http://");
  if (!c.origin.empty() && !url) t.fault_at("origin", "must be a URL: https://lot.example");
}

void read_log(Table& t, ApiConfig& c) {
  std::string level = "info";
  t.text("log", level, false);
  if (!log::level_from(level, c.log)) t.fault_at("log", "must be debug, info, warn or error");
}

std::string_view word(log::Level level) {
  switch (level) {
    case log::Level::kDebug: return "debug";
    case log::Level::kInfo: return "info";
    case log::Level::kWarn: return "warn";
    case log::Level::kError: return "error";
  }
  return "info";
}

}  // namespace

Result<ApiConfig> read_api_config(const fs::path& file) {
  toml::table root;
  try {
    root = toml::parse_file(file.string());
  } catch (const toml::parse_error& e) {
    return fail(Errc::kConfig,
                fmt::format("{}:{}: {}", file.string(), e.source().begin.line, e.description()));
  }
  ApiConfig c;
  Table t(file, root);
  t.text("address", c.address, false);
  t.number("port", c.port, 0, 65535);
  t.path("tls_cert", c.tls_cert, false);
  t.path("tls_key", c.tls_key, false);
  if (c.tls_cert.empty() != c.tls_key.empty())
    t.fault_at("tls_cert", "tls_cert and tls_key go together");
  t.path("chain_db", c.chain_db, true);
  t.path("anchor", c.anchor, true);
  t.path("page_dir", c.page_dir, false, true);
  read_origin(t, c);
  t.number("threads", c.threads, 1, 64);
  t.number("refresh_ms", c.refresh_ms, 10, 60000);
  read_log(t, c);
  if (const auto& faults = t.finish(); !faults.empty()) return fail(Errc::kConfig, faults);
  return c;
}

std::string print_config(const ApiConfig& c) {
  const toml::table api{{"address", c.address},
                        {"port", c.port},
                        {"tls_cert", c.tls_cert.string()},
                        {"tls_key", c.tls_key.string()},
                        {"chain_db", c.chain_db.string()},
                        {"anchor", c.anchor.string()},
                        {"page_dir", c.page_dir.string()},
                        {"origin", c.origin},
                        {"threads", c.threads},
                        {"refresh_ms", c.refresh_ms},
                        {"log", std::string(word(c.log))}};
  toml::table root;
  root.insert("api", api);
  for (auto* t = root["api"].as_table(); const char* key : {"tls_cert", "tls_key", "page_dir"}) {
    if ((*t)[key].value_or(std::string_view{}).empty()) t->erase(key);  // as if it was not given
  }
  std::ostringstream out;
  out << root << "\n";
  return out.str();
}

}  // namespace lotmark::api
