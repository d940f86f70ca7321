// What a step's record tells of its sensors' calibration beside its claims. docs/format/private.md (births).
#pragma once

#include "ledger-node/chain/private/steps.h"

namespace lotmark::chain {

// Segments without salt: of each device whose births name a calibration of a channel of the step, those births; and for
// the public one note of the channels that the programme publishes, if any calibration is known of them. At most
// `room`; where births find none, none are told.
Result<std::vector<Segment>> calibration_segments(const StepContext& context, const LineStep& step,
                                                  const std::vector<Claim>& claims,
                                                  std::size_t room);

}  // namespace lotmark::chain
