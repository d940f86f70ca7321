#pragma once

#include "ledger-node/chain/public/public_chain.h"

namespace lotmark::chain {

// The channels a device was enrolled with, and their calibration then; read from its block. Empty where that block's
// body was cut.
Result<std::vector<EnrolledChannel>> enrolled_channels(const PublicChain& chain,
                                                       const Enrolled& device);

}  // namespace lotmark::chain
