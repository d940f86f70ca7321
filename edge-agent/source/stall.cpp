#include "edge-agent/source/stall.h"

#include "core/base/log.h"

namespace lotmark::agent {

namespace {
constexpr Millis kTakesLong{2000};
constexpr Millis kToldAgain{60000};
}  // namespace

Stall::Stall(std::string source, const Clock& clock)
    : source_(std::move(source)), clock_(clock), told_(kToldAgain) {}

bool Stall::put(Sink& sink, std::vector<Reading> readings) {
  const Time from = clock_.now();
  const auto begin = std::chrono::steady_clock::now();
  if (!sink.put(std::move(readings))) return false;
  const auto end = std::chrono::steady_clock::now();
  if (end - begin < kTakesLong) return true;
  if (!since_) since_ = from;
  if (const auto left_out = told_.due(end)) {
    log::warn("source.held_back",
              {{"source", source_},
               {"held_ms", std::chrono::duration_cast<Millis>(end - begin).count()},
               {"left_out", *left_out}});
  }
  return true;
}

}  // namespace lotmark::agent
