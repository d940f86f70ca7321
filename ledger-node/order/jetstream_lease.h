// The lease's message: CBOR [holder kid bstr16, term uint, beat uint], in the profile of docs/format/cbor.md. It
// lives in the engine alone and is signed by nobody: it says who may order, never that a block is right.
#pragma once

#include "ledger-node/order/order_log.h"

namespace lotmark::node {

inline constexpr std::size_t kLeaseBytesMax = 64;

Bytes encode_lease(const Lease& lease);
// What is not exactly such an array is an error.
Result<Lease> decode_lease(ByteView bytes);

}  // namespace lotmark::node
