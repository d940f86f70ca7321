// What goes wrong in a run, drawn from its seed: from nothing at all to everything at once.
#pragma once

#include "tests/sim/clients.h"
#include "tests/sim/plot.h"

namespace lotmark::sim {

enum class Level { kCalm, kRain, kStorm, kHell };
std::string_view name(Level level);

class Storm {
 public:
  // Sets clocks and weather at once. `cluster` must outlive it; its nodes are down still. With plots: also those.
  Storm(Cluster& cluster, Level level, bool plots);
  // Faults come from now on; nodes that are down come back after a while.
  void begin();
  // Everything is mended: wires, disks, power. Clocks stay wrong.
  void end();

 private:
  void next_fault();
  void fault();
  void watch();
  void strike(SimNode& n);
  void ambush();
  void trouble_order();
  void trouble_engine();
  void part();
  void fill_disk(SimNode& n);
  Weather draw_weather();
  Millis draw_offset();
  SimNode& any();

  Cluster& cluster_;
  Draw draw_;
  Level level_;
  std::optional<Plot> plot_;
  bool over_ = true;
  std::map<std::size_t, Time> back_at_;  // of nodes that are down
};

}  // namespace lotmark::sim
