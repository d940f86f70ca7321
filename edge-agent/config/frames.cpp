#include "edge-agent/config/sources.h"
#include "edge-agent/config/toml_text.h"

namespace lotmark::agent {

FramesOptions read_frames(const SourceSection& s) {
  FramesOptions f;
  f.name = s.name;
  std::string path;
  s.keys.texts("command", f.command, Need::kOptional);
  s.keys.text("path", path, Need::kOptional);
  s.keys.text("device", f.device, Need::kRequired, check_name);
  f.path = path;
  if (f.command.empty() == path.empty()) s.keys.fault("command", "give either command or path");
  return f;
}

std::string print_options(const FramesOptions& f) {
  return toml_line("device", toml_text(f.device)) +
         (f.command.empty() ? toml_line("path", toml_text(f.path.string()))
                            : toml_line("command", toml_array(f.command, toml_text)));
}

}  // namespace lotmark::agent
