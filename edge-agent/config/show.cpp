// config show --effective: each value in force, and where it came from.
#include <map>

#include "edge-agent/config/files.h"

namespace lotmark::agent {

namespace {

constexpr std::size_t kRemarkColumn = 48;
using Remarks = std::map<toml::source_index, std::string>;  // by line of what is shown

std::string origin_of(const toml::node* given) {
  if (given == nullptr) return "default";
  const auto& at = given->source();
  return (at.path ? *at.path : std::string()) + ":" + std::to_string(at.begin.line);
}

// The given table that became the shown one: by its name, or its channel, else by its place.
const toml::table* counterpart(const toml::array& given, const toml::table& shown,
                               std::size_t place) {
  for (const char* key : {"name", "channel"}) {
    const auto wanted = shown[key].value<std::string>();
    if (!wanted) continue;
    for (const auto& element : given) {
      const auto* t = element.as_table();
      if (t != nullptr && (*t)[key].value<std::string>() == wanted) return t;
    }
  }
  return place < given.size() ? given[place].as_table() : nullptr;
}

void remark(const toml::table& shown, const toml::table* given, Remarks& out) {
  for (const auto& [key, node] : shown) {
    const toml::node* from = given != nullptr ? given->get(key.str()) : nullptr;
    const auto* list = node.as_array();
    if (const auto* table = node.as_table(); table != nullptr && !table->is_inline()) {
      remark(*table, from != nullptr ? from->as_table() : nullptr, out);
    } else if (list != nullptr && !list->empty() && list->get(0)->is_table() &&
               !list->get(0)->as_table()->is_inline()) {
      for (std::size_t i = 0; i < list->size(); ++i) {
        const auto& element = *list->get(i)->as_table();
        const auto* all = from != nullptr ? from->as_array() : nullptr;
        remark(element, all != nullptr ? counterpart(*all, element, i) : nullptr, out);
      }
    } else {
      out[node.source().begin.line] = origin_of(from);
    }
  }
}

std::string with_remarks(const std::string& text, const Remarks& remarks) {
  std::string out;
  toml::source_index line = 1;
  for (std::size_t at = 0; at < text.size(); ++line) {
    const std::size_t end = text.find('\n', at);
    std::string row = text.substr(at, end - at);
    at = end == std::string::npos ? text.size() : end + 1;
    if (const auto r = remarks.find(line); r != remarks.end()) {
      if (row.size() < kRemarkColumn) row.resize(kRemarkColumn, ' ');
      row += "  # " + r->second;
    }
    out += row + "\n";
  }
  return out;
}

}  // namespace

Result<std::string> show_config(const std::filesystem::path& file) {
  Faults faults(file.string());
  const ConfigFiles files = read_files(file, faults);
  const Config config = config_of(files, faults);
  if (!faults.lines().empty()) return faults_error(faults);
  const std::string text = print_config(config);
  Remarks remarks;
  try {
    remark(toml::parse(text), &files.table, remarks);
  } catch (const toml::parse_error& e) {
    return fail(Errc::kInternal, "what was printed does not load: " + std::string(e.description()));
  }
  return with_remarks(text, remarks);
}

}  // namespace lotmark::agent
