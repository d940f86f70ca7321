// SenML (RFC 8428) in JSON, a pack or a record a line, to readings. Base fields hold within their line.
#pragma once

#include <string_view>
#include <vector>

#include "core/base/clock.h"
#include "core/base/result.h"
#include "edge-agent/source/csv.h"

namespace lotmark::agent {

struct SenmlOptions {
  // By SenML name (bn and n joined). Empty: every name is a channel, with the record's unit and `exp`.
  std::vector<Column> columns;
  std::int64_t exp = -3;
  bool round = false;  // else a value with more digits than exp keeps is a declared gap
};

// `now` stands for times that are missing or relative (below 2^28); without it such a line is refused.
// A record with vs becomes a text reading; records without v or vs are passed over; a v that is no number, or a
// vs that is no text, becomes a not-a-number gap. field-range, and nothing of the line: no JSON (a number that no
// double holds is none), no SenML, a time, name or unit of another kind, or a field that must be understood and
// is not.
Result<std::vector<Reading>> read_senml(std::string_view line, const SenmlOptions& options,
                                        std::optional<Time> now);

}  // namespace lotmark::agent
