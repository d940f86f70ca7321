// The whole of `lotmark` but its main: parses, runs, says how it ended. Tests call it as a shell
// would.
#pragma once

#include <ostream>
#include <string>
#include <vector>

#include "cli/output.h"

namespace lotmark::cli {

// `arguments` without the program's name. The exit code: docs/operate/cli.md.
int run(const std::vector<std::string>& arguments, std::ostream& out, std::ostream& err,
        Screen screen);

}  // namespace lotmark::cli
