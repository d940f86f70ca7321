// [sealing] out of a node's file. Included by the files that read one.
#pragma once

#include "ledger-node/config_reader.h"
#include "ledger-node/sealing_config.h"

namespace lotmark::node {

// Nothing where `section` is null. Faults go to `r`.
void read_sealing(Reading& r, const toml::node* section, std::optional<SealingConfig>& out);

}  // namespace lotmark::node
