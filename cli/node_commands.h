// What the sources of subcommands that speak to a node have in common. Included by those that know CLI11.
#pragma once

#include <memory>

#include "cli/commands.h"

namespace lotmark::cli {

void add_rewrap(CLI::App& app, Session& session, const Choice& choice);
// revoke, recall, enrol, tainted, report, usage, mark, marks.
void add_chain_entries(CLI::App& app, Session& session, const Choice& choice);

}  // namespace lotmark::cli
