// `lotmark page`: the consumer's page for one consortium, its anchor built in.
#pragma once

#include "cli/output.h"

namespace lotmark::cli {

struct PageArguments {
  std::string anchor;
  std::string out;     // folder; made, must not hold anything
  std::string assets;  // empty: ../share/lotmark/page beside the program's folder
  std::string origin;  // where the API is reached, "https://host"; empty: where the page comes from
};
Exit run_page(const PageArguments& arguments, Output& out);

}  // namespace lotmark::cli
