#include "edge-agent/config/sources.h"

#include <algorithm>
#include <array>

#include "edge-agent/config/config.h"
#include "edge-agent/config/toml_text.h"

namespace lotmark::agent {

namespace {

struct Kind {
  const char* type;
  SourceOptions (*read)(const SourceSection&);
};

template <auto kRead>
SourceOptions as_options(const SourceSection& s) {
  return kRead(s);
}

// In the order of the variant's types.
constexpr std::array kKinds = {
    Kind{"replay", as_options<read_replay>},         Kind{"exec", as_options<read_exec>},
    Kind{"frames", as_options<read_frames>},         Kind{"llrp", as_options<read_llrp>},
    Kind{"sysfs", as_options<read_sysfs>},           Kind{"modbus", as_options<read_modbus>},
    Kind{"serial", as_options<read_serial>},         Kind{"wedge", as_options<read_wedge>},
    Kind{"fridge-log", as_options<read_fridge_log>}, Kind{"mqtt", as_options<read_mqtt>},
};
static_assert(kKinds.size() == std::variant_size_v<SourceOptions>);

// In the order of WhenFull's numbers.
constexpr std::array kWhenFull = {"block", "drop-oldest", "thin"};

WhenFull when_full_of(const std::string& text) {
  return static_cast<WhenFull>(std::ranges::find(kWhenFull, text) - kWhenFull.begin());
}

}  // namespace

SourceConfig read_source(Faults& faults, const toml::table& table, std::size_t place,
                         const std::string& agent) {
  const std::string where = "source[" + std::to_string(place) + "]";
  Section s(faults, table, where);
  SourceConfig out;
  std::string type;
  std::vector<std::string> types;
  for (const auto& kind : kKinds) types.emplace_back(kind.type);
  s.text("name", out.name, Need::kRequired, check_name);
  s.text("type", type, Need::kRequired, one_of(std::move(types)));
  std::string when_full = kWhenFull[0];
  s.text("when_full", when_full, Need::kOptional, one_of({kWhenFull.begin(), kWhenFull.end()}));
  out.when_full = when_full_of(when_full);
  const auto kind = std::ranges::find(kKinds, type, [](const Kind& k) { return k.type; });
  if (kind != kKinds.end()) {
    out.options = kind->read({faults, s, where, out.name, agent});
  } else {  // which keys are known depends on it: say no more than that
    for (const auto& [key, node] : table) s.take(key.str(), Need::kOptional);
  }
  return out;
}

std::string print_source(const SourceConfig& source) {
  return "\n[[source]]\n" + toml_line("name", toml_text(source.name)) +
         toml_line("type", toml_text(kKinds[source.options.index()].type)) +
         toml_line("when_full", toml_text(kWhenFull[static_cast<std::size_t>(source.when_full)])) +
         std::visit([](const auto& o) { return print_options(o); }, source.options);
}

}  // namespace lotmark::agent
