// Who may call which route: one table, nothing open by default (docs/operate/peer.md).
#pragma once

#include "core/wire/public_level.h"
#include "ledger-node/peer/call.h"

namespace lotmark::node {

// denied unless the table names the method and path for a role the member has; not-found for no such route.
Status may_call(const Call& call, const Route& route, const Member& member);
// The same of an enterprise's own standby, which is no member.
Status standby_may_call(const Call& call, const Route& route);

}  // namespace lotmark::node
