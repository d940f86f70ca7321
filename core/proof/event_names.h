// The prefixes of a document's @context that an event proof carries: as many as the event's canonical hash hangs on, and
// no more (docs/format/event_proof.md, check `hash`). Included by core/proof's own sources only.
#pragma once

#include "core/wire/event_proof.h"

namespace lotmark::proof {

// event-proof, saying what does not hold.
Status check_names(std::string_view body, const std::vector<EventPrefix>& names,
                   const Digest& hash);

}  // namespace lotmark::proof
