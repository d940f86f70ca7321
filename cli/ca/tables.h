// Readers of tables that stand in consortium.toml and in files of their own. Included by the few .cpp files that read TOML.
#pragma once

#include "cli/ca/description.h"
#include "cli/toml_reader.h"

namespace lotmark::cli {

// Each notes what is wrong as a fault.
Role role_word(TableReader& t, const std::string& text);
GivenKey given_key(TableReader& t, const char* key = "public_key");  // where it is there
std::vector<Role> read_roles(TableReader& t);                        // `roles`, ascending
std::vector<std::string> read_prefixes(TableReader& t);
ProgrammePlan read_programme(TableReader t);  // a whole table; its lines as they are named

}  // namespace lotmark::cli
