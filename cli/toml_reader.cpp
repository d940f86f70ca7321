#include "cli/toml_reader.h"

#include "core/wire/values.h"

namespace lotmark::cli {

const toml::node* TableReader::find(std::string_view key) {
  asked_.emplace(key);
  return table_->get(key);
}

const toml::node* TableReader::need(std::string_view key) {
  const toml::node* node = find(key);
  if (node == nullptr) fault(key, "must be given");
  return node;
}

unsigned TableReader::line(std::string_view key) const {
  const toml::node* node = table_->get(key);
  return node == nullptr ? line() : node->source().begin.line;
}

void TableReader::fault(std::string_view key, std::string text) {
  faults_->add(line(key), where_ + std::string(key), std::move(text));
}

std::string TableReader::text(std::string_view key, std::string fallback) {
  const toml::node* node = find(key);
  if (node == nullptr) return fallback;
  if (const auto* s = node->as_string()) return s->get();
  fault(key, "must be a text");
  return fallback;
}

std::string TableReader::need_text(std::string_view key) {
  if (need(key) == nullptr) return {};
  std::string value = text(key);
  if (value.empty() && table_->get(key)->is_string()) fault(key, "must not be empty");
  return value;
}

std::int64_t TableReader::integer(std::string_view key, std::int64_t fallback) {
  const toml::node* node = find(key);
  if (node == nullptr) return fallback;
  if (const auto* i = node->as_integer()) return i->get();
  fault(key, "must be an integer");
  return fallback;
}

std::uint64_t TableReader::number(std::string_view key, std::uint64_t fallback) {
  const std::int64_t value = integer(key, static_cast<std::int64_t>(fallback));
  if (value >= 0) return static_cast<std::uint64_t>(value);
  fault(key, "must not be negative");
  return fallback;
}

std::uint64_t TableReader::need_number(std::string_view key) {
  return need(key) == nullptr ? 0 : number(key, 0);
}

bool TableReader::flag(std::string_view key, bool fallback) {
  const toml::node* node = find(key);
  if (node == nullptr) return fallback;
  if (const auto* b = node->as_boolean()) return b->get();
  fault(key, "must be true or false");
  return fallback;
}

std::vector<std::string> TableReader::texts(std::string_view key) {
  std::vector<std::string> out;
  const toml::node* node = find(key);
  if (node == nullptr) return out;
  const auto* list = node->as_array();
  if (list == nullptr) {
    fault(key, "must be a list of texts");
    return out;
  }
  for (const auto& element : *list) {
    if (const auto* s = element.as_string()) {
      out.push_back(s->get());
    } else {
      fault(key, "must hold texts only");
      break;
    }
  }
  return out;
}

std::vector<std::uint64_t> TableReader::numbers(std::string_view key) {
  std::vector<std::uint64_t> out;
  const toml::node* node = find(key);
  if (node == nullptr) return out;
  const auto* list = node->as_array();
  bool good = list != nullptr;
  for (std::size_t i = 0; good && i < list->size(); ++i) {
    const auto* value = (*list)[i].as_integer();
    good = value != nullptr && value->get() >= 0;
    if (good) out.push_back(static_cast<std::uint64_t>(value->get()));
  }
  if (!good) fault(key, "must be a list of integers, none negative");
  return out;
}

std::int64_t TableReader::decimal(std::string_view key, std::int64_t exp) {
  const toml::node* node = need(key);
  if (node == nullptr) return 0;
  std::string digits;
  if (const auto* i = node->as_integer()) {
    digits = std::to_string(i->get());
  } else if (const auto* s = node->as_string()) {
    digits = s->get();
  } else {
    fault(key, "must be an integer or a decimal number as text, such as \"2.5\"");
    return 0;
  }
  std::int64_t out = 0;
  if (!from_decimal(digits, exp, out)) {
    fault(key, "is no decimal number that fits exp = " + std::to_string(exp));
  }
  return out;
}

std::vector<TableReader> TableReader::tables(std::string_view key) {
  std::vector<TableReader> out;
  const toml::node* node = find(key);
  if (node == nullptr) return out;
  const auto* list = node->as_array();
  if (list == nullptr) {
    fault(key, "must be tables: [[" + where_ + std::string(key) + "]]");
    return out;
  }
  for (std::size_t i = 0; i < list->size(); ++i) {
    const auto* element = (*list)[i].as_table();
    if (element == nullptr) {
      fault(key, "must hold tables only");
      break;
    }
    out.emplace_back(*element, where_ + std::string(key) + "[" + std::to_string(i) + "].",
                     *faults_);
  }
  return out;
}

TableReader TableReader::table(std::string_view key) {
  static const toml::table kNone;
  const toml::node* node = find(key);
  const toml::table* inner = node == nullptr ? nullptr : node->as_table();
  if (node != nullptr && inner == nullptr) fault(key, "must be a table");
  return {inner == nullptr ? kNone : *inner, where_ + std::string(key) + ".", *faults_};
}

void TableReader::refuse_others() {
  for (const auto& [key, node] : *table_) {
    if (asked_.contains(key.str())) continue;
    faults_->add(key.source().begin.line, where_ + std::string(key.str()), "is no key known here");
  }
}

}  // namespace lotmark::cli
