#include "api/config_units.h"

#include "core/base/hex.h"

namespace lotmark::api {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t kListsMax = 16;

void read_files(ConfigTable& t, const char* key, std::vector<fs::path>& out) {
  std::vector<std::string> names;
  t.texts(key, names, false);
  if (names.size() > kListsMax) t.fault_at(key, fmt::format("are {} at most", kListsMax));
  for (const auto& name : names) {
    const fs::path file =
        fs::path(name).is_absolute() ? fs::path(name) : t.file().parent_path() / name;
    std::error_code ec;
    if (!fs::is_regular_file(file, ec)) t.fault_at(key, "no such file: " + file.string());
    if (std::ranges::find(out, file) != out.end())
      t.fault_at(key, "stands twice: " + file.string());
    out.push_back(file);
  }
}

}  // namespace

UnitsConfig read_units(ConfigTable& t) {
  UnitsConfig c;
  read_files(t, "private_dbs", c.private_dbs);
  t.path("marks_db", c.marks_db, false);
  t.text("node", c.node, false);
  std::string kid;
  t.text("node_kid", kid, false);
  t.path("key", c.key, false);
  const auto id = fixed_from_hex<KeyId>(kid);
  if (id) c.node_kid = *id;
  else if (!kid.empty()) t.fault_at("node_kid", "must be a kid: 32 hex digits");
  if (c.node.empty() != kid.empty() || kid.empty() != c.key.empty())
    t.fault_at("node", "node, node_kid and key go together");
  t.finish();
  return c;
}

toml::table units_toml(const UnitsConfig& c) {
  toml::array files;
  for (const auto& file : c.private_dbs) files.push_back(file.string());
  toml::table out;
  if (!files.empty()) out.insert("private_dbs", std::move(files));
  if (!c.marks_db.empty()) out.insert("marks_db", c.marks_db.string());
  if (!c.node.empty()) {
    out.insert("node", c.node);
    out.insert("node_kid", to_hex(c.node_kid));
    out.insert("key", c.key.string());
  }
  return out;
}

SightingRules read_sightings(ConfigTable& t) {
  SightingRules r;
  t.flag("enabled", r.enabled);
  t.number("places", r.places, 2, 16);
  std::int64_t window_s = r.window.count();
  t.number("window_s", window_s, 60, 86'400);
  r.window = std::chrono::seconds(window_s);
  t.number("entries", r.entries, 1, 10'000'000);
  t.finish();
  return r;
}

toml::table sightings_toml(const SightingRules& r) {
  return toml::table{{"enabled", r.enabled},
                     {"places", static_cast<std::int64_t>(r.places)},
                     {"window_s", static_cast<std::int64_t>(r.window.count())},
                     {"entries", static_cast<std::int64_t>(r.entries)}};
}

}  // namespace lotmark::api
