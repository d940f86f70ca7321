// A machine of QEMU's under the distribution's kernel, with real drivers, that runs the agent; devices are put into it
// and taken out, and keys typed, while it runs.
#pragma once

#include <string>
#include <vector>

#include "tests/integration/edge_agent/agent_program.h"

namespace lotmark::agent::test {

class Guest {
 public:
  explicit Guest(const std::filesystem::path& dir) : dir_(dir) {}
  ~Guest();

  // What is not there for it, to be told; empty: nothing.
  static std::string missing();
  // Starts it with a USB keyboard plugged in. `config` and `files` are there under the paths they have here.
  bool start(const std::string& config, const std::vector<std::string>& files);
  bool plug_in();
  bool unplug();
  // Types on the keyboard that is plugged in, or on the machine's own: ASCII, GS as Ctrl+].
  bool type(std::string_view text);
  // How often the console said a line.
  int said(const std::string& line) const;
  std::string console() const;

 private:
  bool ask(const std::string& command);
  bool press(const std::vector<std::string>& keys);

  std::filesystem::path dir_;
  Child qemu_;
  int qmp_ = -1;
};

}  // namespace lotmark::agent::test
