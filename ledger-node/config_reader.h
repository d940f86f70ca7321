// Reads a node's TOML file key by key and notes every fault with its line. Included by the few .cpp files that read one.
#pragma once

#include <fmt/format.h>
#include <toml++/toml.h>

#include <filesystem>
#include <set>

#include "core/base/hex.h"

namespace lotmark::node {

// Reads one file and collects every fault with its place.
class Reading {
 public:
  explicit Reading(const std::filesystem::path& file) : file_(file), dir_(file.parent_path()) {}

  void fault(const toml::node* at, std::string_view key, std::string_view what) {
    const auto line = at != nullptr ? at->source().begin.line : 1u;
    faults_ += fmt::format("{}{}:{}: {}: {}", faults_.empty() ? "" : "\n", file_.string(), line,
                           key, what);
  }
  const std::string& faults() const { return faults_; }
  std::filesystem::path path(std::string_view text) const {
    const std::filesystem::path p(text);
    return p.is_absolute() || p.empty() ? p : dir_ / p;
  }

 private:
  std::filesystem::path file_;
  std::filesystem::path dir_;
  std::string faults_;
};

// One table of the file: takes known keys out, and finds the others unknown at the end.
class Section {
 public:
  Section(Reading& r, const toml::table* t, std::string name)
      : r_(r), t_(t), name_(std::move(name)) {}
  ~Section() {
    if (t_ == nullptr) return;
    for (const auto& [k, v] : *t_) {
      if (!seen_.contains(std::string(k.str()))) r_.fault(&v, full(k.str()), "unknown key");
    }
  }
  Section(const Section&) = delete;
  Section& operator=(const Section&) = delete;

  // A key that somebody else reads.
  void known(const char* key) { seen_.insert(key); }
  void text(const char* key, std::string& out, bool needed = false) {
    if (const auto* n = find(key, needed))
      take(n, key, "a text", n->value_exact<std::string>(), out);
  }
  void file(const char* key, std::filesystem::path& out, bool needed = false) {
    std::string s;
    text(key, s, needed);
    if (!s.empty()) out = r_.path(s);
  }
  void files(const char* key, std::vector<std::filesystem::path>& out) {
    const auto* n = find(key, false);
    if (n == nullptr) return;
    const auto* list = n->as_array();
    if (list == nullptr) return r_.fault(n, full(key), "must be an array of file names");
    for (const auto& e : *list) {
      if (auto s = e.value_exact<std::string>()) out.push_back(r_.path(*s));
      else r_.fault(&e, full(key), "must hold file names");
    }
  }
  void texts(const char* key, std::vector<std::string>& out) {
    const auto* n = find(key, false);
    if (n == nullptr) return;
    const auto* list = n->as_array();
    if (list == nullptr) return r_.fault(n, full(key), "must be an array of texts");
    for (const auto& e : *list) {
      if (auto s = e.value_exact<std::string>()) out.push_back(*s);
      else r_.fault(&e, full(key), "must hold texts");
    }
  }
  void flag(const char* key, bool& out) {
    if (const auto* n = find(key, false))
      take(n, key, "true or false", n->value_exact<bool>(), out);
  }
  template <class N>
  void number(const char* key, N& out, std::int64_t min, std::int64_t max, bool needed = false) {
    const auto* n = find(key, needed);
    if (n == nullptr) return;
    auto v = n->value_exact<std::int64_t>();
    if (!v || *v < min || *v > max)
      return r_.fault(n, full(key), fmt::format("must be a number from {} to {}", min, max));
    out = static_cast<N>(*v);
  }
  void kid(const char* key, KeyId& out) {
    std::string s;
    text(key, s, true);
    if (s.empty()) return;
    if (auto k = fixed_from_hex<KeyId>(s)) out = *k;
    else r_.fault(t_->get(key), full(key), "must be a kid: 32 hex digits");
  }

 private:
  std::string full(std::string_view key) const { return name_ + "." + std::string(key); }
  const toml::node* find(const char* key, bool needed) {
    seen_.insert(key);
    const toml::node* n = t_ != nullptr ? t_->get(key) : nullptr;
    if (n == nullptr && needed) r_.fault(t_, full(key), "is missing");
    return n;
  }
  template <class T>
  void take(const toml::node* n, const char* key, const char* what, const std::optional<T>& v,
            T& out) {
    if (v) out = *v;
    else r_.fault(n, full(key), fmt::format("must be {}", what));
  }
  Reading& r_;
  const toml::table* t_;
  std::string name_;
  std::set<std::string> seen_;
};

}  // namespace lotmark::node
