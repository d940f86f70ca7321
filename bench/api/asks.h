// What is asked of the API, as whole requests.
#pragma once

#include <string>
#include <vector>

#include "core/base/result.h"

namespace lotmark::bench {

// A read of lots that are known: "verify", and of the resolver "default", "pip", "linkset" and "json".
struct Ask {
  std::string_view name;
  std::string_view prefix;  // GTIN follows, then `middle`, a lot, and `suffix`
  std::string_view middle;
  std::string_view suffix;
  std::string_view accept;
  int status;
};

// usage, naming those there are.
Result<Ask> find_ask(std::string_view name);
// For `lots` lots, by the numbers of made.h. `closing`: to end the connection after the answer.
std::vector<std::string> read_requests(const Ask& ask, unsigned lots, bool closing = false);

// POST /capture of `documents` documents of so many events each, from the `first` on, that come as from a proxy which
// verified the certificate with common name `who`.
std::vector<std::string> capture_requests(unsigned first, unsigned documents, int events,
                                          const std::string& who, bool closing = false);

}  // namespace lotmark::bench
