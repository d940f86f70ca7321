// What the machine says of itself.
#pragma once

#include "core/base/clock.h"
#include "core/wire/enums.h"

namespace lotmark::agent {

// Another text after each boot of the system.
std::string boot_id();
// Synchronised if the kernel's clock is disciplined; unset if it stands before this program could exist.
ClockState clock_state(Time now);

}  // namespace lotmark::agent
