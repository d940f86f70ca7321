// Ties each subcommand's options to the function that does it. Included by the sources that know
// CLI11.
#pragma once

#include <CLI/CLI.hpp>

#include "cli/node/profile.h"
#include "cli/output.h"

namespace lotmark::cli {

// What a run of the parser leaves: how the one subcommand that ran ended.
struct Session {
  Output& out;
  Exit exit = Exit::kDone;
};

// Options of the profile stand on the app, so that they may come before or after the subcommand.
using Choice = std::shared_ptr<ProfileChoice>;

// What runs when the subcommand was given. Its arguments live as long as the parser; a profile among them is the app's.
template <class Arguments>
std::shared_ptr<Arguments> bind(CLI::App* command, Session& session,
                                Exit (*run)(const Arguments&, Output&)) {
  static_assert(
      !requires(Arguments a) { a.profile; }, "its profile would stay empty");
  auto arguments = std::make_shared<Arguments>();
  command->callback([arguments, run, &session] { session.exit = run(*arguments, session.out); });
  return arguments;
}
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
inline void bind(CLI::App* command, Session& session, const Choice& choice,
                 Exit (*run)(const ProfileChoice&, Output&)) {
  command->callback([choice, run, &session] { session.exit = run(*choice, session.out); });
}

// Each keeps its options in the app's callbacks and adds its help with examples.
void add_file_commands(CLI::App& app,
                       Session& session);  // ca, verify, evidence, audit, label, page
void add_backup_commands(CLI::App& app, Session& session);  // backup, restore, standby
void add_node_commands(CLI::App& app, Session& session);    // batch, review, chain, receipt, status
// member and root; the profile's options are the app's own.
void add_member_commands(CLI::App& app, Session& session,
                         const std::shared_ptr<ProfileChoice>& choice);
void add_token_commands(CLI::App& app, Session& session);   // token
void add_sealed_commands(CLI::App& app, Session& session);  // key, segment
void add_nginx_command(CLI::App& app, Session& session);    // nginx
void add_completion(CLI::App& app, Session& session);

// "Examples:" and the lines, for a subcommand's footer.
std::string examples(std::initializer_list<const char*> lines);

}  // namespace lotmark::cli
