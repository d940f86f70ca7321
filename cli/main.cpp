// lotmark: the operator's tool.
#include <iostream>

#include "cli/app.h"
#include "cli/output.h"

int main(int argc, char** argv) {
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  return lotmark::cli::run(arguments, std::cout, std::cerr, lotmark::cli::standard_screen());
}
