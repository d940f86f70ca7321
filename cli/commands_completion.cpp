// `lotmark completion bash`.
#include "cli/commands.h"
#include "core/shell/completion.h"

namespace lotmark::cli {

void add_completion(CLI::App& app, Session& session) {
  auto* completion = app.add_subcommand("completion", "a script that completes words in a shell");
  completion->require_subcommand(1);
  completion->footer(examples({"source <(lotmark completion bash)"}));
  auto* bash = completion->add_subcommand("bash", "for bash");
  bash->footer(examples({"source <(lotmark completion bash)"}));
  bash->callback([&app, &session] {
    session.out.block(shell::bash_completion(app, "lotmark", "lotmark completion bash"));
  });
}

}  // namespace lotmark::cli
