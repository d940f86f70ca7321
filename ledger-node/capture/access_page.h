// The access log as its readers see it: rows of private.db in order, and the page that GET /control/v1/accesses answers
// (docs/operate/peer.md). `lotmark accesses --private` reads a file by the same.
#pragma once

#include "core/store/database.h"
#include "ledger-node/capture/access_request.h"

namespace lotmark::node {

inline constexpr std::size_t kAccessPage = 500;  // entries of a page, at most

struct StoredAccess {
  std::uint64_t n = 0;
  std::uint64_t logged = 0;  // ms UTC, by the node's clock
  KeyId by;                  // who brought it
  AccessEntry entry;
  std::optional<Digest> record;  // commitment of the period record it stands in
};

// Entries behind row `after`, in order. Errors of the database, and of an entry that cannot be read.
Result<std::vector<StoredAccess>> read_accesses(const store::Database& private_db,
                                                std::uint64_t after, std::size_t limit);

// {"accesses": [...], "next": what to ask after, or null}: a page of kAccessPage.
std::string access_page_json(const std::vector<StoredAccess>& page);

}  // namespace lotmark::node
