// What a node's chain.db knows of a lot beyond its receipt: recalled, superseded (docs/format/verdict.md, precedence).
#pragma once

#include <filesystem>

#include "core/proof/verdict.h"

namespace lotmark::cli {

// Makes the verdict worse where the chain does. Nothing of it can better one, and unknown and tampered stay.
Status add_what_chain_knows(const std::filesystem::path& chain_db, ByteView anchor,
                            proof::VerdictResult& result);

}  // namespace lotmark::cli
