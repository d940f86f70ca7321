// Evidence of a device that signed two things for one place of its log, out of what an intake kept.
#pragma once

#include "ledger-node/chain/public/public_chain.h"

namespace lotmark::node {

// Two wires (a bundle's, or a gap object) of one device. Device-unknown if it is not enrolled here; whether they
// contradict each other is verify_evidence's to say: a bundle under a gap does not.
Result<Bytes> make_device_fork(const chain::PublicChain& chain, ByteView wire, ByteView other);

}  // namespace lotmark::node
