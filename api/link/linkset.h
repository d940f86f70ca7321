// Linksets as JSON (RFC 9264 section 4.2), in the shape of GS1's schema for resolvers (linkset-schema 1.2.0).
#pragma once

#include <string>
#include <vector>

#include "api/link/choose.h"

namespace lotmark::link {

// One link context object: what the URI `anchor` links to.
struct LinkContext {
  std::string anchor;
  std::string description;
  std::vector<Offer>
      defaults;  // the first is the default link; several: they are also written as defaultLinkMulti
  std::vector<Offer> offers;
};

// Links stand below their types in the order of `offers`. The default link has href and title alone.
std::string write_linkset(const std::vector<LinkContext>& contexts);

}  // namespace lotmark::link
