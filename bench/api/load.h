// Many callers from one thread, each with a connection that is kept, none with two requests at a time.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "core/base/result.h"

namespace lotmark::bench {

struct LoadPlan {
  std::uint16_t port = 0;
  bool tls =
      false;  // the server's certificate is taken as it is: what is measured is this machine's own
  unsigned connections = 64;
  double seconds = 3;                   // measured, behind a tenth of it that is not
  int status = 200;                     // of every answer; another one ends the run
  std::vector<std::string> requests{};  // whole, sent in turn
  bool once = false;                    // each request once; over when all are answered
};

struct LoadFigures {
  double rate = 0;  // answers a second
  double p50_ms = 0, p99_ms = 0, most_ms = 0;
  std::size_t answers = 0;
};

// network: a connection failed, or ended before its answer; internal: an answer of another status.
Result<LoadFigures> run_load(const LoadPlan& plan);

}  // namespace lotmark::bench
