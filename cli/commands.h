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

// Each keeps its options in the app's callbacks and adds its help with examples.
void add_file_commands(CLI::App& app,
                       Session& session);  // ca, verify, evidence, audit, label, page
void add_backup_commands(CLI::App& app, Session& session);  // backup, restore, standby
void add_node_commands(CLI::App& app, Session& session);    // batch, review, chain, receipt, status
// member and root; the profile's options are the app's own.
void add_member_commands(CLI::App& app, Session& session,
                         const std::shared_ptr<ProfileChoice>& choice);
void add_completion(CLI::App& app, Session& session);

// "Examples:" and the lines, for a subcommand's footer.
std::string examples(std::initializer_list<const char*> lines);

}  // namespace lotmark::cli
