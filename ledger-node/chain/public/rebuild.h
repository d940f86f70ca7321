// A chain.db that cannot be opened: what can be read and proven of it goes into a new file, and the old one is moved
// aside, never deleted. What is lacking then comes from other nodes.
#pragma once

#include "core/base/clock.h"
#include "ledger-node/chain/public/public_chain.h"

namespace lotmark::chain {

struct Rebuilt {
  std::filesystem::path aside;  // where the old file is
  std::uint64_t blocks = 0;     // taken over, the genesis among them
  std::uint64_t disclosures = 0;
  // What this node signed and promised was whole, or it had promised nothing. Else it recovers as one that forgot
  // (docs/adr/0013).
  bool memory = false;
};

// One process has the file. It may end at any moment: begun again, this goes on or begins anew. conflict, and nothing is
// touched, where the file is of another consortium or of a newer program.
Result<Rebuilt> rebuild_chain(const std::filesystem::path& file, ByteView anchor, Time now);
// Ends what a crash interrupted when the files were exchanged. To be called before the file is opened.
Status finish_rebuild(const std::filesystem::path& file);

// Asks for it at the next start, because the file cannot be used any more in a way that its opening does not show.
Status ask_for_rebuild(const std::filesystem::path& file);
bool rebuild_asked(const std::filesystem::path& file);

}  // namespace lotmark::chain
