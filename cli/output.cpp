#include "cli/output.h"

#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <iostream>
#include <nlohmann/json.hpp>

#include "cli/shown.h"

namespace lotmark::cli {

namespace {

const char* escape(Paint paint) {
  switch (paint) {
    case Paint::kGood: return "\x1b[32m";
    case Paint::kBad: return "\x1b[31m";
    case Paint::kWarn: return "\x1b[33m";
    case Paint::kDim: return "\x1b[2m";
    case Paint::kStrong: return "\x1b[1m";
    case Paint::kPlain: break;
  }
  return "";
}

const nlohmann::json* step_into(const nlohmann::json& at, std::string_view key) {
  if (at.is_object()) {
    auto it = at.find(key);
    return it == at.end() ? nullptr : &*it;
  }
  std::size_t index = 0;
  const auto [end, e] = std::from_chars(key.data(), key.data() + key.size(), index);
  if (!at.is_array() || e != std::errc{} || end != key.data() + key.size()) return nullptr;
  return index < at.size() ? &at[index] : nullptr;
}

const nlohmann::json* find_field(const nlohmann::json& whole, std::string_view path) {
  const nlohmann::json* at = &whole;
  while (at != nullptr && !path.empty()) {
    const auto dot = path.find('.');
    at = step_into(*at, path.substr(0, dot));
    path = dot == std::string_view::npos ? std::string_view{} : path.substr(dot + 1);
  }
  return at;
}

}  // namespace

std::size_t width(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

Screen standard_screen() {
  const char* no = std::getenv("NO_COLOR");
  const bool terminal = ::isatty(STDOUT_FILENO) == 1;
  const bool person = terminal && ::isatty(STDIN_FILENO) == 1 && ::isatty(STDERR_FILENO) == 1;
  return {terminal, terminal && (no == nullptr || *no == '\0'), person};
}

std::string Output::painted(std::string_view text, Paint paint) const {
  if (!screen_.colour || paint == Paint::kPlain) return shown(text);
  return escape(paint) + shown(text) + "\x1b[0m";
}

void Output::line(std::string_view text, Paint paint) { out_ << painted(text, paint) << '\n'; }

void Output::block(std::string_view text) { out_ << text << '\n'; }

void Output::table(const Table& given) {
  Table table = given;  // cells as they will be seen, so that columns fit
  for (auto& row : table.rows) {
    for (auto& cell : row.cells) cell = shown(cell);
  }
  std::vector<std::size_t> widths;
  auto measure = [&](const std::vector<std::string>& cells) {
    widths.resize(std::max(widths.size(), cells.size()));
    for (std::size_t i = 0; i < cells.size(); ++i) widths[i] = std::max(widths[i], width(cells[i]));
  };
  measure(table.head);
  for (const auto& row : table.rows) measure(row.cells);
  auto print = [&](const std::vector<std::string>& cells, Paint paint) {
    std::string text;
    for (std::size_t i = 0; i < cells.size(); ++i) {
      text += cells[i];
      if (i + 1 < cells.size()) text += std::string(widths[i] + 2 - width(cells[i]), ' ');
    }
    line(text, paint);
  };
  if (!table.head.empty()) print(table.head, Paint::kDim);
  for (const auto& row : table.rows) print(row.cells, row.paint);
}

Exit Output::value(const nlohmann::json& value) {
  const nlohmann::json* found = find_field(value, field);
  if (found == nullptr) {
    complain("the answer has no field " + field);
    return Exit::kFailed;
  }
  if (!field.empty() && found->is_string()) {
    const auto text = found->get<std::string>();
    out_ << (screen_.terminal ? shown(text, Newlines::kKept) : text) << '\n';
  } else {
    out_ << shown_json(found->dump(field.empty() ? 2 : -1, ' ', false,
                                   nlohmann::json::error_handler_t::replace))
         << '\n';
  }
  return Exit::kDone;
}

void Output::complain(std::string_view text) {
  err_ << "lotmark: " << shown(text, Newlines::kKept) << '\n';
}

bool Output::declined(std::string_view question) {
  if (!screen_.person) return false;
  err_ << shown(question) << " [y/N] " << std::flush;
  std::string answer;
  std::getline(std::cin, answer);
  return answer != "y" && answer != "yes";
}

Exit Output::error(const Error& error) {
  complain(error.message());
  return exit_of(error.code);
}

}  // namespace lotmark::cli
