// Which of several links of one type fits a request best (GS1-Conformant Resolver 1.2: context, Accept-Language, Accept).
#pragma once

#include <string>
#include <vector>

#include "api/link/ask.h"
#include "api/link/links.h"

namespace lotmark::link {

// A link with its places filled.
struct Offer {
  const Target* target = nullptr;
  std::string href;
};

// Those that fit best, in their order; none only if there are none. First the context asked for counts, then that the
// media type is wanted at all, then the language, then how much the type is wanted; links that say nothing of it stand
// between what fits and what does not. A header that was not sent prefers nothing.
std::vector<Offer> best_of(std::vector<Offer> offers, const Ask& ask);

}  // namespace lotmark::link
