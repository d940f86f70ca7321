// `lotmark completion bash`, written from the parser itself: it cannot lag behind.
#include "cli/commands.h"

namespace lotmark::cli {

namespace {

void words_of(const CLI::App& command, std::string& words) {
  for (const auto* sub : command.get_subcommands([](const CLI::App*) { return true; })) {
    words += " " + sub->get_name();
  }
  for (const auto* option : command.get_options()) {
    for (const auto& name : option->get_lnames()) words += " --" + name;
  }
}

// One case a command: the path of subcommands so far, and what may follow.
void cases(const CLI::App& command, const std::string& path, const std::string& inherited,
           std::string& script) {
  std::string words;
  words_of(command, words);
  script += "    '" + path + "') words='" + words.substr(1) + inherited + "' ;;\n";
  for (const auto* sub : command.get_subcommands([](const CLI::App*) { return true; })) {
    cases(*sub, path.empty() ? sub->get_name() : path + " " + sub->get_name(), inherited, script);
  }
}

std::string bash_script(const CLI::App& app) {
  std::string inherited;
  for (const auto* option : app.get_options()) {
    for (const auto& name : option->get_lnames()) {
      if (name != "help" && name != "version") inherited += " --" + name;
    }
  }
  std::string table;
  cases(app, "", inherited, table);
  return "# bash completion of lotmark: source <(lotmark completion bash)\n"
         "_lotmark() {\n"
         "  local cur=${COMP_WORDS[COMP_CWORD]} path= words= word\n"
         "  for word in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do\n"
         "    [[ $word == [a-z]* && $word != *[./=]* ]] || continue\n"
         "    if _lotmark_words \"${path:+$path }$word\"; then path=\"${path:+$path }$word\"; fi\n"
         "  done\n"
         "  _lotmark_words \"$path\"\n"
         "  if [[ $cur == -* || $words == [a-z]* ]]; then\n"
         "    COMPREPLY=($(compgen -W \"$words\" -- \"$cur\"))\n"
         "  fi\n"
         "  [ ${#COMPREPLY[@]} -gt 0 ] || COMPREPLY=($(compgen -f -- \"$cur\"))\n"
         "}\n"
         "_lotmark_words() {\n"
         "  case $1 in\n" +
         table +
         "    *) return 1 ;;\n"
         "  esac\n"
         "}\n"
         "complete -o filenames -F _lotmark lotmark\n";
}

}  // namespace

void add_completion(CLI::App& app, Session& session) {
  auto* completion = app.add_subcommand("completion", "a script that completes words in a shell");
  completion->require_subcommand(1);
  completion->footer(examples({"source <(lotmark completion bash)"}));
  auto* bash = completion->add_subcommand("bash", "for bash");
  bash->footer(examples({"source <(lotmark completion bash)"}));
  bash->callback([&app, &session] { session.out.block(bash_script(app)); });
}

}  // namespace lotmark::cli
