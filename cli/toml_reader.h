// Reads a TOML table key by key and notes every fault with its line: wrong types, missing keys,
// unknown keys. Included by the few .cpp files that read a TOML file.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#define TOML_HEADER_ONLY 0
#include <toml++/toml.h>

#include "cli/faults.h"

namespace lotmark::cli {

class TableReader {
 public:
  // `where` stands before each key in a fault: "members[2].".
  TableReader(const toml::table& table, std::string where, Faults& faults)
      : table_(&table), where_(std::move(where)), faults_(&faults) {}

  // Each notes a fault and gives the fallback if the key is there with another type.
  std::string text(std::string_view key, std::string fallback = {});
  std::string need_text(std::string_view key);
  std::uint64_t number(std::string_view key, std::uint64_t fallback);
  std::uint64_t need_number(std::string_view key);
  std::int64_t integer(std::string_view key, std::int64_t fallback);
  bool flag(std::string_view key, bool fallback);
  std::vector<std::string> texts(std::string_view key);
  std::vector<std::uint64_t> numbers(std::string_view key);
  // A decimal number without doubles: an integer or a text such as "2.31", in units of 10^exp.
  std::int64_t decimal(std::string_view key, std::int64_t exp);

  // Tables of an array of tables, none if the key is not there; a table, empty if it is not.
  std::vector<TableReader> tables(std::string_view key);
  TableReader table(std::string_view key);

  bool has(std::string_view key) const { return table_->contains(key); }
  unsigned line() const { return table_->source().begin.line; }
  unsigned line(std::string_view key) const;
  void fault(std::string_view key, std::string text);
  // Every key nobody asked for is a fault. Call last.
  void refuse_others();

 private:
  const toml::node* find(std::string_view key);
  const toml::node* need(std::string_view key);
  const toml::table* table_;
  std::string where_;
  Faults* faults_;
  std::set<std::string, std::less<>> asked_;
};

}  // namespace lotmark::cli
