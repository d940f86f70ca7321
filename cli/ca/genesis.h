// Statement 0, the genesis block and the anchor from a description and its keys.
#pragma once

#include "cli/ca/layout.h"
#include "core/wire/receipt.h"

namespace lotmark::cli {

// A line definition with kids in place of names.
LineFile make_line(const LinePlan& line, const PublicKeys& keys);
// Statement 0: members by kid, programmes by id, everything enrolled.
Membership make_membership(const ConsortiumPlan& plan, const PublicKeys& keys);
// The anchor, opened once more by the verifier's own code before it is given out.
Result<Bytes> make_anchor(const Membership& membership, const Signer& root, Time now);

}  // namespace lotmark::cli
