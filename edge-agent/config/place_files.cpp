#include "edge-agent/config/place_files.h"

#include <toml++/toml.h>

#include <sstream>

namespace lotmark::agent {

Result<std::string> place_files(std::string_view config, const std::filesystem::path& dir) {
  toml::table table;
  try {
    table = toml::parse(config, std::string("the answer's configuration"));
  } catch (const toml::parse_error& e) {
    return fail(Errc::kConfig, "the answer's configuration: " + std::string(e.description()));
  }
  if (auto* agent = table["agent"].as_table())  // beside its keys, as where there is no --dir
    agent->insert_or_assign("state_dir", dir.string());
  for (const char* part : {"broker", "consortium"}) {
    auto* t = table[part].as_table();
    if (t == nullptr) continue;
    for (const char* key : {"ca", "cert", "key"}) {
      const auto file = (*t)[key].value<std::string>();
      if (!file) continue;
      // A name alone: an answer places no file elsewhere.
      if (file->find('/') != std::string::npos)
        return fail(Errc::kConfig,
                    std::string(part) + "." + key + ": must be a name without folders");
      t->insert_or_assign(key, (dir / *file).string());
    }
  }
  std::stringstream out;
  out << table << "\n";
  return out.str();
}

}  // namespace lotmark::agent
