#include "api/config_table.h"

namespace lotmark::api {

namespace fs = std::filesystem;

void ConfigFaults::add(const toml::node* at, std::string_view key, std::string_view what) {
  const auto line = at != nullptr ? at->source().begin.line : 1u;
  text_ +=
      fmt::format("{}{}:{}: {}: {}", text_.empty() ? "" : "\n", file_.string(), line, key, what);
}

void ConfigTable::text(const char* key, std::string& out, bool needed) {
  const auto* n = find(key, needed);
  if (n == nullptr) return;
  if (auto v = n->value_exact<std::string>(); v && !v->empty()) out = *v;
  else fault(n, key, "must be a text");
}

void ConfigTable::flag(const char* key, bool& out) {
  const auto* n = find(key, false);
  if (n == nullptr) return;
  if (const auto v = n->value_exact<bool>()) out = *v;
  else fault(n, key, "must be true or false");
}

void ConfigTable::path(const char* key, fs::path& out, bool needed, bool folder) {
  std::string s;
  text(key, s, needed);
  if (s.empty()) return;
  out = fs::path(s).is_absolute() ? fs::path(s) : faults_.file().parent_path() / s;
  std::error_code ec;
  const bool there = folder ? fs::is_directory(out, ec) : fs::is_regular_file(out, ec);
  if (!there) {
    fault(t_->get(key), key,
          fmt::format("no such {}: {}", folder ? "folder" : "file", out.string()));
  }
}

void ConfigTable::texts(const char* key, std::vector<std::string>& out, bool needed) {
  const auto* n = find(key, needed);
  if (n == nullptr) return;
  const auto* list = n->as_array();
  if (list == nullptr) return fault(n, key, "must be a list of texts");
  for (const auto& each : *list) {
    auto v = each.value_exact<std::string>();
    if (!v || v->empty()) return fault(&each, key, "must be a list of texts");
    out.push_back(*std::move(v));
  }
}

std::vector<ConfigTable> ConfigTable::tables(const char* key) {
  std::vector<ConfigTable> out;
  const auto* n = find(key, false);
  if (n == nullptr) return out;
  const auto* list = n->as_array();
  const std::string name = name_ + "." + key;
  if (list == nullptr || list->empty()) {
    fault(n, key, "must be tables: [[" + name + "]]");
    return out;
  }
  for (const auto& each : *list) {
    if (const auto* table = each.as_table()) out.emplace_back(faults_, name, table);
    else fault(&each, key, "must be tables: [[" + name + "]]");
  }
  return out;
}

void ConfigTable::finish() {
  if (t_ == nullptr) return;
  for (const auto& [k, v] : *t_) {
    if (!seen_.contains(std::string(k.str()))) fault(&v, std::string(k.str()), "unknown key");
  }
}

const toml::node* ConfigTable::find(const char* key, bool needed) {
  seen_.insert(key);
  const toml::node* n = t_ != nullptr ? t_->get(key) : nullptr;
  if (n == nullptr && needed && t_ != nullptr) fault(t_, key, "is missing");
  return n;
}

void ConfigTable::fault(const toml::node* at, std::string_view key, std::string_view what) {
  faults_.add(at, at == nullptr ? std::string(key) : name_ + "." + std::string(key), what);
}

}  // namespace lotmark::api
