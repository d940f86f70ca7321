// What lotmark-api is measured on: a chain.db of released lots, and a configuration for it.
#pragma once

#include <filesystem>
#include <string>

#include "core/base/result.h"

namespace lotmark::bench {

struct SiteToMake {
  std::filesystem::path folder;  // made if it is not there
  std::uint16_t port = 0;        // of the API, at loopback
  unsigned lots = 1000;
};

// Writes chain.db, anchor, links.toml, page/ and api.toml. All lots are final under the votes of every supervisor.
Status make_site(const SiteToMake& site);

// "06901234567892"; the n-th lot's number, from 1, each as long as the others so that their answers are.
std::string made_gtin();
std::string made_lot(unsigned n);

}  // namespace lotmark::bench
