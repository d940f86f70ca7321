// --calibration of `lotmark enrol device`.
#pragma once

#include "core/wire/sign1.h"

namespace lotmark::cli {

// "t=DKD-2026-1187,20260105,-0.05,0.10" (channel, certificate, its date, offset, accuracy) into the channel of that
// name; the certificate may hold commas. usage where it is written otherwise or no channel has the name.
Status calibrate(const std::string& option, std::vector<EnrolledChannel>& channels);

}  // namespace lotmark::cli
