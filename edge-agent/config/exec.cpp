#include "edge-agent/config/sources.h"
#include "edge-agent/config/toml_text.h"

namespace lotmark::agent {

ExecOptions read_exec(const SourceSection& s) {
  ExecOptions e;
  e.name = s.name;
  s.keys.texts("command", e.command);
  if (s.keys.has("command") && e.command.empty()) s.keys.fault("command", "must not be empty");
  std::string restart = "always";
  s.keys.text("restart", restart, Need::kOptional, one_of({"always", "never"}));
  e.restart = restart == "never" ? Restart::kNever : Restart::kAlways;
  read_senml_keys(s, e.senml);
  return e;
}

std::string print_options(const ExecOptions& e) {
  return toml_line("command", toml_array(e.command, toml_text)) +
         toml_line("restart", e.restart == Restart::kNever ? "\"never\"" : "\"always\"") +
         print_senml(e.senml);
}

}  // namespace lotmark::agent
