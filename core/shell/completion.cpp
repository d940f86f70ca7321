#include "core/shell/completion.h"

#include <CLI/CLI.hpp>
#include <algorithm>

namespace lotmark::shell {

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

}  // namespace

std::string bash_completion(const CLI::App& app, const std::string& name, const std::string& how) {
  std::string inherited;
  for (const auto* option : app.get_options()) {
    for (const auto& word : option->get_lnames()) {
      if (word != "help" && word != "version") inherited += " --" + word;
    }
  }
  std::string table;
  cases(app, "", inherited, table);
  std::string f = "_" + name;
  std::ranges::replace(f, '-', '_');
  return "# bash completion of " + name + ": source <(" + how + ")\n" + f +
         "() {\n"
         "  local cur=${COMP_WORDS[COMP_CWORD]} path= words= word\n"
         "  for word in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do\n"
         "    [[ $word == [a-z]* && $word != *[./=]* ]] || continue\n"
         "    if " +
         f +
         "_words \"${path:+$path }$word\"; then path=\"${path:+$path }$word\"; fi\n"
         "  done\n"
         "  " +
         f +
         "_words \"$path\"\n"
         "  if [[ $cur == -* || $words == [a-z]* ]]; then\n"
         "    COMPREPLY=($(compgen -W \"$words\" -- \"$cur\"))\n"
         "  fi\n"
         "  [ ${#COMPREPLY[@]} -gt 0 ] || COMPREPLY=($(compgen -f -- \"$cur\"))\n"
         "}\n" +
         f +
         "_words() {\n"
         "  case $1 in\n" +
         table +
         "    *) return 1 ;;\n"
         "  esac\n"
         "}\n"
         "complete -o filenames -F " +
         f + " " + name + "\n";
}

}  // namespace lotmark::shell
