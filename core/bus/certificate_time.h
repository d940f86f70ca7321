// The time that brokers' certificates are held against. A machine that woke up in 1970 would refuse each of them as not
// yet valid, and never hear what time it is (docs/adr/0031).
#pragma once

#include <optional>
#include <shared_mutex>

#include "core/base/clock.h"
#include "core/base/result.h"

namespace lotmark::bus {

// For every TLS client of this process from now on; nothing: the system's clock. Chain, names and signatures are checked
// as ever. Waits for handshakes that hold the lock.
Status hold_certificates_against(const std::optional<Time>& time);
// Held while shaking hands, so that the time does not change meanwhile.
std::shared_lock<std::shared_mutex> certificate_time_lock();

}  // namespace lotmark::bus
