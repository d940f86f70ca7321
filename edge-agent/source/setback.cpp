#include "edge-agent/source/setback.h"

#include "core/base/log.h"

namespace lotmark::agent {

namespace {
constexpr Millis kFirstAgain{1000};
constexpr Millis kMostAgain{8000};
}  // namespace

Setback::Setback(std::string source)
    : source_(std::move(source)), pauses_(kFirstAgain, kMostAgain) {}

Millis Setback::failed(const Error& error) {
  if (!lasts()) log::warn("source.waits", {{"source", source_}, {"error", error.message()}});
  return pauses_.failed();
}

void Setback::over() {
  if (lasts()) log::info("source.goes_on", {{"source", source_}});
  pauses_.succeeded();
}

}  // namespace lotmark::agent
