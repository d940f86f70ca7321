// Completion of words in a shell, written from the parser itself: it cannot lag behind.
#pragma once

#include <string>

namespace CLI {
class App;
}

namespace lotmark::shell {

// A script for bash, of the program `name`; `how` is the command that prints it.
std::string bash_completion(const CLI::App& app, const std::string& name, const std::string& how);

}  // namespace lotmark::shell
