// What the machine says of itself.
#pragma once

#include "core/base/clock.h"

namespace lotmark::agent {

// Another text after each boot of the system.
std::string boot_id();
// Since the system was booted, sleep included: nobody sets it.
Millis boottime();
// The kernel's clock is disciplined by somebody who knows the time.
bool clock_disciplined();

}  // namespace lotmark::agent
