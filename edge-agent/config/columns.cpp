#include <fmt/format.h>

#include "core/wire/limits.h"
#include "edge-agent/config/sources.h"
#include "edge-agent/config/toml_text.h"

namespace lotmark::agent {

std::vector<Column> read_columns(const SourceSection& parent, Need need) {
  std::vector<Column> out;
  parent.keys.tables("columns", need, [&](const toml::table& table, std::size_t place) {
    Section s(parent.faults, table, parent.where + ".columns[" + std::to_string(place) + "]");
    Column c;
    s.text("column", c.column, Need::kRequired, check_not_empty);
    c.channel = c.column;
    s.text("channel", c.channel, Need::kOptional, check_channel);
    if (c.channel.size() > 32) s.fault("channel", "needed: the column's name is above 32 bytes");
    s.text("unit", c.unit, Need::kOptional);
    s.integer("exp", c.exp, -18, 18, Need::kRequired);
    for (const auto& other : out) {
      if (other.channel == c.channel) s.fault("channel", c.channel + " is named twice");
    }
    out.push_back(std::move(c));
  });
  if (out.size() > limits::kChannels) parent.keys.fault("columns", "at most 32");
  return out;
}

std::string print_columns(const std::vector<Column>& list) {
  if (list.empty()) return {};
  return toml_line("columns", toml_array(list, [](const Column& c) {
                     return fmt::format("{{column = {}, channel = {}, unit = {}, exp = {}}}",
                                        toml_text(c.column), toml_text(c.channel),
                                        toml_text(c.unit), c.exp);
                   }));
}

void read_senml_keys(const SourceSection& s, SenmlOptions& out) {
  out.columns = read_columns(s, Need::kOptional);
  s.keys.integer("exp", out.exp, -18, 18);
  s.keys.flag("round", out.round);
}

std::string print_senml(const SenmlOptions& s) {
  return print_columns(s.columns) + toml_line("exp", std::to_string(s.exp)) +
         toml_line("round", toml_flag(s.round));
}

}  // namespace lotmark::agent
