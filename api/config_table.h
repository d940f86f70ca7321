// One table of the API's configuration: takes known keys out, collects every fault with its line, finds the unknown at
// the end. Included by config.cpp alone.
#pragma once

#include <fmt/format.h>
#include <toml++/toml.h>

#include <filesystem>
#include <set>
#include <string>

namespace lotmark::api {

// All faults of a file, one a line: file:line: key: what is wrong.
class ConfigFaults {
 public:
  explicit ConfigFaults(std::filesystem::path file) : file_(std::move(file)) {}
  void add(const toml::node* at, std::string_view key, std::string_view what);
  const std::filesystem::path& file() const { return file_; }
  const std::string& text() const { return text_; }

 private:
  std::filesystem::path file_;
  std::string text_;
};

class ConfigTable {
 public:
  // `table` null: it is not there, and nothing is read.
  ConfigTable(ConfigFaults& faults, std::string name, const toml::table* table)
      : faults_(faults), name_(std::move(name)), t_(table) {}

  bool is_there() const { return t_ != nullptr; }
  void text(const char* key, std::string& out, bool needed);
  void flag(const char* key, bool& out);
  // An existing file, or folder if `folder`.
  void path(const char* key, std::filesystem::path& out, bool needed, bool folder = false);
  // A list of texts.
  void texts(const char* key, std::vector<std::string>& out, bool needed);
  // The tables of [[name.key]], in order.
  std::vector<ConfigTable> tables(const char* key);
  template <class N>
  void number(const char* key, N& out, std::int64_t min, std::int64_t max) {
    const auto* n = find(key, false);
    if (n == nullptr) return;
    const auto v = n->value_exact<std::int64_t>();
    if (v && *v >= min && *v <= max) out = static_cast<N>(*v);
    else fault(n, key, fmt::format("must be a number from {} to {}", min, max));
  }
  // At the table itself where the key is not there.
  void fault_at(const char* key, std::string_view what) {
    const auto* n = t_ != nullptr ? t_->get(key) : nullptr;
    fault(n != nullptr ? n : t_, key, what);
  }
  const std::filesystem::path& file() const { return faults_.file(); }
  // Keys that nothing asked for are faults.
  void finish();

 private:
  const toml::node* find(const char* key, bool needed);
  void fault(const toml::node* at, std::string_view key, std::string_view what);

  ConfigFaults& faults_;
  std::string name_;
  const toml::table* t_;
  std::set<std::string> seen_;
};

}  // namespace lotmark::api
