// Reads the keys of one TOML table and notes every fault with its file and line. Included by the .cpp files of this
// folder only: toml++ is a heavy header.
#pragma once

#include <toml++/toml.h>

#include <functional>
#include <set>
#include <string>
#include <vector>

namespace lotmark::agent {

class Faults {
 public:
  explicit Faults(std::string file) : file_(std::move(file)) {}
  void add(const toml::source_region& where, const std::string& key, const std::string& what) {
    add(where.path ? *where.path : file_, where.begin ? where.begin.line : 1, key, what);
  }
  void add(const std::string& file, std::size_t line, const std::string& key,
           const std::string& what) {
    lines_.push_back(file + ":" + std::to_string(line) + ": " + key + ": " + what);
  }
  // Of a key of a table that was read before.
  void add(const toml::table& table, const std::string& name, std::string_view key,
           const std::string& what) {
    const toml::node* node = table.get(key);
    add((node != nullptr ? *node : static_cast<const toml::node&>(table)).source(),
        name + "." + std::string(key), what);
  }
  const std::vector<std::string>& lines() const { return lines_; }
  // A file is missing from what is read: that a key is, too, may be no fault of its own.
  void set_incomplete() { incomplete_ = true; }
  bool incomplete() const { return incomplete_; }

 private:
  std::string file_;
  std::vector<std::string> lines_;
  bool incomplete_ = false;
};

enum class Need { kRequired, kOptional };

class Section {
 public:
  Section(Faults& faults, const toml::table& table, std::string name)
      : faults_(faults), table_(table), name_(std::move(name)) {}
  // A key that nobody asked for is a fault.
  ~Section() {
    for (const auto& [key, node] : table_) {
      if (!known_.contains(std::string(key.str()))) fault(key.str(), "unknown key", &node);
    }
  }
  Section(const Section&) = delete;
  Section& operator=(const Section&) = delete;

  bool has(std::string_view key) const { return table_.contains(key); }
  // At the key, or at the table where it is not there; or at `at`.
  void fault(std::string_view key, const std::string& what, const toml::node* at = nullptr) {
    if (at == nullptr) at = table_.get(key);
    faults_.add((at != nullptr ? *at : static_cast<const toml::node&>(table_)).source(),
                (name_.empty() ? "" : name_ + ".") + std::string(key), what);
  }
  const toml::node* take(std::string_view key, Need need) {
    known_.insert(std::string(key));
    const toml::node* node = table_.get(key);
    if (node == nullptr && need == Need::kRequired && !faults_.incomplete()) fault(key, "missing");
    return node;
  }
  // `check` says what is wrong with the text; empty if nothing.
  using Check = std::function<std::string(const std::string&)>;
  void text(std::string_view key, std::string& out, Need need = Need::kRequired,
            const Check& check = {}) {
    const auto* node = take(key, need);
    if (node == nullptr) return;
    const auto v = node->value_exact<std::string>();
    const std::string wrong = !v ? "must be a text" : check ? check(*v) : std::string();
    if (!wrong.empty()) return fault(key, wrong, node);
    out = *v;
  }
  template <class Int>
  void integer(std::string_view key, Int& out, std::int64_t min, std::int64_t max,
               Need need = Need::kOptional) {
    const auto* node = take(key, need);
    if (node == nullptr) return;
    const auto v = node->value_exact<std::int64_t>();
    if (!v || *v < min || *v > max) {
      return fault(key,
                   "must be an integer from " + std::to_string(min) + " to " + std::to_string(max),
                   node);
    }
    out = static_cast<Int>(*v);
  }
  void flag(std::string_view key, bool& out) {
    const auto* node = take(key, Need::kOptional);
    if (node == nullptr) return;
    const auto v = node->value_exact<bool>();
    if (!v) return fault(key, "must be true or false", node);
    out = *v;
  }
  void texts(std::string_view key, std::vector<std::string>& out, Need need = Need::kRequired,
             const Check& check = {}) {
    const auto* node = take(key, need);
    if (node == nullptr) return;
    out.clear();
    const auto* array = node->as_array();
    if (array == nullptr) return fault(key, "must be an array of texts", node);
    for (const auto& element : *array) {
      const auto v = element.value_exact<std::string>();
      const std::string wrong = !v      ? "must be an array of texts"
                                : check ? check(*v)
                                        : std::string();
      if (!wrong.empty()) {
        fault(key, wrong, &element);
      } else {
        out.push_back(*v);
      }
    }
  }
  // A table under the key; null, and a fault if it is there, when it is none.
  const toml::table* table(std::string_view key, Need need) {
    const auto* node = take(key, need);
    if (node == nullptr) return nullptr;
    if (node->as_table() == nullptr) fault(key, "must be a table", node);
    return node->as_table();
  }
  // Calls fn(table, place) for each table of the array under the key.
  void tables(std::string_view key, Need need,
              const std::function<void(const toml::table&, std::size_t)>& fn) {
    const auto* node = take(key, need);
    if (node == nullptr) return;
    const auto* array = node->as_array();
    if (array == nullptr) return fault(key, "must be an array of tables", node);
    std::size_t place = 0;
    for (const auto& element : *array) {
      if (const auto* t = element.as_table()) {
        fn(*t, place++);
      } else {
        fault(key, "must be an array of tables", &element);
      }
    }
  }

 private:
  Faults& faults_;
  const toml::table& table_;
  std::string name_;
  std::set<std::string> known_;
};

}  // namespace lotmark::agent
