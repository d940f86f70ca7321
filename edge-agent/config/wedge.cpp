#include <algorithm>

#include "core/wire/limits.h"
#include "edge-agent/config/polled.h"
#include "edge-agent/config/toml_text.h"

namespace lotmark::agent {

namespace {

void read_ends(Section& s, ScanOptions& out) {
  std::vector<std::string> ends{"enter", "tab"};
  s.texts("end", ends, Need::kOptional, one_of({"enter", "tab"}));
  if (ends.empty()) s.fault("end", "must not be empty");
  out.enter = std::ranges::count(ends, "enter") > 0;
  out.tab = std::ranges::count(ends, "tab") > 0;
}

}  // namespace

WedgeOptions read_wedge(const SourceSection& section) {
  constexpr auto kMost = static_cast<std::int64_t>(limits::kText);
  Section& s = section.keys;
  WedgeOptions o;
  o.name = o.channel = section.name;
  s.text("path", o.path, Need::kRequired, check_not_empty);
  s.text("channel", o.channel, Need::kOptional, check_channel);
  s.flag("grab", o.grab);
  read_ends(s, o.scan);
  s.integer("min_length", o.scan.min_length, 1, kMost);
  s.integer("max_length", o.scan.max_length, 1, kMost);
  if (o.scan.min_length > o.scan.max_length) s.fault("min_length", "is above max_length");
  read_span<Millis>(s, "timeout_ms", o.scan.timeout, 20, 60000);
  return o;
}

std::string print_options(const WedgeOptions& o) {
  std::vector<std::string> ends;
  if (o.scan.enter) ends.emplace_back("enter");
  if (o.scan.tab) ends.emplace_back("tab");
  return toml_line("path", toml_text(o.path)) + toml_line("channel", toml_text(o.channel)) +
         toml_line("grab", toml_flag(o.grab)) + toml_line("end", toml_array(ends, toml_text)) +
         toml_line("min_length", std::to_string(o.scan.min_length)) +
         toml_line("max_length", std::to_string(o.scan.max_length)) +
         toml_line("timeout_ms", std::to_string(o.scan.timeout.count()));
}

}  // namespace lotmark::agent
