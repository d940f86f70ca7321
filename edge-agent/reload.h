// What differs between the configuration in force and the next one. No I/O.
#pragma once

#include <string>

#include "edge-agent/config/config.h"

namespace lotmark::agent {

struct ReloadPlan {
  std::string fixed;  // the first line that differs and changes only with a restart; empty: none
  bool keys = false;  // of the nodes
  bool connection = false;  // brokers, what is subscribed to, pace
  bool alarms = false;
};
ReloadPlan plan_reload(const Config& now, const Config& next);
// The same source with the same options: it goes on undisturbed.
bool same_source(const SourceConfig& a, const SourceConfig& b);

}  // namespace lotmark::agent
