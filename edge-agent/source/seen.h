// The last reading of each channel of a source: where a record is lost that cannot be read, the gap is
// declared on them.
#pragma once

#include <map>
#include <optional>
#include <vector>

#include "edge-agent/source/reading.h"

namespace lotmark::agent {

class Seen {
 public:
  // Channels beyond the sixty-fourth are not kept.
  void note(const std::vector<Reading>& readings);
  // A gap on each channel, at `t` or, if that is later, at its last reading. Left out is what was declared less
  // than a second before, with no reading since: a flood of bad records is no flood of gaps.
  std::vector<Reading> lost(GapReason reason, std::int64_t t);

 private:
  struct Channel {
    Reading last;
    std::optional<Reading> gap;  // declared since
  };
  std::map<std::string, Channel, std::less<>> channels_;
};

}  // namespace lotmark::agent
