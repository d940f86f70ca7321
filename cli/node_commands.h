// What the sources of subcommands that speak to a node have in common. Included by those that know CLI11.
#pragma once

#include <memory>

#include "cli/commands.h"

namespace lotmark::cli {

// Options of the profile stand on the app, so that they may come before or after the subcommand.
using Choice = std::shared_ptr<ProfileChoice>;

// A subcommand whose arguments live as long as the parser.
template <class Arguments>
std::shared_ptr<Arguments> bind(CLI::App* command, Session& session, const Choice& choice,
                                Exit (*run)(const Arguments&, Output&)) {
  auto arguments = std::make_shared<Arguments>();
  command->callback([arguments, choice, run, &session] {
    arguments->profile = *choice;
    session.exit = run(*arguments, session.out);
  });
  return arguments;
}

// revoke, recall, enrol, tainted, report, usage.
void add_chain_entries(CLI::App& app, Session& session, const Choice& choice);

}  // namespace lotmark::cli
